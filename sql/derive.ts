import type { Db } from './db.ts'
import casesSql from './derive/cases.sql?raw'
import dailyCasesSql from './derive/daily_cases.sql?raw'
import dailyOutcomesSql from './derive/daily_outcomes.sql?raw'
import dailyWaitTimesSql from './derive/daily_wait_times.sql?raw'
import stageVisitsSql from './derive/stage_visits.sql?raw'
import { type Jurisdiction, readJurisdiction } from './reference.ts'

type Stream = 'case_events' | 'wait_times' | 'outcomes'

/** What a load brought: the table with its rows, or null for everything the store holds. */
export type Touched = { stream: Stream; stage: string | null; load_no: number | null }

const timeColumn = { wait_times: 'asked_at', outcomes: 'at' } as const
const rollUps = {
  case_events: { table: 'daily_cases', sql: dailyCasesSql },
  wait_times: { table: 'daily_wait_times', sql: dailyWaitTimesSql },
  outcomes: { table: 'daily_outcomes', sql: dailyOutcomesSql },
} as const

/**
 * Brings everything derived up to date with what a load touched: `cases` and `stage_visits` of the touched cases, and
 * the daily roll-up of the months that changed. Repeatable: a second run gives the same tables. Only one process may
 * derive at a time (the caller holds the publish lock).
 */
export async function derive(db: Db, touched: Touched): Promise<void> {
  const jurisdiction = await readJurisdiction(db)
  await publishing(db, async () => {
    const months =
      touched.stream === 'case_events'
        ? await deriveCases(db, touched.stage, jurisdiction)
        : await touchedMonths(db, touched.stream, touched.stage, touched.load_no, jurisdiction)
    await rollUp(db, touched.stream, months, jurisdiction)
  })
}

/** Derives everything anew, for example after the configuration changed. */
export async function deriveAll(db: Db): Promise<void> {
  for (const stream of ['case_events', 'wait_times', 'outcomes'] as const)
    await derive(db, { stream, stage: null, load_no: null })
}

/** Runs `work` with the data version odd, so that no answer given meanwhile is cached as final. */
export async function publishing(db: Db, work: () => Promise<void>): Promise<void> {
  await db.command({
    query:
      'INSERT INTO data_version (one, version) SELECT 1, bitOr(max(version), 1) + if(max(version) % 2 = 1, 2, 0) FROM data_version',
  })
  await work()
  await db.command({
    query: 'INSERT INTO data_version (one, version) SELECT 1, max(version) + 1 FROM data_version',
  })
}

async function deriveCases(db: Db, stage: string | null, { time_zone }: Jurisdiction): Promise<number[]> {
  const run = (query: string, query_params: Record<string, unknown> = {}) =>
    db.command({ query, query_params })
  for (const table of ['touched', 'cases_next', 'visits_next']) await run(`DROP TABLE IF EXISTS ${table}`)
  await run(
    'CREATE TABLE touched (source LowCardinality(String), case_id String) ENGINE = MergeTree ORDER BY (source, case_id)',
  )
  await run('CREATE TABLE cases_next AS cases')
  await run('CREATE TABLE visits_next AS stage_visits')
  await run(`INSERT INTO touched SELECT DISTINCT source, case_id FROM ${stage ?? 'case_events'}`)
  const version = (await one<{ version: number }>(db, 'SELECT max(version) + 1 AS version FROM cases'))
    .version
  await run(casesSql, { zone: time_zone, version })
  await run(stageVisitsSql, { version })
  // what is no longer there: cases without events, visits beyond the last one
  await run(
    `INSERT INTO visits_next SELECT * REPLACE (toUInt64({version: UInt64}) AS version, toUInt8(1) AS deleted) FROM stage_visits FINAL
     WHERE (source, case_id) IN (SELECT source, case_id FROM touched)
       AND (source, case_id, position) NOT IN (SELECT source, case_id, position FROM visits_next)`,
    { version },
  )
  const months = await column<number>(
    db,
    `SELECT DISTINCT arrayJoin(arrayMap(t -> toYYYYMM(toDate32(assumeNotNull(t), {zone: String})),
       arrayFilter(t -> t IS NOT NULL, [toNullable(started_at), closed_at, first_closed_at]))) AS value
     FROM (SELECT started_at, closed_at, first_closed_at FROM cases_next UNION ALL
           SELECT started_at, closed_at, first_closed_at FROM cases FINAL WHERE (source, case_id) IN (SELECT source, case_id FROM touched))`,
    { zone: time_zone },
  )
  await run(
    `INSERT INTO cases_next SELECT * REPLACE (toUInt64({version: UInt64}) AS version, toUInt8(1) AS deleted) FROM cases FINAL
     WHERE (source, case_id) IN (SELECT source, case_id FROM touched)
       AND (source, case_id) NOT IN (SELECT source, case_id FROM cases_next)`,
    { version },
  )
  await run('ALTER TABLE stage_visits ATTACH PARTITION tuple() FROM visits_next')
  await run('ALTER TABLE cases ATTACH PARTITION tuple() FROM cases_next')
  for (const table of ['touched', 'cases_next', 'visits_next']) await run(`DROP TABLE ${table}`)
  return months
}

/** The months whose roll-up the stage changes; all of them when a row was corrected, as its old day is not known. */
async function touchedMonths(
  db: Db,
  stream: 'wait_times' | 'outcomes',
  stage: string | null,
  loadNo: number | null,
  { time_zone }: Jurisdiction,
): Promise<number[]> {
  const corrected =
    loadNo === null
      ? 1
      : (
          await one<{ corrected: number }>(
            db,
            'SELECT max(corrected) AS corrected FROM loads FINAL WHERE load_no = {no: UInt32}',
            { no: loadNo },
          )
        ).corrected
  const from = corrected > 0 || stage === null ? stream : stage
  return column<number>(
    db,
    `SELECT DISTINCT toYYYYMM(toDate32(${timeColumn[stream]}, {zone: String})) AS value FROM ${from}
     UNION DISTINCT SELECT DISTINCT toYYYYMM(day) FROM ${rollUps[stream].table} WHERE {all: UInt8}`,
    { zone: time_zone, all: Number(from === stream) },
  )
}

async function rollUp(
  db: Db,
  stream: Stream,
  months: number[],
  { time_zone, reopen_days }: Jurisdiction,
): Promise<void> {
  if (months.length === 0) return
  const { table, sql } = rollUps[stream]
  await db.command({ query: `DROP TABLE IF EXISTS ${table}_next` })
  await db.command({ query: `CREATE TABLE ${table}_next AS ${table}` })
  await db.command({ query: sql, query_params: { zone: time_zone, months, reopen_days } })
  for (const month of months)
    await db.command({ query: `ALTER TABLE ${table} REPLACE PARTITION ${Number(month)} FROM ${table}_next` })
  await db.command({ query: `DROP TABLE ${table}_next` })
}

async function one<Row>(db: Db, query: string, query_params: Record<string, unknown> = {}): Promise<Row> {
  const rows = await (await db.query({ query, query_params, format: 'JSONEachRow' })).json<Row>()
  if (rows[0] === undefined) throw new Error(`no row: ${query}`)
  return rows[0]
}

async function column<Value>(db: Db, query: string, query_params: Record<string, unknown>): Promise<Value[]> {
  const rows = await (await db.query({ query, query_params, format: 'JSONEachRow' })).json<{ value: Value }>()
  return rows.map((row) => row.value)
}
