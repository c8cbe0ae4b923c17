import type { Evidence } from './evidence.ts'

type Occupancy = Evidence['occupancy'][number]

/** Hours spent and cases that came, week by week, and those that came less those that went. */
export type Stay = { week: number; hours: number; came: number; net: number }

export const weekHours = 168

/**
 * The person-hours spent in a stage in every week from the first to `last`, of all who were there, also of those who still are:
 * the number there at the beginning of the week for its whole length, and what came and went since.
 */
export function staysOf(
  { week, came, went, hours }: Pick<Occupancy, 'week' | 'came' | 'went' | 'hours'>,
  last: number,
): Stay[] {
  const stays: Stay[] = []
  const places = new Map(week.map((at, index) => [at, index]))
  let there = 0
  for (let at = week[0] ?? last + 1; at <= last; at++) {
    const index = places.get(at) ?? -1
    stays.push({
      week: at,
      hours: Math.max(0, there * weekHours + (hours[index] ?? 0)),
      came: came[index] ?? 0,
      net: (came[index] ?? 0) - (went[index] ?? 0),
    })
    there += stays.at(-1)?.net ?? 0
  }
  return stays
}

/** Several stages as one: hours and growth add up; `came` is taken from the cases of the service. */
export function ofService(stages: readonly Stay[][], cases: ReadonlyMap<number, number>): Stay[] {
  const weeks = new Map<number, Stay>()
  for (const stays of stages)
    for (const { week, hours, net } of stays) {
      const known = weeks.get(week) ?? { week, hours: 0, came: cases.get(week) ?? 0, net: 0 }
      weeks.set(week, { ...known, hours: known.hours + hours, net: known.net + net })
    }
  return [...weeks.values()].sort((a, b) => a.week - b.week)
}

/** The part of every week that belongs to a period, by the week's number. */
export type Share = (week: number) => number

/** A week beside a change: hours spent, and those that what came would have spent at the earlier level. */
export type Beside = Stay & { expected: number }

/**
 * The weeks from a year before a change on, each with the hours that the cases that came would have spent at the hours a case of that
 * year (Little's law). A queue that grew all that year would have gone on growing: that is not the change's doing. `usual` is the part
 * of the cases that would have come without the change: below 1 only where the change is one of demand.
 */
export function besideChange(stays: readonly Stay[], at: number, usual = 1): Beside[] {
  const before = stays.filter(({ week }) => week < at && week >= at - 52)
  const perCase = hoursOf(before) / Math.max(1e-9, cameOf(before))
  const trend = trendOf(before)
  const middle = before.reduce((sum, { week }) => sum + week, 0) / Math.max(1, before.length)
  return stays
    .filter(({ week }) => week >= at - 52)
    .map((stay) => {
      const alike = perCase * stay.came * (stay.week < at ? 1 : usual)
      return { ...stay, expected: alike + trend * weekHours * (stay.week - middle) }
    })
}

/**
 * Person-hours of a period above the level before a change. `perCase` are the hours a case would have spent, `growth` is by how many
 * cases the queue grows in a week of the period since the change.
 */
export function extraOf(stays: readonly Stay[], at: number, inPeriod: Share, usual = 1) {
  let [spent, expected, cases, grown, weeks] = [0, 0, 0, 0, 0]
  for (const { week, hours, came, net, ...beside } of besideChange(stays, at, usual)) {
    const share = week < at ? 0 : inPeriod(week)
    spent += share * hours
    expected += share * beside.expected
    cases += share * came
    grown += share * net
    weeks += share
  }
  const perCase = expected / Math.max(1e-9, cases * usual)
  return { extra: spent - expected, spent, expected, cases, perCase, growth: grown / Math.max(1e-9, weeks) }
}

/**
 * By how many cases a queue grew in a week, where it surely grew all the time: what comes and goes in a steady queue evens out within the
 * year, so that even a small mean growth is sure. Else 0.
 */
function trendOf(stays: readonly Stay[]): number {
  const count = stays.length
  const mean = stays.reduce((sum, { net }) => sum + net, 0) / Math.max(1, count)
  const spread = stays.reduce((sum, { net }) => sum + (net - mean) ** 2, 0) / Math.max(1, count - 1)
  return count >= fewestWeeks && mean > surely * Math.sqrt(spread / count) ? mean : 0
}
const fewestWeeks = 26
const surely = 4

const hoursOf = (stays: readonly Stay[]) => stays.reduce((sum, { hours }) => sum + hours, 0)
const cameOf = (stays: readonly Stay[]) => stays.reduce((sum, { came }) => sum + came, 0)
