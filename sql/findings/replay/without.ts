import { grouped, type Sign } from '../sign.ts'
import type { Case, Visit } from './cases.ts'
import { longerSince } from './longer.ts'
import { drawn, type Service } from './service.ts'

/**
 * The cases as they would have come, gone and been worked on without a change. Null where the log does not show what the change would
 * undo.
 */
export function without(sign: Sign, service: Service, cases: readonly Case[]): Case[] | null {
  switch (sign.kind) {
    case 'arrivals': {
      const usual = Math.exp(-sign.step.change)
      return cases.filter(({ arrived }, place) => arrived < service.change || drawn(place, 1) < usual)
    }
    case 'mix_shift':
      return withoutTurned(sign, service, cases)
    case 'rework':
      return withoutReturns(sign, service, cases)
    case 'slower_stage':
    case 'segment':
      return withoutSlowness(sign, service, cases)
    case 'capacity':
      return [...cases]
    default:
      return null
  }
}

/** Is a visit one of the segment? */
export function isOf(sign: Sign, of: Case, visit: Visit): boolean {
  const { dimension, value } = sign.segment ?? { dimension: '', value: '' }
  if (dimension === 'team') return visit.team === value
  if (dimension === 'district' || dimension === 'channel' || dimension === 'subtype')
    return of[dimension] === value
  return true
}

/** The work as much shorter as it is longer than before for the same kind of case. */
function withoutSlowness(sign: Sign, service: Service, cases: readonly Case[]): Case[] | null {
  const longer = longerSince(service, (of, visit) => visit.stage === sign.stage && isOf(sign, of, visit))
  const factor = Math.exp(longer?.change ?? 0)
  if (!(factor > leastFactor)) return null
  return cases.map((of) => ({
    ...of,
    visits: of.visits.map((visit) => {
      const isStruck = visit.stage === sign.stage && isOf(sign, of, visit) && !(visit.begun < service.change)
      return isStruck ? { ...visit, work: visit.work / factor } : visit
    }),
  }))
}
const leastFactor = 1.08

/** So many of the cases that have the value now would have been others: each goes the way of another case of its district. */
function withoutTurned(sign: Sign, service: Service, cases: readonly Case[]): Case[] {
  const { dimension, value } = sign.segment ?? { dimension: '', value: '' }
  const valueIn = (of: Case) =>
    dimension === 'subtype' ? of.subtype : dimension === 'channel' ? of.channel : of.district
  const turned = (sign.after - sign.before) / sign.after
  const others = cases.filter((of) => of.closed && valueIn(of) !== value)
  const ways = grouped(others, ({ district }) => district)
  return cases.map((of, place) => {
    if (of.arrived < service.change || valueIn(of) !== value || drawn(place, 2) >= turned) return of
    const known = (dimension === 'district' ? others : ways.get(of.district)) ?? others
    const other = known[Math.floor(drawn(place, 3) * known.length)]
    return other ? { ...of, subtype: other.subtype, visits: other.visits } : of
  })
}

/** So many of the ways back would not have been gone: the case goes on as it did after it had returned. */
function withoutReturns(
  { stage, from_stage, before, after }: Sign,
  service: Service,
  cases: readonly Case[],
) {
  const spared = (after - before) / after
  return cases.map((of, place) => {
    const visits: Visit[] = []
    const { length } = of.visits
    for (let at = 0; at < length; at++) {
      const visit = of.visits[at] as Visit
      visits.push(visit)
      const isSpared = (from: number) =>
        of.visits[from + 1]?.stage === stage &&
        of.visits[from + 1]?.round !== 0 &&
        drawn(place, 4 + from) < spared
      while (visit.stage === from_stage && visit.left >= service.change && at + 1 < length && isSpared(at)) {
        do at++
        while (at < length && of.visits[at]?.stage !== from_stage)
      }
    }
    return { ...of, visits }
  })
}
