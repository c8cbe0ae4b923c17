import type { Db } from './db.ts'
import casesSql from './derive/cases.sql?raw'
import dailyCasesSql from './derive/daily_cases.sql?raw'
import dailyOutcomesSql from './derive/daily_outcomes.sql?raw'
import dailyWaitTimesSql from './derive/daily_wait_times.sql?raw'
import stageVisitsSql from './derive/stage_visits.sql?raw'
import { type Jurisdiction, readJurisdiction } from './reference.ts'

type Stream = 'case_events' | 'wait_times' | 'outcomes'

/** What a load brings: the table with its rows, or null for everything the store holds. */
export type Touched = { stream: Stream; stage: string | null; load_no: number | null }

/**
 * Makes a stage visible and brings everything derived up to date with it: `cases` and `stage_visits` of the touched cases,
 * and the daily roll-up of the months that change. All of it is computed beside the tables people read and then swapped
 * in within a moment, during which the data version is odd. Repeatable: a second run gives the same tables. Only one
 * process may derive at a time (the caller holds the publish lock).
 */
export async function derive(db: Db, touched: Touched): Promise<void> {
  const steps = new Steps(db, await readJurisdiction(db))
  if (touched.stream === 'case_events') await steps.cases(touched.stage)
  else await steps.facts(touched.stream, touched.stage, touched.load_no)
}

/** Derives everything anew, for example after the configuration changed. */
export async function deriveAll(db: Db): Promise<void> {
  for (const stream of ['case_events', 'wait_times', 'outcomes'] as const) {
    const held = await db.query({ query: `SELECT 1 FROM ${stream} LIMIT 1`, format: 'JSONEachRow' })
    if ((await held.json()).length > 0) await derive(db, { stream, stage: null, load_no: null })
  }
}

const timeColumn = { wait_times: 'asked_at', outcomes: 'at' } as const
const rollUpSql = { wait_times: dailyWaitTimesSql, outcomes: dailyOutcomesSql } as const
const rollUpTable = {
  case_events: 'daily_cases',
  wait_times: 'daily_wait_times',
  outcomes: 'daily_outcomes',
} as const

class Steps {
  constructor(
    private readonly db: Db,
    private readonly jurisdiction: Jurisdiction,
  ) {}

  async cases(stage: string | null): Promise<void> {
    const { time_zone: zone, reopen_days } = this.jurisdiction
    // nobody reads the events but this: they may be in before what is derived from them
    if (stage) await this.#attach('case_events', stage)
    await this.#empty('cases_next', 'cases')
    await this.#empty('visits_next', 'stage_visits')
    await this.#run('DROP TABLE IF EXISTS touched')
    await this.#run(
      'CREATE TABLE touched (source LowCardinality(String), case_id String) ENGINE = MergeTree ORDER BY (source, case_id)',
    )
    await this.#run(`INSERT INTO touched SELECT DISTINCT source, case_id FROM ${stage ?? 'case_events'}`)
    const [version = 1] = await this.#column<number>('SELECT max(version) + 1 AS value FROM cases')
    await this.#run(casesSql, { zone, version })
    await this.#run(stageVisitsSql, { version })
    await this.#leaveDeleted(
      'stage_visits',
      'visits_next',
      'source, case_id, position, toYYYYMM(left_at)',
      version,
    )
    await this.#leaveDeleted('cases', 'cases_next', 'source, case_id, toYYYYMM(started_at)', version)
    const months = await this.#column<number>(
      `SELECT DISTINCT arrayJoin(arrayMap(t -> toYYYYMM(toDate32(assumeNotNull(t), {zone: String})),
         arrayFilter(t -> t IS NOT NULL, [toNullable(started_at), closed_at, first_closed_at]))) AS value
       FROM (SELECT started_at, closed_at, first_closed_at FROM cases_next UNION ALL
             SELECT started_at, closed_at, first_closed_at FROM cases FINAL WHERE (source, case_id) IN (SELECT source, case_id FROM touched))`,
      { zone },
    )
    await this.#empty('daily_cases_next', 'daily_cases')
    await this.#run(dailyCasesSql, { zone, months, reopen_days })
    await this.#publish(async () => {
      await this.#attach('stage_visits', 'visits_next')
      await this.#attach('cases', 'cases_next')
      await this.#replace('daily_cases', months)
    })
    for (const table of ['touched', 'cases_next', 'visits_next', 'daily_cases_next'])
      await this.#run(`DROP TABLE ${table}`)
  }

  async facts(stream: 'wait_times' | 'outcomes', stage: string | null, loadNo: number | null): Promise<void> {
    const { time_zone: zone } = this.jurisdiction
    const rollUp = rollUpTable[stream]
    const next = `${stream}_next`
    await this.#empty(next, stream)
    if (stage) await this.#attach(next, stage)
    const months = await this.#months(stream, stage, loadNo)
    await this.#empty(`${rollUp}_next`, rollUp)
    await this.#run(rollUpSql[stream], { zone, months })
    await this.#publish(async () => {
      await this.#attach(stream, next)
      await this.#replace(rollUp, months)
    })
    await this.#run(`DROP TABLE ${rollUp}_next`)
    await this.#run(`DROP TABLE ${next}`)
  }

  /** The months whose roll-up the stage changes; all of them when a row was corrected, as its old day is not known. */
  async #months(
    stream: 'wait_times' | 'outcomes',
    stage: string | null,
    loadNo: number | null,
  ): Promise<number[]> {
    const [corrected = 1] =
      loadNo === null
        ? []
        : await this.#column<number>(
            'SELECT max(corrected) AS value FROM loads FINAL WHERE load_no = {loadNo: UInt32}',
            { loadNo },
          )
    const all = stage === null || corrected > 0
    return this.#column<number>(
      `SELECT DISTINCT toYYYYMM(toDate32(${timeColumn[stream]}, {zone: String})) AS value FROM ${stage ?? stream}
       UNION DISTINCT SELECT DISTINCT toYYYYMM(day) FROM ${rollUpTable[stream]} WHERE {all: UInt8}`,
      { zone: this.jurisdiction.time_zone, all: Number(all) },
    )
  }

  /** What is no longer there, or no longer in that month, leaves a deleted row where it was. */
  async #leaveDeleted(table: string, next: string, key: string, version: number): Promise<void> {
    await this.#run(
      `INSERT INTO ${next} SELECT * REPLACE (toUInt64({version: UInt64}) AS version, toUInt8(1) AS deleted) FROM ${table} FINAL
       WHERE (source, case_id) IN (SELECT source, case_id FROM touched) AND (${key}) NOT IN (SELECT ${key} FROM ${next})`,
      { version },
    )
  }

  /** Swaps in what was prepared, with the data version odd: readers wait for the moment or ask again. */
  async #publish(swap: () => Promise<void>): Promise<void> {
    await this.#run(
      'INSERT INTO data_version (one, version) SELECT 1, max(version) + if(max(version) % 2 = 1, 2, 1) FROM data_version',
    )
    await swap()
    await this.#run('INSERT INTO data_version (one, version) SELECT 1, max(version) + 1 FROM data_version')
  }

  /** Adds the parts of another table without copying them; a repeat adds versions of rows that are there already. */
  async #attach(table: string, from: string): Promise<void> {
    for (const partition of await this.#partitions(from))
      await this.#run(`ALTER TABLE ${table} ATTACH PARTITION ID '${partition}' FROM ${from}`)
  }

  /** A month whose last row was corrected away or withdrawn has nothing to take its place: it is dropped. */
  async #replace(table: string, months: readonly number[]): Promise<void> {
    const full = new Set(await this.#partitions(`${table}_next`))
    for (const month of months)
      await this.#run(
        full.has(String(month))
          ? `ALTER TABLE ${table} REPLACE PARTITION ${Number(month)} FROM ${table}_next`
          : `ALTER TABLE ${table} DROP PARTITION ${Number(month)}`,
      )
  }

  #partitions(table: string): Promise<string[]> {
    return this.#column<string>(
      'SELECT DISTINCT partition_id AS value FROM system.parts WHERE active AND database = currentDatabase() AND table = {table: String}',
      { table },
    )
  }

  /** A table like another one, empty; one that a dead process left is gone before. */
  async #empty(table: string, like: string): Promise<void> {
    await this.#run(`DROP TABLE IF EXISTS ${table}`)
    await this.#run(`CREATE TABLE ${table} AS ${like}`)
  }

  async #run(query: string, query_params: Record<string, unknown> = {}): Promise<void> {
    await this.db.command({ query, query_params, clickhouse_settings: settings })
  }

  async #column<Value>(query: string, query_params: Record<string, unknown> = {}): Promise<Value[]> {
    const result = await this.db.query({
      query,
      query_params,
      clickhouse_settings: settings,
      format: 'JSONEachRow',
    })
    return (await result.json<{ value: Value }>()).map((row) => row.value)
  }
}

const settings = {
  max_partitions_per_insert_block: '0',
  do_not_merge_across_partitions_select_final: 1,
  optimize_aggregation_in_order: 1,
} as const
