import type { Sign } from '../sign.ts'
import type { Case } from './cases.ts'
import { replay } from './replay.ts'
import type { Service } from './service.ts'
import { without } from './without.ts'

/**
 * What a change cost between two moments in person-hours of the whole service: the cases that came are led through the service twice, as it
 * is and as it was before the change, and the hours compared. Where only completions are told this also says what the change is. Null
 * where it cannot be told: the log shows too little, or what is led through once more does not take the hours it took.
 */
export function costOf(
  sign: Sign,
  service: Service,
  { from, until }: { from: number; until: number },
): { kind: Sign['kind']; extra: number } | null {
  const kind = kindOf(sign, service)
  if (kind === null) return null
  const cases = service.whole()
  const others = without({ ...sign, kind }, service, cases)
  if (!others || !service.isReproduced(cases, until)) return null
  const hours = (of: readonly Case[], isBefore: boolean) => replay(of, service.office(isBefore), from, until)
  return { kind, extra: hours(cases, false) - hours(others, true) }
}

/** Whether leading cases through a service once more can tell what a change of this kind cost. */
export const isReplayable = ({ kind }: Sign): boolean => kind !== 'batching' && kind !== 'clock_stops'

/** Where people only stay longer, fewer people are told from slower work by who is done before whom. Null: fewer people, but not seen so. */
function kindOf(sign: Sign, service: Service): Sign['kind'] | null {
  const isUnsure = sign.measure === 'stay' && sign.segment === null && !service.isTold
  if (sign.kind !== 'capacity' && !(sign.kind === 'slower_stage' && isUnsure)) return sign.kind
  const short = service.teamsOf(sign.stage).filter((team) => service.isShort(team))
  if (short.length > 0) return 'capacity'
  return isUnsure ? 'slower_stage' : null
}
