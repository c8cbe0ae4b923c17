import { z } from 'zod'
import { type Cadence, dayAt, learnCadence, statedCadence } from './cadence.ts'
import type { Db } from './db.ts'
import { type Gap, gapsOf, type JudgedDay, judgeDays, median } from './expectedRows.ts'
import closedSql from './queries/freshness_closed.sql?raw'
import daysSql from './queries/freshness_days.sql?raw'
import delaySql from './queries/freshness_delay.sql?raw'
import deliveriesSql from './queries/freshness_deliveries.sql?raw'
import expectedSql from './queries/freshness_expected.sql?raw'
import { defineQuery } from './query.ts'
import { delayCurve, knownShare } from './reportingDelay.ts'

const text = z.string()
const number = z.number()
const numbers = z.array(number)
const feed = { source: text, stream: z.enum(['case_events', 'wait_times', 'outcomes']) }
const byAge = z.tuple([numbers, numbers])

const days = defineQuery(
  'freshness_days',
  daysSql,
  z.object({}),
  z.object({
    ...feed,
    services: z.array(text),
    rows: number,
    first_time: text,
    last_time: text,
    days: numbers,
    day_rows_of: numbers,
  }),
)
const deliveries = defineQuery(
  'freshness_deliveries',
  deliveriesSql,
  z.object({}),
  z.object({ ...feed, last_s: number, last_load_id: text, deliveries: number, quarters: numbers }),
)
const delays = defineQuery(
  'freshness_delay',
  delaySql,
  z.object({ zone: text }),
  z.object({ ...feed, by_age: byAge, by_day_age: byAge, hours: z.tuple([number, number]) }),
)
const closedDays = defineQuery(
  'freshness_closed',
  closedSql,
  z.object({}),
  z.object({ calendar: text, first_day: number, last_day: number, closed: numbers }),
)
const expected = defineQuery(
  'freshness_expected',
  expectedSql,
  z.object({}),
  z.object({ ...feed, every_hours: number, rows_per_day: number.nullable() }),
)

export type Stream = z.output<typeof feed.stream>

/**
 * What is known of one source in one stream, whatever the clock says: days are counted from 1970, moments in milliseconds.
 * Everything reaches up to the last delivery.
 */
export type Feed = {
  source: string
  stream: Stream
  services: string[]
  rows: number
  first_time: string | null
  last_time: string | null
  /** The last delivery; null when none ever came. */
  arrived: { at: number; day: number; load_id: string } | null
  cadence: (Cadence & { basis: 'configured' | 'learned'; rows_per_day: number | null }) | null
  delay: { curve: number[]; n: number; median_hours: number; p90_hours: number } | null
  closed: (day: number) => boolean
  /** The last day with rows. */
  lastDay: number
  /** Every day from the first with rows until a month after the last delivery. */
  days: JudgedDay[]
  gaps: Gap[]
  /** Whether the working days of all its services are declared, so that a day without rows cannot be a holiday. */
  hasCalendar: boolean
}

/** Reads what every source delivered and what may be expected of it. Feeds of rows, and those that are expected and never came. */
export async function readFeeds(db: Db, zone: string): Promise<Feed[]> {
  const [held, delivered, delayed, calendars, stated, keeps] = await Promise.all([
    days(db, {}),
    deliveries(db, {}),
    delays(db, { zone }),
    closedDays(db, {}),
    expected(db, {}),
    calendarOfServices(db),
  ])
  const never = stated
    .filter((each) => !held.some((row) => sameFeed(row, each)))
    .map(({ source, stream }) => ({ source, stream, services: [], rows: 0, days: [], day_rows_of: [] }))
  return [...held, ...never].map((row) => {
    const came = delivered.find((each) => sameFeed(each, row))
    const want = stated.find((each) => sameFeed(each, row))
    const late = delayed.find((each) => sameFeed(each, row))
    const kept = row.services.map((id) => calendars.find(({ calendar }) => calendar === keeps.get(id)))
    const closed = closedOn(kept)
    const arrived = came
      ? { at: came.last_s * 1000, day: dayAt(came.last_s * 1000, zone), load_id: came.last_load_id }
      : null
    const curve = late && (came?.deliveries ?? 0) >= 5 ? delayCurve(late.by_age, late.by_day_age) : null
    const delay =
      late && curve
        ? {
            curve,
            n: late.by_age[1].reduce((sum, rows) => sum + rows, 0),
            // whole hours were cut off
            median_hours: late.hours[0] + 0.5,
            p90_hours: late.hours[1] + 0.5,
          }
        : null
    const judged = arrived
      ? judge(row, arrived.day, delay?.curve ?? null, closed, want?.rows_per_day ?? null)
      : []
    return {
      source: row.source,
      stream: row.stream,
      services: row.services,
      rows: row.rows,
      first_time: 'first_time' in row ? isoMoment(row.first_time) : null,
      last_time: 'last_time' in row ? isoMoment(row.last_time) : null,
      arrived,
      cadence: cadenceOf(want, came?.quarters ?? [], usualRows(judged, arrived?.day ?? 0), zone, closed),
      delay,
      closed,
      lastDay: row.days.at(-1) ?? 0,
      days: judged,
      gaps: gapsOf(judged),
      hasCalendar: kept.length > 0 && kept.every((calendar) => calendar !== undefined),
    }
  })
}

type Key = { source: string; stream: string }
const sameFeed = (a: Key, b: Key): boolean => a.source === b.source && a.stream === b.stream

const isoMoment = (moment: string): string =>
  moment.includes('T') ? moment : `${moment.replace(' ', 'T').replace('Z', '')}Z`

async function calendarOfServices(db: Db): Promise<Map<string, string>> {
  const result = await db.query({ query: 'SELECT id, calendar FROM services FINAL', format: 'JSONEachRow' })
  return new Map((await result.json<{ id: string; calendar: string }>()).map((row) => [row.id, row.calendar]))
}

/** Closed is a day on which every service is: one without a calendar, or beyond it, may be open. */
function closedOn(
  calendars: readonly ({ first_day: number; last_day: number; closed: readonly number[] } | undefined)[],
): (day: number) => boolean {
  const sets = [...new Set(calendars)].map((calendar) => new Set(calendar?.closed))
  return (day) => sets.length > 0 && sets.every((closed) => closed.has(day))
}

/**
 * Where the delay is known, days count up to the last delivery as far as they can be known by then, but for the day of that
 * delivery; where it is not, up to the last day with rows, which may have been cut.
 */
function judge(
  { days, day_rows_of }: { days: readonly number[]; day_rows_of: readonly number[] },
  arrivedOn: number,
  curve: readonly number[] | null,
  closed: (day: number) => boolean,
  fewestRows: number | null,
): JudgedDay[] {
  const rows = new Map<number, number>()
  for (const [index, day] of days.entries()) rows.set(day, (rows.get(day) ?? 0) + (day_rows_of[index] ?? 0))
  const [firstDay = 0, lastDay = 0] = [days[0], days.at(-1)]
  const judgedUntil = curve ? arrivedOn : Math.min(lastDay, arrivedOn)
  const end = Math.max(lastDay, arrivedOn) + 32
  const counts = Array.from(
    { length: Math.max(0, end - firstDay) },
    (_, index) => rows.get(firstDay + index) ?? 0,
  )
  const known = (day: number): number => (curve ? knownShare(curve, arrivedOn - day) : 1)
  return judgeDays({ firstDay, counts, judgedUntil, end, closed, known, fewestRows })
}

function cadenceOf(
  want: { every_hours: number; rows_per_day: number | null } | undefined,
  quarters: readonly number[],
  usual: number | null,
  zone: string,
  closed: (day: number) => boolean,
): Feed['cadence'] {
  const moments = quarters.map((quarter) => quarter * 900_000)
  if (want)
    return {
      ...statedCadence(want.every_hours, moments, zone, closed),
      basis: 'configured',
      rows_per_day: want.rows_per_day ?? usual,
    }
  const learned = learnCadence(moments, zone, closed)
  return learned && { ...learned, basis: 'learned', rows_per_day: usual }
}

/** Median of what is expected of the open days of the last four weeks. */
function usualRows(judged: readonly JudgedDay[], arrivedOn: number): number | null {
  const usual = judged.flatMap(({ day, expected, closed }) =>
    expected !== null && !closed && day > arrivedOn - 28 && day <= arrivedOn ? [expected] : [],
  )
  return usual.length > 0 ? median(usual) : null
}

/** A day counts as complete when at least this share of its rows is known. */
export const completeFrom = 0.95

/**
 * The share of each day's rows that is known by the last delivery, for days on which it is below 0.95: those still filling, those
 * after the last delivery, and gaps. Where delay is unknown only gaps are: what came at once is taken to be all. A single day
 * without rows may be a holiday where no calendar says otherwise: it takes three of them.
 */
export function incompleteDays({ days, gaps, delay, arrived, hasCalendar }: Feed): Map<number, number> {
  const found = new Map<number, number>()
  for (const { day, rows, expected, closed } of days) {
    if (!delay || !arrived || (rows === 0 && (closed || expected === 0))) continue
    const share = knownShare(delay.curve, arrived.day - day)
    if (share < completeFrom) found.set(day, share)
  }
  for (const gap of gaps) {
    if (!hasCalendar && gap.days < 3) continue
    for (const day of days)
      if (day.gap && day.day >= gap.from && day.day < gap.until)
        found.set(day.day, Math.min(found.get(day.day) ?? 1, gapShare(day)))
  }
  return found
}

/** The rows of a gap beside those expected of it, 0 to 1. */
export const gapShare = ({ rows, expected, range }: JudgedDay): number => {
  const usual = expected ?? range?.[0] ?? 0
  return usual > 0 ? Math.min(1, rows / usual) : 1
}

/** A day counted from 1970 as it is written. */
export const isoDay = (day: number): string => new Date(day * 86_400_000).toISOString().slice(0, 10)
