import { addDays, parseISO } from 'date-fns'
import type { Period } from '../../filters.ts'
import { laterOf } from '../../period.ts'
import type { Drawn } from '../books.ts'
import { dayOf, iso } from '../weeks.ts'
import { casesOf } from './cases.ts'
import { costOf } from './cost.ts'
import { isTold, proofOf } from './proof.ts'
import { Service } from './service.ts'

/** Findings of one service, the period they are priced for, and its cases as the store tells them. */
export type Unpriced = { found: readonly Drawn[]; period: Period; cases: string }

/**
 * The findings with what they cost, where leading the cases through the service once more can tell. Those that the cases refute are left out,
 * and those that they have to prove and do not.
 */
export function priced({ found, period: { from, until }, cases: text }: Unpriced): Drawn[] {
  const cases = casesOf(text)
  if (cases.length === 0) return found.filter(({ toProve }) => !toProve)
  const standing = found.flatMap((drawn): Drawn[] => {
    const since = sinceOf(drawn)
    const moments = { from: secondOf(laterOf(from, since)), until: secondOf(until) }
    const service = new Service(cases, secondOf(since), moments.until)
    const proof = proofOf(drawn, service)
    if (!isTold(drawn, proof)) return []
    const step = proof === null ? drawn.step : { ...drawn.step, z: Math.max(proof, drawn.step.z) }
    return [{ ...drawn, step, ...costOf(drawn, service, moments) }]
  })
  // a proven segment is why people stay longer at its stage
  const isExplained = ({ stage, measure, segment }: Drawn) =>
    measure === 'stay' && segment === null && standing.some((other) => other.toProve && other.stage === stage)
  return standing.filter((drawn) => !isExplained(drawn))
}

/** The day on which it began, most likely. */
export const sinceOf = ({ step }: Drawn): string => iso(addDays(parseISO(dayOf(step.at)), step.day))
/** The first second of a day, in seconds of local time. */
const secondOf = (day: string): number => Date.parse(day) / 1000
