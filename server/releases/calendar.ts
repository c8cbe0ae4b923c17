import type { Config } from '../../sql/config.ts'
import type { Db } from '../../sql/db.ts'
import { type Announced, noteCalendar, readCalendar } from '../../sql/releaseLog.ts'
import type { CalendarEntry } from './published.ts'
import type { Standing } from './state.ts'
import { titleOf, toUtc } from './when.ts'

/** The calendar of the configuration, in UTC. */
export const declaredCalendar = ({ publication, jurisdiction }: Config): Omit<Announced, 'sequence'>[] =>
  publication.calendar.map(({ month, at, reason, cancelled }) => ({
    month,
    at: toUtc(at, jurisdiction.time_zone),
    reason,
    cancelled,
  }))

/**
 * Writes down what the configuration announces otherwise than before: followers of the calendar are told how often a date was moved.
 * A coming date that is no longer declared counts as cancelled. The caller holds the lock of releases.
 */
export async function announce(db: Db, config: Config, now: Date): Promise<void> {
  const before = new Map((await readCalendar(db)).map((entry) => [entry.month, entry]))
  const declared = declaredCalendar(config)
  const changed = declared.filter(({ month, at, reason, cancelled }) => {
    const was = before.get(month)
    return !was || was.at !== at || was.reason !== reason || was.cancelled !== cancelled
  })
  const dropped = [...before.values()]
    .filter(
      ({ month, at, cancelled }) =>
        !cancelled && at > now.toISOString() && !declared.some((entry) => entry.month === month),
    )
    .map(({ month, at }) => ({ month, at, reason: 'Taken off the calendar.', cancelled: true }))
  await noteCalendar(db, [...changed, ...dropped], now.toISOString())
}

/** What was announced and what came, by time. Months that were published unannounced stand there too. */
export function calendarOf(
  announced: readonly Announced[],
  releases: readonly Standing[],
  now: Date,
): CalendarEntry[] {
  const planned = (at: string) => (at < now.toISOString() ? 'late' : 'planned')
  const came = new Map<string, string>()
  for (const { id, public_since } of releases) {
    const month = id.slice(0, 7)
    const first = came.get(month)
    if (public_since !== null && (first === undefined || public_since < first)) came.set(month, public_since)
  }
  const months = new Set([...announced.map(({ month }) => month), ...came.keys()])
  return [...months]
    .map((month): CalendarEntry => {
      const entry = announced.find((one) => one.month === month)
      const since = came.get(month)
      return {
        month,
        title: titleOf(month),
        at: timeOf(entry?.at, since),
        state: since !== undefined ? 'published' : entry?.cancelled ? 'cancelled' : planned(entry?.at ?? ''),
        reason: entry?.reason ?? '',
        sequence: entry?.sequence ?? 0,
      }
    })
    .sort((a, b) => (a.at + a.month < b.at + b.month ? -1 : 1))
}

/** The announced minute, unless the release came in another one: then that. */
function timeOf(announced: string | undefined, since: string | undefined): string {
  if (since === undefined) return announced ?? ''
  const late = announced === undefined ? Number.POSITIVE_INFINITY : Date.parse(since) - Date.parse(announced)
  if (announced !== undefined && late >= 0 && late < 60_000) return announced
  return `${since.slice(0, 16)}:00.000Z`
}
