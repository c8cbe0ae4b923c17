import { grouped, type Sign } from '../sign.ts'
import type { Case, Visit } from './cases.ts'
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
function isOf(sign: Sign, of: Case, visit: Visit): boolean {
  const { dimension, value } = sign.segment ?? { dimension: '', value: '' }
  if (dimension === 'team') return visit.team === value
  if (dimension === 'district' || dimension === 'channel' || dimension === 'subtype')
    return of[dimension] === value
  return true
}

/** The work as much shorter as it is longer than before for the same kind of case. */
function withoutSlowness(sign: Sign, service: Service, cases: readonly Case[]): Case[] | null {
  const struck = cases.flatMap((of) =>
    of.visits
      .filter((visit) => visit.stage === sign.stage && visit.left <= service.end && isOf(sign, of, visit))
      .map((visit) => ({ kind: `${of.subtype}\n${of.channel}\n${visit.team}`, visit })),
  )
  let [longer, weight] = [0, 0]
  for (const kind of grouped(struck, (each) => each.kind).values()) {
    const logs = (chosen: (visit: Visit) => boolean) =>
      kind.filter(({ visit }) => chosen(visit)).map(({ visit }) => Math.log(Math.max(60, visit.work)))
    const [before, since] = [
      logs(({ begun }) => begun < service.change),
      logs(({ begun }) => begun >= service.change),
    ]
    if (before.length === 0 || since.length === 0) continue
    const own = (before.length * since.length) / (before.length + since.length)
    longer += own * (mean(since) - mean(before))
    weight += own
  }
  const factor = Math.exp(longer / Math.max(1e-9, weight))
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
const mean = (numbers: readonly number[]) => numbers.reduce((sum, each) => sum + each, 0) / numbers.length

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
