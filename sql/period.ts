import {
  addDays,
  addMonths,
  differenceInCalendarDays,
  format,
  lastDayOfMonth,
  parseISO,
  startOfMonth,
  startOfQuarter,
} from 'date-fns'
import { z } from 'zod'
import type { Db } from './db.ts'
import type { Filters, Grain, Period } from './filters.ts'
import coverageSql from './kpis/coverage.sql?raw'
import heldSql from './kpis/held.sql?raw'
import { defineQuery } from './query.ts'

const held = defineQuery(
  'held',
  heldSql,
  z.object({}),
  z.object({
    days: z.number(),
    first_day: z.string(),
    last_day: z.string(),
    last_in: z.string(),
  }),
)

const coverage = defineQuery(
  'coverage',
  coverageSql,
  z.object({ zone: z.string() }),
  z.object({
    stream: z.enum(['case_events', 'wait_times', 'outcomes']),
    source: z.string(),
    service: z.string(),
    first_day: z.string(),
    last_day: z.string(),
    as_of: z.string(),
    end_us: z.number(),
  }),
)

/** The days for which one service is known in one stream of one source, and the last moment of that source. */
export type Coverage = Period & {
  stream: 'case_events' | 'wait_times' | 'outcomes'
  source: string
  service: string
  as_of: string
  /** The last moment in microseconds since 1970. */
  end_us: number
  /** The days of which less than 95 % of the rows are known by the last delivery, with the share that is. None when not given. */
  shares?: ReadonlyMap<string, number>
}

/** What the store holds: days inclusive and exclusive, the last full month something came in, and the last moment known. */
export type Held = Period & {
  default_from: string
  default_until: string
  as_of: string
  coverage: readonly Coverage[]
}

const iso = (date: Date): string => format(date, 'yyyy-MM-dd')
const isFirst = (day: string): boolean => day.endsWith('-01')

const isoMoment = (moment: string): string => `${moment.replace(' ', 'T').replace('Z', '')}Z`

/** What is known of every service in every stream, in days of `zone`. */
export async function readCoverage(db: Db, zone: string): Promise<Coverage[]> {
  return (await coverage(db, { zone })).map(({ first_day, last_day, as_of, ...of }) => ({
    ...of,
    from: first_day,
    until: iso(addDays(parseISO(last_day), 1)),
    as_of: isoMoment(as_of),
  }))
}

/** Reads what the store holds, in days of `zone`; null while it is empty. */
export async function readHeld(db: Db, zone: string, known?: readonly Coverage[]): Promise<Held | null> {
  const [[row], coverage] = await Promise.all([held(db, {}), known ?? readCoverage(db, zone)])
  if (!row || row.days === 0 || coverage.length === 0) return null
  const lastIn = parseISO(row.last_in)
  const monthIsFull = iso(lastIn) === iso(lastDayOfMonth(lastIn))
  const defaultUntil = monthIsFull ? iso(addDays(lastIn, 1)) : `${row.last_in.slice(0, 7)}-01`
  return {
    from: row.first_day,
    until: iso(addDays(parseISO(row.last_day), 1)),
    default_from: iso(addMonths(parseISO(defaultUntil), -1)),
    default_until: defaultUntil,
    as_of: coverage.map(({ as_of }) => as_of).reduce(laterOf),
    coverage,
  }
}

/** The period asked for; what is left open reaches as far as the data. */
export const chosenPeriod = (filters: Filters, held: Period): Period => {
  const from =
    filters.from ??
    (filters.until && filters.until <= held.from ? iso(addDays(parseISO(filters.until), -1)) : held.from)
  const until = filters.until ?? (from >= held.until ? iso(addDays(parseISO(from), 1)) : held.until)
  return { from, until }
}

/**
 * The period to compare with: the one just before, as long, or the same days a year earlier. Whole months are compared
 * with whole months. Null when not wanted, when the data does not reach back that far, or when the two would overlap.
 */
export function comparePeriod(period: Period, compare: Filters['compare'], held: Period): Period | null {
  if (compare === 'none') return null
  const [from, until] = [parseISO(period.from), parseISO(period.until)]
  const wholeMonths = isFirst(period.from) && isFirst(period.until)
  const months = (until.getFullYear() - from.getFullYear()) * 12 + until.getMonth() - from.getMonth()
  const days = differenceInCalendarDays(until, from)
  const shift = (date: Date) =>
    compare === 'year' ? addMonths(date, -12) : wholeMonths ? addMonths(date, -months) : addDays(date, -days)
  const earlier = { from: iso(shift(from)), until: iso(shift(until)) }
  return earlier.from < held.from || earlier.until > period.from ? null : earlier
}

/**
 * Share of the period's days that the data covers, 0 to 1. Days of which rows are still to come, or missing, count with the share
 * that is known. The days of all services are added up (expected and actual, never their shares): one that is known for half of
 * the period makes the total of two three quarters complete. 0 when nothing is known.
 */
export function completeness(period: Period, coverage: readonly Coverage[]): number {
  const days = daysOf(period)
  const services = new Map<string, number>()
  for (const { service, from, until, shares } of coverage) {
    const known = { from: laterOf(period.from, from), until: earlierOf(period.until, until) }
    let covered = daysOf(known)
    for (const [day, share] of shares ?? []) if (known.from <= day && day < known.until) covered -= 1 - share
    services.set(service, Math.max(services.get(service) ?? 0, covered))
  }
  if (days <= 0 || services.size === 0) return 0
  return [...services.values()].reduce((sum, covered) => sum + covered, 0) / (days * services.size)
}

/** Days of a period; 0 when it ends before it begins. */
export const daysOf = ({ from, until }: Period): number =>
  Math.max(0, differenceInCalendarDays(parseISO(until), parseISO(from)))

/** The buckets of a period, whole ones at both ends; weeks begin on Monday. */
export function buckets(period: Period, grain: Grain | 'quarter'): Period[] {
  const found: Period[] = []
  let from = parseISO(period.from)
  if (grain === 'week') from = addDays(from, -((from.getDay() + 6) % 7))
  if (grain === 'month') from = startOfMonth(from)
  if (grain === 'quarter') from = startOfQuarter(from)
  while (iso(from) < period.until) {
    const months = grain === 'month' ? 1 : grain === 'quarter' ? 3 : 0
    const until = months > 0 ? addMonths(from, months) : addDays(from, grain === 'week' ? 7 : 1)
    found.push({ from: iso(from), until: iso(until) })
    from = until
  }
  return found
}

/** The earlier of two days. */
export const earlierOf = (a: string, b: string): string => [a, b].sort()[0] ?? a

/** The later of two days. */
export const laterOf = (a: string, b: string): string => (a > b ? a : b)

export const daysBefore = (day: string, days: number): string => iso(addDays(parseISO(day), -days))
