import { tzOffset } from '@date-fns/tz'

const hour = 3_600_000
const day = 24 * hour

/** Days since 1970 on which nothing is delivered. */
export type Quiet = (day: number) => boolean

/** A moment as if the clock on the wall were UTC; off by the hour that is put forward or back. */
export const wallTime = (moment: number, zone: string): number =>
  moment + tzOffset(zone, new Date(moment)) * 60_000

/** The day of the jurisdiction, counted from 1970. */
export const dayAt = (moment: number, zone: string): number => Math.floor(wallTime(moment, zone) / day)

/** ISO numbers of weekdays: 1 is Monday. 1970-01-01 was a Thursday. */
export const weekdayOf = (day: number): number => ((((day + 3) % 7) + 7) % 7) + 1

/** Hours between two moments without those of quiet days. */
export function openHours(from: number, until: number, zone: string, quiet: Quiet): number {
  const [start, end] = [wallTime(from, zone), wallTime(until, zone)]
  let open = end - start
  for (let each = Math.floor(start / day); each * day < end; each += 1)
    if (quiet(each)) open -= Math.min(end, (each + 1) * day) - Math.max(start, each * day)
  return Math.max(0, open) / hour
}

/** The moment so many hours later, not counting those of quiet days. */
export function afterOpenHours(from: number, hours: number, zone: string, quiet: Quiet): number {
  const start = wallTime(from, zone)
  let at = start
  let left = hours * hour
  while (left > 0) {
    const next = (Math.floor(at / day) + 1) * day
    if (!quiet(Math.floor(at / day))) {
      const step = Math.min(left, next - at)
      left -= step
      if (left === 0) return from + at + step - start
    }
    at = next
  }
  return from + at - start
}

/** Deliveries that come less often than this are not told to skip closed days: they are waited for in days anyway. */
const dailyHours = 36
const never: Quiet = () => false

export type Cadence = { everyHours: number; quiet: Quiet }

/**
 * How often deliveries came: the gap between two of them in which 70 % of all time lies, so that a burst of files counts as one
 * and quiet nights are not mistaken for silence. A weekday on which nothing came for four weeks is quiet, and so are closed days
 * unless something came on one. Null below five deliveries or a day. `moments` in milliseconds, ascending.
 */
export function learnCadence(moments: readonly number[], zone: string, closed: Quiet): Cadence | null {
  const [first, last] = [moments[0], moments.at(-1)]
  if (moments.length < 5 || first === undefined || last === undefined || last - first < day) return null
  const quiet = quietDays(moments, zone, closed)
  const open = everyOf(moments, (from, until) => openHours(from, until, zone, quiet))
  return open <= dailyHours
    ? { everyHours: open, quiet }
    : { everyHours: everyOf(moments, (from, until) => (until - from) / hour), quiet: never }
}

/** The quiet days of a cadence that the configuration states. */
export const statedCadence = (
  everyHours: number,
  moments: readonly number[],
  zone: string,
  closed: Quiet,
): Cadence => ({ everyHours, quiet: everyHours > dailyHours ? never : quietDays(moments, zone, closed) })

function quietDays(moments: readonly number[], zone: string, closed: Quiet): Quiet {
  const days = [...new Set(moments.map((moment) => dayAt(moment, zone)))]
  const [first = 0, last = 0] = [days[0], days.at(-1)]
  const busy = new Set(days.map(weekdayOf))
  const weekdays = last - first >= 28 && busy.size >= 4 ? busy : new Set([1, 2, 3, 4, 5, 6, 7])
  const keepsClosed = !days.some(closed)
  return (each) => !weekdays.has(weekdayOf(each)) || (keepsClosed && closed(each))
}

function everyOf(moments: readonly number[], between: (from: number, until: number) => number): number {
  const gaps = moments
    .slice(1)
    .map((moment, index) => between(moments[index] ?? moment, moment))
    .sort((a, b) => a - b)
  const total = gaps.reduce((sum, gap) => sum + gap, 0)
  let passed = 0
  for (const gap of gaps) {
    passed += gap
    if (passed >= 0.7 * total) return gap
  }
  return total
}
