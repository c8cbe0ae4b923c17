import { z } from 'zod'
import type { Db } from './db.ts'
import aboutSql from './queries/release_about.sql?raw'
import calendarSql from './queries/release_calendar.sql?raw'
import logSql from './queries/release_log.sql?raw'
import { defineQuery } from './query.ts'

/**
 * What can be done with a release. `loosened`: small numbers are kept back less strictly than in the release before. `previewed`: somebody
 * looked at it before it was public. These two change no state.
 */
export const releaseSteps = [
  'built',
  'checked',
  'approved',
  'scheduled',
  'published',
  'corrected',
  'withdrawn',
  'loosened',
  'previewed',
] as const
export type ReleaseStep = (typeof releaseSteps)[number]

/** One step as the log tells it. What the server does at its time has no key. */
export const logEntry = z.object({
  number: z.number(),
  release: z.string(),
  step: z.enum(releaseSteps),
  at: z.string(),
  key_id: z.string(),
  key_name: z.string(),
  reason: z.string(),
  /** SHA-256 of the manifest. */
  manifest: z.string(),
})
export type LogEntry = z.output<typeof logEntry>

const log = defineQuery('release_log', logSql, z.object({ release: z.string() }), logEntry)
const about = defineQuery(
  'release_about',
  aboutSql,
  z.object({ release: z.string() }),
  z.object({ release: z.string(), about: z.string() }),
)
const calendar = defineQuery(
  'release_calendar',
  calendarSql,
  z.object({}),
  z.object({
    month: z.string(),
    at: z.string(),
    reason: z.string(),
    cancelled: z.number(),
    sequence: z.number(),
  }),
)

const write = (db: Db, table: string, values: object[]) =>
  db.insert({
    table,
    values,
    format: 'JSONEachRow',
    clickhouse_settings: { async_insert: 0, date_time_input_format: 'best_effort' },
  })

/** All steps of all releases, or of one, in their order. */
export const readLog = (db: Db, release = ''): Promise<LogEntry[]> => log(db, { release })

/** What the last build of each release said of it, as JSON by the id of the release. */
export const readAbout = async (db: Db, release = ''): Promise<Map<string, string>> =>
  new Map((await about(db, { release })).map((row) => [row.release, row.about]))

/** Writes steps down, in this order. The caller holds the lock of releases. */
export async function noteSteps(
  db: Db,
  steps: (Omit<LogEntry, 'number'> & { about?: string })[],
): Promise<void> {
  const [last] = await (
    await db.query({ query: 'SELECT max(number) AS number FROM release_log', format: 'JSONEachRow' })
  ).json<{ number: number }>()
  const first = Number(last?.number ?? 0) + 1
  await write(
    db,
    'release_log',
    steps.map((step, index) => ({ about: '', ...step, number: first + index })),
  )
}

/** A month of the release calendar; times are UTC. */
export type Announced = { month: string; at: string; reason: string; cancelled: boolean; sequence: number }

/** The release calendar as it was last announced, by month. */
export const readCalendar = async (db: Db): Promise<Announced[]> =>
  (await calendar(db, {})).map((row) => ({ ...row, cancelled: row.cancelled === 1 }))

/** Writes down what is announced now. The caller holds the lock of releases. */
export const noteCalendar = async (
  db: Db,
  changed: Omit<Announced, 'sequence'>[],
  noted_at: string,
): Promise<void> => {
  if (changed.length > 0)
    await write(
      db,
      'release_calendar',
      changed.map((row) => ({ ...row, cancelled: Number(row.cancelled), noted_at })),
    )
}
