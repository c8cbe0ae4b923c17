/** What is taken out of a free text: a pattern of RE2 (no look-around), and what is put in its place (`\1` is the first group). */
export type Rule = { pattern: string; put: string }

/** What a language brings: a file of rules, and words that tell what a comment is about. */
export type FreeTextLanguage = {
  /** The first part of its BCP 47 tag. */
  tag: string
  rules: readonly Rule[]
  /** Words and beginnings of words (`wait*`) of each theme, lower case; a theme may have several words in a row. */
  themes: Readonly<Record<string, readonly string[]>>
}

/** The words of a list as alternatives of a pattern. */
export const anyOf = (list: string | readonly string[]): string =>
  `(?:${(typeof list === 'string' ? list.trim().split(/\s+/) : list).map((word) => word.replace(/[.'?]/g, '\\$&')).join('|')})`

/** A place where a word may begin: patterns have to keep the sign before it, so it is their first group. */
export const start = String.raw`(^|[^\p{L}\p{N}])`
/** A word with a capital letter, and not all of it capitals. */
export const capitalised = String.raw`(?:\p{Lu}['’]?\p{Lu}?\p{Ll}[\p{L}'’-]*)`
export const particle = '(?:de|da|del|van|von|der|den|la|le|bin|al|el)'
/** What may come between the parts of one name. */
export const between = `[ \\t]+(?:\\p{Lu}\\.[ \\t]*)?(?:${particle}[ \\t]+)*`
