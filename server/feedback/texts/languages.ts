import { parseAccept } from 'hono/utils/accept'
import { en, type Texts } from './en.ts'
import { es } from './es.ts'

/** Languages of the form, the first one where nothing else fits. A new one is a file beside these and a line here. */
export const languages = { en, es } satisfies Record<string, Texts>
export type Language = keyof typeof languages
export const languageTags = Object.keys(languages) as Language[]

const known = (tag: string): Language | undefined =>
  languageTags.find((each) => each === tag.toLowerCase().split('-')[0])

/** The language of the address, else the one the browser would like best. */
export function chooseLanguage(asked: string | undefined, accepted: string | undefined): Language {
  const first = asked === undefined ? undefined : known(asked)
  if (first) return first
  const liked = parseAccept(accepted ?? '').sort((a, b) => b.q - a.q)
  for (const { type, q } of liked) {
    const found = q > 0 ? known(type) : undefined
    if (found) return found
  }
  return 'en'
}
