import { z } from 'zod'
import type { Db } from './db.ts'
import punctualitySql from './queries/report_punctuality.sql?raw'
import oneSql from './queries/report_run.sql?raw'
import runsSql from './queries/report_runs.sql?raw'
import keysSql from './queries/report_runs_keys.sql?raw'
import lastSql from './queries/report_runs_last.sql?raw'
import latestSql from './queries/report_runs_latest.sql?raw'
import openSql from './queries/report_runs_open.sql?raw'
import sentSql from './queries/report_runs_sent.sql?raw'
import sinceSql from './queries/report_runs_since.sql?raw'
import toldSql from './queries/report_runs_told.sql?raw'
import undeliveredSql from './queries/report_undelivered.sql?raw'
import verifySql from './queries/report_verify.sql?raw'
import { defineQuery } from './query.ts'
import { runStates } from './reportSchedules.ts'

/** One step of a run, which tells all of the run as it then stood. Times are ISO 8601 in UTC. */
export const runRow = z.object({
  number: z.number(),
  key: z.string(),
  schedule: z.string(),
  report: z.string(),
  by_hand: z.number(),
  occurrence: z.string(),
  period_from: z.string(),
  period_until: z.string(),
  recipient: z.string(),
  recipient_id: z.string(),
  format: z.string(),
  state: z.enum(runStates),
  at: z.string(),
  worker: z.string(),
  lease_until: z.string().nullable(),
  attempt: z.number(),
  not_before: z.string().nullable(),
  reason: z.string(),
  made: z.string(),
  sha256: z.string(),
  figures_sha256: z.string(),
  proof: z.string(),
  as_of: z.string(),
  data_version: z.string(),
  request: z.string(),
})
export type RunRow = z.output<typeof runRow>

const none = z.object({})
const since = defineQuery('report_runs_since', sinceSql, z.object({ after: z.number() }), runRow)
const open = defineQuery('report_runs_open', openSql, none, runRow)
const last = defineQuery(
  'report_runs_last',
  lastSql,
  z.object({ until: z.string() }),
  z.object({ schedule: z.string(), last: z.string() }),
)
const told = defineQuery(
  'report_runs_told',
  toldSql,
  none,
  z.object({ schedule: z.string(), recipient_id: z.string(), format: z.string(), figures: z.string() }),
)
const keys = defineQuery(
  'report_runs_keys',
  keysSql,
  z.object({ from: z.string(), until: z.string() }),
  z.object({ key: z.string() }),
)
const runs = defineQuery(
  'report_runs',
  runsSql,
  z.object({ schedule: z.string(), state: z.string(), before: z.number(), limit: z.number() }),
  runRow,
)
const punctual = defineQuery(
  'report_punctuality',
  punctualitySql,
  z.object({ since: z.string(), until: z.string() }),
  z.object({ due: z.number(), on_time: z.number(), waiting: z.number(), failed: z.number() }),
)
const waiting = defineQuery('report_undelivered', undeliveredSql, none, z.object({ undelivered: z.number() }))
const sent = defineQuery(
  'report_runs_sent',
  sentSql,
  z.object({ since: z.string() }),
  z.object({
    ...{ sha256: z.string(), report: z.string(), format: z.string() },
    ...{ period_from: z.string(), period_until: z.string() },
  }),
)
const one = defineQuery('report_run', oneSql, z.object({ key: z.string() }), runRow)
const latest = defineQuery('report_runs_latest', latestSql, none, runRow)
const verify = defineQuery(
  'report_verify',
  verifySql,
  z.object({ checksum: z.string() }),
  z.object({
    report: z.string(),
    format: z.string(),
    period_from: z.string(),
    period_until: z.string(),
    as_of: z.string(),
    data_version: z.string(),
    sha256: z.string(),
    figures_sha256: z.string(),
    /** One of the runs it was sent by. */
    a_run: z.string(),
    first_at: z.string(),
    last_at: z.string(),
    delivered: z.number(),
    recipients: z.number(),
  }),
)

/** All that was written after a number, in order. */
export const runsSince = (db: Db, after: number): Promise<RunRow[]> => since(db, { after })
/** Runs that are not at an end. */
export const openRuns = (db: Db): Promise<RunRow[]> => open(db, {})
/** The highest number of the log; 0 when nothing was written. */
export async function lastNumber(db: Db): Promise<number> {
  const result = await db.query({
    query: 'SELECT max(number) AS number FROM report_run_log',
    format: 'JSONEachRow',
  })
  return Number((await result.json<{ number: number }>())[0]?.number ?? 0)
}
/** The last occurrence of each schedule until a moment. */
export const lastOccurrences = async (db: Db, until: Date): Promise<Map<string, string>> =>
  new Map((await last(db, { until: until.toISOString() })).map((row) => [row.schedule, row.last]))
/** What each recipient was told last: schedule, recipient and format as JSON, and the checksum of the figures. */
export const lastTold = async (db: Db): Promise<Map<string, string>> =>
  new Map((await told(db, {})).map((row) => [toldTo(row), row.figures]))
export const toldTo = ({
  schedule,
  recipient_id,
  format,
}: Pick<RunRow, 'schedule' | 'recipient_id' | 'format'>) => JSON.stringify([schedule, recipient_id, format])
/** Keys of the runs between two occurrences, both inclusive. */
export const keysBetween = async (db: Db, from: string, until: string): Promise<Set<string>> =>
  new Set((await keys(db, { from, until })).map(({ key }) => key))

export type RunsAsked = {
  schedule?: string | undefined
  state?: string | undefined
  before?: number | undefined
  limit: number
}
/** History: runs as they stand, those that changed last first. */
export const listRuns = (
  db: Db,
  { schedule = '', state = '', before = 0, limit }: RunsAsked,
): Promise<RunRow[]> => runs(db, { schedule, state, before, limit })
/** All that happened to a run, in order; empty when there is none. */
export const readRun = (db: Db, key: string): Promise<RunRow[]> => one(db, { key })
/** The run of each schedule that was due last. */
export const latestRuns = (db: Db): Promise<RunRow[]> => latest(db, {})
/** What a checksum belongs to, of a file or of figures, or the beginning of one with at least 16 signs. */
export const verifyChecksum = (db: Db, checksum: string) => verify(db, { checksum: checksum.toLowerCase() })

/** Writes steps down, in this order, after the number that was last. The caller holds the lock of reports. */
export async function noteRuns(db: Db, rows: readonly RunRow[]): Promise<void> {
  if (rows.length === 0) return
  await db.insert({
    table: 'report_run_log',
    values: rows,
    format: 'JSONEachRow',
    clickhouse_settings: { async_insert: 0, date_time_input_format: 'best_effort' },
  })
}

const hourMs = 3_600_000

/** How punctual reports were in the last 30 days. */
export async function punctuality(db: Db, now: Date) {
  const since = new Date(now.getTime() - 30 * 24 * hourMs).toISOString()
  const until = new Date(now.getTime() - hourMs).toISOString()
  const [counts] = await punctual(db, { since, until })
  return counts ?? { due: 0, on_time: 0, waiting: 0, failed: 0 }
}

/** How many reports could not be handed over so far. */
export const undelivered = async (db: Db): Promise<number> => (await waiting(db, {}))[0]?.undelivered ?? 0

/** The reports that were sent since a moment, each once. */
export const sentReports = (db: Db, since: Date) => sent(db, { since: since.toISOString() })
