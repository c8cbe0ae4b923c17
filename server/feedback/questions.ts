import type { AnswerRow } from '../../pipelines/sources/answerBox.ts'
import { commentCharacters, drivers } from '../../pipelines/streams.ts'

export const driverNames = Object.keys(drivers) as (keyof typeof drivers)[]

/** Fields of the form. `rating` is also "none": no opinion. */
export const fieldNames = ['rating', ...driverNames, 'recommend', 'comment'] as const
export type FieldName = (typeof fieldNames)[number]

/** What was typed, as it came. */
export type Typed = Partial<Record<FieldName, string>>
/** What is wrong with a field, as a key of the texts. */
export type Mistake = { field: FieldName; why: 'missing' | 'not_a_choice' | 'too_long' }

/** Scripts and styles cannot be told from words here; they stay words, because every page escapes what it shows. */
const clean = (text: string): string =>
  text
    .replace(/\r\n?/g, '\n')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: those that no person types
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, '')
    .trim()

export function readTyped(body: URLSearchParams): Typed {
  const typed: Typed = {}
  for (const name of fieldNames) {
    const given = body.get(name)
    if (given !== null) typed[name] = name === 'comment' ? clean(given) : given.trim()
  }
  return typed
}

/** The answer as fields of an outcome, or what is wrong with it. */
export function judge(typed: Typed): { answer: Omit<AnswerRow, 'outcome_id'> } | { mistakes: Mistake[] } {
  const mistakes: Mistake[] = []
  const answer: Record<string, string | number | boolean> = {}
  const number = (field: FieldName, least: number, most: number): void => {
    const given = typed[field] ?? ''
    if (given === '') return
    if (/^\d{1,2}$/.test(given) && Number(given) >= least && Number(given) <= most)
      answer[field] = Number(given)
    else mistakes.push({ field, why: 'not_a_choice' })
  }
  if ((typed.rating ?? '') === '') mistakes.push({ field: 'rating', why: 'missing' })
  else if (typed.rating === 'none') answer.no_opinion = true
  else number('rating', 1, 5)
  for (const driver of driverNames) number(driver, 1, 5)
  number('recommend', 0, 10)
  const comment = typed.comment ?? ''
  if ([...comment].length > commentCharacters) mistakes.push({ field: 'comment', why: 'too_long' })
  else if (comment !== '') answer.comment = comment
  return mistakes.length > 0 ? { mistakes } : { answer }
}
