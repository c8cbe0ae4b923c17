import type { Sign } from '../sign.ts'
import { longerSince } from './longer.ts'
import type { Service } from './service.ts'
import { isOf } from './without.ts'

/**
 * By how many standard errors the work of a segment takes longer than it did while that of the others does not, where only completions are told: work
 * as it follows from the order in which visits end, so that what swings the queue is not in it. 0 where it does not. Null where starts are
 * told, or where that order does not tell the work, as when cases lie somewhere after they were worked on.
 */
export function proofOf(sign: Sign, service: Service): number | null {
  if (sign.kind !== 'segment' || sign.measure !== 'stay' || service.isTold) return null
  const longer = (isOwn: boolean) =>
    longerSince(service, (of, visit) => visit.stage === sign.stage && isOf(sign, of, visit) === isOwn)
  const [own, others] = [longer(true), longer(false)]
  if (!own || !others) return null
  if (others.change < -surely * others.error) return null
  const isOwnAlone = own.change > smallestFactor && others.change < shared * own.change
  return isOwnAlone ? own.change / own.error : 0
}

/** Whether a change is told once the cases were asked: what they have to prove is proven, and what they can refute is not refuted. */
export const isTold = ({ toProve }: Sign, proof: number | null): boolean =>
  toProve ? proof !== null && proof >= surely : proof === null || proof >= doubtful

/** So many standard errors are proof: a few segments are looked at like this. */
const surely = 5
/** What measures fewer in the work itself was a swing of the queue. */
const doubtful = 3.5
const smallestFactor = Math.log(1.1)
const shared = 0.4
