import { afterOpenHours, dayAt, openHours } from './cadence.ts'
import type { Db } from './db.ts'
import { completeFrom, type Feed, gapShare, isoDay, readFeeds } from './feeds.ts'
import { feedSays } from './freshnessWords.ts'
import { readJurisdiction } from './reference.ts'
import { knownShare } from './reportingDelay.ts'
import type { ReaderDb } from './within.ts'

export type FeedState = 'fresh' | 'late' | 'silent' | 'unknown'
export type FeedDay = {
  day: string
  rows: number
  expected: [number, number] | null
  complete: number | null
  state: 'complete' | 'filling' | 'gap' | 'closed'
}

/**
 * What is in the store and what is known of when it comes: `now` decides what is late. A source that brings rows which the reader does not
 * see is told to nobody but those who see all of them: its counts are of all its rows.
 */
export async function freshness(db: Db | ReaderDb, now = new Date()) {
  const { whole, unhidden } = 'sight' in db ? db.sight : { whole: db, unhidden: null }
  const { time_zone } = await readJurisdiction(whole)
  const [feeds, names] = await Promise.all([feedsOf(whole, time_zone), serviceNames(whole)])
  const isSeen = (feed: Feed) => !unhidden || feed.services.every((service) => unhidden.has(service))
  return {
    as_of: now.toISOString(),
    feeds: feeds.filter(isSeen).map((feed) => {
      const { cadence, arrived, delay } = feed
      const state = stateOf(feed, now, time_zone)
      const due =
        cadence && arrived
          ? new Date(afterOpenHours(arrived.at, cadence.everyHours, time_zone, cadence.quiet))
          : null
      const today = dayAt(now.getTime(), time_zone)
      return {
        source: feed.source,
        stream: feed.stream,
        services: feed.services,
        rows: feed.rows,
        first_time: feed.first_time,
        last_time: feed.last_time,
        loaded_at: arrived && new Date(arrived.at).toISOString(),
        last_load_id: arrived?.load_id ?? null,
        expected: cadence && {
          every_hours: cadence.everyHours,
          rows_per_day: cadence.rows_per_day,
          basis: cadence.basis,
        },
        state,
        due_at: due?.toISOString() ?? null,
        delay: delay && {
          n: delay.n,
          median_hours: delay.median_hours,
          p90_hours: delay.p90_hours,
          curve: delay.curve.map((share, days) => ({ days, share })),
        },
        days: lastDays(feed, state, today),
        gaps: feed.gaps
          .slice(-50)
          .reverse()
          .map(({ from, until, days, expected }) => ({
            from: isoDay(from),
            until: isoDay(until),
            days,
            expected_rows: Math.round(expected),
          })),
        says: feedSays(feed, { state, due, now, zone: time_zone, names }),
      }
    }),
  }
}

/** The feeds, read again when a load ended or the configuration changed. */
const kept = new WeakMap<Db, { version: string; feeds: Promise<Feed[]> }>()

async function feedsOf(db: Db, zone: string): Promise<Feed[]> {
  const result = await db.query({
    query: `SELECT toString((max(version), (SELECT max(version) FROM data_version), (SELECT max(version) FROM expectations), (SELECT max(version) FROM jurisdiction))) AS version FROM loads`,
    format: 'JSONEachRow',
  })
  const version = (await result.json<{ version: string }>())[0]?.version ?? ''
  const known = kept.get(db)
  if (known?.version === version) return known.feeds
  const feeds = readFeeds(db, zone)
  kept.set(db, { version, feeds })
  feeds.catch(() => kept.delete(db))
  return feeds
}

async function serviceNames(db: Db): Promise<Map<string, string>> {
  const result = await db.query({ query: 'SELECT id, name FROM services FINAL', format: 'JSONEachRow' })
  return new Map((await result.json<{ id: string; name: string }>()).map(({ id, name }) => [id, name]))
}

/** Late after one and a half times the usual hours without a delivery, silent after three; quiet days do not count. */
function stateOf({ cadence, arrived }: Feed, now: Date, zone: string): FeedState {
  if (!cadence) return 'unknown'
  if (!arrived) return 'silent'
  const ratio = openHours(arrived.at, now.getTime(), zone, cadence.quiet) / cadence.everyHours
  return ratio > 3 ? 'silent' : ratio > 1.5 ? 'late' : 'fresh'
}

/** The last 28 days of the jurisdiction, today the last of them. */
function lastDays(feed: Feed, state: FeedState, today: number): FeedDay[] {
  const { delay, arrived, days, closed } = feed
  const first = days[0]?.day
  if (first === undefined) return []
  // beyond it nothing can be known: the last delivery, or the last rows where delay is unknown
  const reach = delay && arrived ? arrived.day : feed.lastDay
  return Array.from({ length: 28 }, (_, index) => {
    const day = today - 27 + index
    const found = days[day - first]
    const rows = found?.rows ?? 0
    const about = { day: isoDay(day), rows, expected: found?.range ?? null }
    const share = delay && arrived ? knownShare(delay.curve, arrived.day - day) : null
    if (found?.gap)
      return { ...about, complete: Math.min(share ?? 1, gapShare(found)), state: 'gap' as const }
    if (rows === 0 && (found?.closed ?? closed(day)))
      return { ...about, complete: delay && 1, state: 'closed' as const }
    if (day < first) return { ...about, complete: null, state: 'complete' as const }
    if (day > reach) {
      const missing = state === 'silent' && (found?.expected ?? 1) > 0
      return { ...about, complete: share, state: missing ? ('gap' as const) : ('filling' as const) }
    }
    return {
      ...about,
      complete: share,
      state: share !== null && share < completeFrom ? ('filling' as const) : ('complete' as const),
    }
  })
}
