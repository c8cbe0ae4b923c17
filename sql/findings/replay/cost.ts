import type { Sign } from '../sign.ts'
import type { Case } from './cases.ts'
import { replay } from './replay.ts'
import { Service } from './service.ts'
import { without } from './without.ts'

/**
 * What a change cost between two moments in person-hours of the whole service: the cases that came are led through the service twice, as it is
 * and as it was before the change, and the hours compared. Null where that cannot be told: the log shows too little, or what is led
 * through once more does not take the hours it took.
 */
export function costOf(
  sign: Sign,
  told: readonly Case[],
  { change, from, until }: { change: number; from: number; until: number },
): number | null {
  if (told.length === 0 || !isReplayable(sign)) return null
  const service = new Service(told, change, until)
  if (sign.kind === 'capacity') {
    const teams = new Set(
      told
        .flatMap(({ visits }) => visits.filter(({ stage }) => stage === sign.stage))
        .map(({ team }) => team),
    )
    const short = [...teams].filter((team) => service.isShort(team))
    if (short.length === 0) return null
  }
  const cases = service.whole()
  const others = without(sign, service, cases)
  if (!others || !service.isReproduced(cases, until)) return null
  const hours = (of: readonly Case[], isBefore: boolean) => replay(of, service.office(isBefore), from, until)
  return hours(cases, false) - hours(others, true)
}

const isReplayable = ({ kind }: Sign): boolean => kind !== 'batching' && kind !== 'clock_stops'
