import { english } from './english/english.ts'
import type { FreeTextLanguage } from './rule.ts'
import { spanish } from './spanish/spanish.ts'

/** Languages in which names are found and themes counted. A new one is a folder beside these and a line here. */
export const freeTextLanguages: readonly FreeTextLanguage[] = [english, spanish]

/** What a comment can be about, in every language the same. */
export const themes = {
  waiting: 'Waiting and speed',
  staff: 'People who work there',
  information: 'Information and clarity',
  communication: 'Letters, calls and answers',
  digital: 'Website and online',
  forms: 'Forms and documents',
  place: 'Place and opening hours',
  cost: 'Cost and payment',
  decision: 'The decision',
  quality: 'Whether it was done right',
} as const
export type Theme = keyof typeof themes
export const themeIds = Object.keys(themes) as [Theme, ...Theme[]]
