import type { Period } from '../filters.ts'
import { between } from './between.ts'
import type { Drawn } from './books.ts'
import { draw } from './draw.ts'
import { type EvidenceText, evidenceOf } from './evidence.ts'
import { shareOf } from './weeks.ts'

/** What findings of a period are drawn from; of all services where none is given. Weeks as in `draw`. */
export type Undrawn = {
  evidence: EvidenceText
  services: readonly string[]
  period: Period
  /** Weeks before `first`, and after `last`, are left out. */
  first: number
  last: number
  lastWhole: number
}

/** The findings that the evidence gives. */
export const drawn = ({ evidence, services, period, first, last, lastWhole }: Undrawn): Drawn[] =>
  draw(between(evidenceOf(evidence, services), first, last), shareOf(period), last, lastWhole)
