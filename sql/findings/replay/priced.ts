import { addDays, parseISO } from 'date-fns'
import type { Period } from '../../filters.ts'
import { laterOf } from '../../period.ts'
import type { Drawn } from '../books.ts'
import { dayOf, iso } from '../weeks.ts'
import { casesOf } from './cases.ts'
import { costOf } from './cost.ts'

/** Findings of one service, the period they are priced for, and its cases as the store tells them. */
export type Unpriced = { found: readonly Drawn[]; period: Period; cases: string }

/** The findings with what they cost, where leading the cases through the service once more can tell. */
export function priced({ found, period: { from, until }, cases: text }: Unpriced): Drawn[] {
  const cases = casesOf(text)
  return found.map((drawn) => {
    const since = sinceOf(drawn)
    const moments = { change: secondOf(since), from: secondOf(laterOf(from, since)), until: secondOf(until) }
    return { ...drawn, ...costOf(drawn, cases, moments) }
  })
}

/** The day on which it began, most likely. */
export const sinceOf = ({ step }: Drawn): string => iso(addDays(parseISO(dayOf(step.at)), step.day))
/** The first second of a day, in seconds of local time. */
const secondOf = (day: string): number => Date.parse(day) / 1000
