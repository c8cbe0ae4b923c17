import { grouped } from '../sign.ts'
import type { Case, Visit } from './cases.ts'
import type { OpenHours } from './openHours.ts'
import { Soonest } from './soonest.ts'

/** Visits of one team in the order in which they joined its queue; the kind of case of each. */
export type Line = { visit: Visit; subtype: string }[]

/** So many people at most are looked for in a team. */
const mostStaff = 128
/** So few visits may seem done before they were begun: two at once, or taken out of turn. */
const outOfTurn = 0.01
const atOnce = 60

/**
 * When each visit of a team was begun, told by when the visits before it ended: who is free takes the next one, the subtype
 * `urgent` before all others.
 */
export function begunWith(line: Line, staff: (moment: number) => number, urgent: string | null) {
  const begun: { visit: Visit; at: number }[] = []
  const busy = new Soonest<null>()
  const queues: [Visit[], Visit[]] = [[], []]
  const heads: [number, number] = [0, 0]
  const take = (now: number) => {
    while (busy.size < staff(now)) {
      const which = heads[0] < queues[0].length ? 0 : 1
      const visit = queues[which][heads[which]]
      if (!visit) return
      heads[which]++
      begun.push({ visit, at: now })
      busy.add(Math.max(now, visit.left), null)
    }
  }
  const until = (moment: number) => {
    while (busy.size > 0 && busy.at <= moment) {
      const free = busy.at
      busy.next()
      take(free)
    }
  }
  for (const { visit, subtype } of line) {
    until(visit.queued)
    queues[subtype === urgent ? 0 : 1].push(visit)
    take(visit.queued)
  }
  until(Number.POSITIVE_INFINITY)
  return begun
}

/**
 * How many people a team is where only completions are told: the fewest with whom no visit would have been done before it was
 * begun. With more of them work would seem to hold waits.
 */
export function staffOf(line: Line, hours: OpenHours, urgent: string | null): number {
  const isEnough = (staff: number) => {
    const begun = begunWith(line, () => staff, urgent)
    const early = begun.filter(({ visit, at }) => hours.worked(visit.left) - hours.worked(at) < atOnce)
    return early.length < outOfTurn * begun.length
  }
  let [few, enough] = [0, 1]
  while (enough < mostStaff && !isEnough(enough)) [few, enough] = [enough, enough * 2]
  while (enough - few > 1) {
    const middle = (few + enough) >> 1
    if (isEnough(middle)) enough = middle
    else few = middle
  }
  return enough
}

/** How many people a team is where starts are told: as many as work at a time, but for one start in fifty. */
export function staffTold(line: Line): number {
  const turns = line.flatMap(({ visit }) =>
    visit.started === null
      ? []
      : [
          { at: visit.started, more: 1 },
          { at: visit.left, more: -1 },
        ],
  )
  turns.sort((a, b) => a.at - b.at || a.more - b.more)
  let busy = 0
  const atStarts = turns.flatMap(({ more }) => {
    busy += more
    return more > 0 ? [busy] : []
  })
  atStarts.sort((a, b) => a - b)
  return Math.max(1, atStarts[Math.floor(0.98 * (atStarts.length - 1))] ?? 1)
}

/** All visits by team, each line in the order of its queue. */
export function linesOf(cases: readonly Case[], isQueue: (visit: Visit) => boolean): Map<string, Line> {
  const all = cases.flatMap(({ visits, subtype }) =>
    visits.filter(isQueue).map((visit) => ({ visit, subtype })),
  )
  const lines = grouped(all, ({ visit }) => visit.team)
  for (const line of lines.values()) line.sort((a, b) => a.visit.queued - b.visit.queued)
  return lines
}

/** The subtype that is taken before all others, if one is: with it the teams need fewer people, or fewer are served out of turn. */
export function urgentOf(lines: readonly Line[], hours: OpenHours, areStartsTold: boolean): string | null {
  const subtypes = new Set(lines.flatMap((line) => line.map(({ subtype }) => subtype)))
  const oddness = (urgent: string | null) =>
    lines.reduce(
      (sum, line) => sum + (areStartsTold ? overtaken(line, urgent) : staffOf(line, hours, urgent)),
      0,
    )
  let [best, least] = [null as string | null, surely * oddness(null)]
  for (const subtype of subtypes.size > 1 ? subtypes : []) {
    const odd = oddness(subtype)
    if (odd < least) [best, least] = [subtype, odd]
  }
  return best
}
const surely = 0.85

/** How often somebody was begun who had joined the queue after one of the same urgency who was begun later. */
function overtaken(line: Line, urgent: string | null): number {
  const begun = line
    .filter(({ visit }) => visit.started !== null && visit.started > visit.queued)
    .sort((a, b) => (a.visit.started ?? 0) - (b.visit.started ?? 0))
  const last: [number, number] = [0, 0]
  let count = 0
  for (const { visit, subtype } of begun) {
    const which = subtype === urgent ? 0 : 1
    if (visit.queued < last[which]) count++
    last[which] = Math.max(last[which], visit.queued)
  }
  return count
}
