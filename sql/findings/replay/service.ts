import { grouped } from '../sign.ts'
import type { Case, Visit } from './cases.ts'
import { dayOf, OpenHours } from './openHours.ts'
import { type Meetings, type Office, replay } from './replay.ts'
import { begunWith, type Line, linesOf, staffOf, staffTold, urgentOf } from './teams.ts'

/**
 * A service as its log tells it: when it is open, how many people each team is, who is taken first, and how long every visit takes
 * them. What the log does not tell follows from the order in which visits end.
 */
export class Service {
  readonly hours: OpenHours
  readonly meetings: ReadonlyMap<string, Meetings>
  readonly urgent: string | null
  readonly lines: ReadonlyMap<string, Line>
  /** Are starts told? */
  readonly isTold: boolean
  readonly #staff = new Map<string, { before: number; since: number }>()
  readonly cases: readonly Case[]
  /** The change: up to then the service is what it was. */
  readonly change: number
  /** The last moment the log tells of. */
  readonly end: number

  constructor(cases: readonly Case[], change: number, end: number) {
    this.cases = cases
    this.change = change
    this.end = end
    const visits = cases.flatMap((each) => each.visits)
    this.hours = new OpenHours(visits.map(({ left }) => left))
    this.meetings = meetingsOf(visits, this.hours, change)
    this.isTold = visits.filter(({ started }) => started !== null).length >= visits.length / 2
    this.lines = linesOf(cases, ({ stage }) => !this.meetings.has(stage))
    const earlier = [...this.lines].map(
      ([team, line]) => [team, line.filter(({ visit }) => visit.left < change)] as const,
    )
    this.urgent = urgentOf(
      earlier.map(([, line]) => line),
      this.hours,
      this.isTold,
    )
    for (const [team, line] of earlier) {
      const staff = this.#people(line)
      this.#staff.set(team, { before: staff, since: staff })
    }
    for (const team of this.lines.keys()) this.work(team)
  }

  #people(line: Line): number {
    return this.isTold ? staffTold(line) : staffOf(line, this.hours, this.urgent)
  }

  /** Who works at a stage. */
  teamsOf(stage: string | null): string[] {
    const lines = [...this.lines]
    return lines.flatMap(([team, line]) => (line.some(({ visit }) => visit.stage === stage) ? [team] : []))
  }

  /**
   * Looks how many people a team is since the change. True when they are fewer and work as fast as before: where slower work keeps all
   * waiting, nobody is done out of turn either, and any number of people would do.
   */
  isShort(team: string): boolean {
    const line = this.lines.get(team) ?? []
    const [before, since] = [
      line.filter(({ visit }) => visit.left < this.change),
      line.filter(({ visit }) => visit.queued >= this.change),
    ]
    const [staff, found] = [this.#staff.get(team), this.#people(since)]
    if (!staff || since.length < fewestVisits || found >= staff.before) return false
    staff.since = found
    this.work(team)
    if (this.isTold || !isLonger(before, since)) return true
    staff.since = staff.before
    this.work(team)
    return false
  }

  /** Tells when each visit to a team was begun and how long it took. */
  work(team: string): void {
    const line = this.lines.get(team) ?? []
    const { hours } = this
    const workOf = (visit: Visit, begun: number) => {
      visit.begun = begun
      visit.work = Math.max(0, hours.worked(visit.left) - hours.worked(begun))
    }
    if (this.isTold) {
      for (const { visit } of line) if (visit.started !== null) workOf(visit, visit.started)
    } else
      for (const { visit, at } of begunWith(line, (moment) => this.staff(team, moment), this.urgent))
        workOf(visit, at)
  }

  staff(team: string, moment: number): number {
    const { before = 1, since = 1 } = this.#staff.get(team) ?? {}
    return moment < this.change ? before : since
  }

  /** How the service works, or worked before the change. */
  office(isBefore: boolean): Office {
    const { hours, urgent, meetings } = this
    const staff = (team: string, moment: number) =>
      isBefore ? (this.#staff.get(team)?.before ?? 1) : this.staff(team, moment)
    return { hours, urgent, meetings, staff }
  }

  /** Person-hours told by the log between two moments. */
  spent(from: number, until: number): number {
    const within = (since: number, left: number) => Math.max(0, Math.min(left, until) - Math.max(since, from))
    let seconds = 0
    for (const { visits, open, arrived } of this.cases) {
      for (const { entered, left } of visits) seconds += within(entered, left)
      if (open) seconds += within(visits.at(-1)?.left ?? arrived, until)
    }
    return seconds / 3600
  }

  /**
   * The cases with the ways of those still open led to their end as those of other cases went, and the work that is not known as it
   * usually is. What is drawn is drawn by the case's place, so that it is the same each time.
   */
  whole(): Case[] {
    const all = this.cases.flatMap(({ visits }) => visits)
    const usual = new Map(
      [...grouped(all, ({ stage }) => stage)].map(([stage, visits]) => {
        const works = visits.map(({ work }) => work).filter((work) => work >= 0)
        return [stage, works.reduce((sum, work) => sum + work, 0) / Math.max(1, works.length)]
      }),
    )
    for (const visit of all) if (!(visit.work >= 0)) visit.work = usual.get(visit.stage) ?? 0
    const standing = (visits: readonly Visit[], count: number) => {
      const last = visits[count - 1]
      return last ? `${last.stage}\n${last.round}` : ''
    }
    const ways = new Map<string, Visit[][]>()
    for (const { closed, visits, subtype, district } of this.cases)
      for (let count = 0; closed && count < visits.length; count++) {
        const key = `${standing(visits, count)}\n${subtype}\n${district}`
        const known = ways.get(key)
        if (known) known.push(visits.slice(count))
        else ways.set(key, [visits.slice(count)])
      }
    return this.cases.map((of, place) => {
      if (!of.open) return of
      const { stage, pausedSince } = of.open
      const known = ways.get(`${standing(of.visits, of.visits.length)}\n${of.subtype}\n${of.district}`) ?? []
      const fitting = known.filter(([next]) => stage === '' || next?.stage === stage)
      const way = fitting[Math.floor(drawn(place) * fitting.length)] ?? []
      const goesOn = way.map((visit, nth) => {
        const paused = pausedSince === null ? 0 : Math.max(longPause, this.end - pausedSince)
        return { ...visit, left: Number.POSITIVE_INFINITY, paused: nth === 0 ? paused : visit.paused }
      })
      return { ...of, visits: [...of.visits, ...goesOn] }
    })
  }

  /** Does the service, led through once more, take the hours it took? */
  isReproduced(cases: readonly Case[], until: number): boolean {
    const first = (cases[0]?.arrived ?? 0) + settling
    const isNear = (from: number, to: number) =>
      Math.abs(replay(cases, this.office(false), from, to) / this.spent(from, to) - 1) <= nearEnough
    return isNear(first, this.change) && isNear(this.change, until)
  }
}

/** Does the middle one of these visits surely take more work than the middle one of those? */
function isLonger(before: Line, since: Line): boolean {
  const logs = (line: Line) =>
    line
      .flatMap(({ visit }) => (visit.work >= 0 ? [Math.log(Math.max(60, visit.work))] : []))
      .sort((a, b) => a - b)
  const [usual, now] = [logs(before), logs(since)]
  const at = (sorted: readonly number[], part: number) => sorted[Math.floor(part * sorted.length)] ?? 0
  // the variance of a median of normal values, told by their quarters
  const variance = (sorted: readonly number[]) =>
    (Math.PI / 2) * ((at(sorted, 0.75) - at(sorted, 0.25)) / 1.349) ** 2 * (1 / Math.max(1, sorted.length))
  const error = Math.sqrt(variance(usual) + variance(now))
  return at(now, 0.5) - at(usual, 0.5) > Math.log(worthTelling) + 2 * error
}
/** Work that takes less than this much longer is as fast as before. */
const worthTelling = 1.08

const fewestVisits = 20
const longPause = 3 * 86_400
/** The hours led through once more are as good as those told when both differ by no more than this part. */
const nearEnough = 0.05
/** Before the cases of a log stand others that it does not tell of: 13 weeks. */
const settling = 13 * 7 * 86_400

/** A number from 0 to 1 that hangs on a place and a purpose alone. */
export function drawn(place: number, purpose = 0): number {
  let mixed = Math.imul(place + 1, 2654435761) ^ Math.imul(purpose + 1, 1597334677)
  mixed = Math.imul(mixed ^ (mixed >>> 15), 2246822519)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 3266489917)
  return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32
}

/** Stages that hand on at few moments, several cases at once: their work waits for a meeting, not for people. */
function meetingsOf(visits: readonly Visit[], { days }: OpenHours, change: number): Map<string, Meetings> {
  const found = new Map<string, Meetings>()
  for (const [stage, own] of grouped(visits, (visit) => visit.stage)) {
    const earlier = own.filter(({ left }) => left < change)
    const used = [...new Set(earlier.map(({ left }) => dayOf(left)))].sort((a, b) => a - b)
    const [first = 0, last = 0] = [used[0], used.at(-1)]
    const open = days.filter((day) => day >= first && day <= last).length
    if (used.length > seldom * open || earlier.length < several * used.length) continue
    const at = new Map<number, number>()
    for (const { left } of own) at.set(dayOf(left), Math.min(at.get(dayOf(left)) ?? left, left))
    const ahead = own
      .map(({ left, entered }) => (at.get(dayOf(left)) ?? left) - entered)
      .sort((a, b) => a - b)
    const notice = Math.max(0, ahead[Math.floor(0.02 * ahead.length)] ?? 0)
    found.set(stage, { at: [...at.values()].sort((a, b) => a - b), notice })
  }
  return found
}
const seldom = 0.35
const several = 1.5
