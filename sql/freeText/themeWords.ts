import { freeTextLanguages } from './languages.ts'

const lists = freeTextLanguages.flatMap(({ tag, themes }) =>
  Object.entries(themes).map(([theme, words]) => ({ tag, theme, words })),
)

/** The words of the themes as SQL parameters: three lists of the same length. Texts are looked through as ' word word '. */
export const themeWords = {
  theme_languages: lists.map(({ tag }) => tag),
  theme_names: lists.map(({ theme }) => theme),
  theme_words: lists.map(({ words }) =>
    words.map((word) => (word.endsWith('*') ? ` ${word.slice(0, -1)}` : ` ${word} `)),
  ),
}
