import { addDays, addMonths, differenceInCalendarDays, format, lastDayOfMonth, parseISO } from 'date-fns'
import { z } from 'zod'
import type { Db } from './db.ts'
import type { Filters, Grain, Period } from './filters.ts'
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
    as_of: z.string(),
  }),
)

/** What the store holds: days inclusive and exclusive, the last full month something came in, and the last moment known. */
export type Held = Period & { default_from: string; default_until: string; as_of: string }

const iso = (date: Date): string => format(date, 'yyyy-MM-dd')
const isFirst = (day: string): boolean => day.endsWith('-01')

/** Reads what the store holds; null while it is empty. */
export async function readHeld(db: Db): Promise<Held | null> {
  const [row] = await held(db, {})
  if (!row || row.days === 0) return null
  const lastIn = parseISO(row.last_in)
  const monthIsFull = iso(lastIn) === iso(lastDayOfMonth(lastIn))
  const defaultUntil = monthIsFull ? iso(addDays(lastIn, 1)) : `${row.last_in.slice(0, 7)}-01`
  return {
    from: row.first_day,
    until: iso(addDays(parseISO(row.last_day), 1)),
    default_from: iso(addMonths(parseISO(defaultUntil), -1)),
    default_until: defaultUntil,
    as_of: `${row.as_of.replace(' ', 'T').replace('Z', '')}Z`,
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
 * with whole months. Null when not wanted or when the data does not reach back that far.
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
  return earlier.from < held.from ? null : earlier
}

/** Share of the period's days that the data covers, 0 to 1. */
export function completeness(period: Period, held: Period): number {
  const days = differenceInCalendarDays(parseISO(period.until), parseISO(period.from))
  const first = earlierOf(period.from, held.from) === held.from ? period.from : held.from
  const last = earlierOf(period.until, held.until)
  const covered = Math.max(0, differenceInCalendarDays(parseISO(last), parseISO(first)))
  return days <= 0 ? 0 : covered / days
}

/** The buckets of a period, whole ones at both ends; weeks begin on Monday. */
export function buckets(period: Period, grain: Grain): Period[] {
  const found: Period[] = []
  let from = parseISO(period.from)
  if (grain === 'week') from = addDays(from, -((from.getDay() + 6) % 7))
  if (grain === 'month') from = parseISO(`${period.from.slice(0, 7)}-01`)
  while (iso(from) < period.until) {
    const until = grain === 'month' ? addMonths(from, 1) : addDays(from, grain === 'week' ? 7 : 1)
    found.push({ from: iso(from), until: iso(until) })
    from = until
  }
  return found
}

/** The earlier of two days. */
export const earlierOf = (a: string, b: string): string => [a, b].sort()[0] ?? a

export const daysBefore = (day: string, days: number): string => iso(addDays(parseISO(day), -days))
