import type { Db } from './db.ts'
import casesSql from './derive/cases.sql?raw'
import currentOutcomesSql from './derive/current_outcomes.sql?raw'
import currentWaitsSql from './derive/current_waits.sql?raw'
import dailyCasesSql from './derive/daily_cases.sql?raw'
import dailyOutcomesSql from './derive/daily_outcomes.sql?raw'
import dailyWaitTimesSql from './derive/daily_wait_times.sql?raw'
import openVisitsSql from './derive/open_visits.sql?raw'
import stageVisitsSql from './derive/stage_visits.sql?raw'
import { type Jurisdiction, readJurisdiction } from './reference.ts'

type Stream = 'case_events' | 'wait_times' | 'outcomes'

/** What a load brings: the table with its rows, or null for everything the store holds. */
export type Touched = { stream: Stream; stage: string | null }

/** A table people read, in months of the moment `month`; `key` says which of its rows a load touches. */
type Derived = { name: string; key: string; month: string; fill: string }

/** What is derived from a stream, in the order it is made, and the roll-up of it by `days`. */
const derivedFrom: Record<
  Stream,
  { key: string; tables: Derived[]; days: string[]; rollUp: string; rollUpSql: string }
> = {
  case_events: {
    key: 'source, case_id',
    tables: [
      { name: 'cases', key: 'source, case_id', month: 'started_at', fill: casesSql },
      { name: 'stage_visits', key: 'source, case_id', month: 'left_at', fill: stageVisitsSql },
      { name: 'open_visits', key: 'source, case_id', month: 'entered_at', fill: openVisitsSql },
    ],
    days: ['toNullable(started_at)', 'closed_at', 'first_closed_at'],
    rollUp: 'daily_cases',
    rollUpSql: dailyCasesSql,
  },
  wait_times: {
    key: 'source, wait_id',
    tables: [{ name: 'current_waits', key: 'source, wait_id', month: 'asked_at', fill: currentWaitsSql }],
    days: ['toNullable(asked_at)'],
    rollUp: 'daily_wait_times',
    rollUpSql: dailyWaitTimesSql,
  },
  outcomes: {
    key: 'source, outcome_id',
    tables: [{ name: 'current_outcomes', key: 'source, outcome_id', month: 'at', fill: currentOutcomesSql }],
    days: ['toNullable(at)'],
    rollUp: 'daily_outcomes',
    rollUpSql: dailyOutcomesSql,
  },
}

/**
 * Makes a stage visible and brings everything derived up to date with it. The months that change are built beside the
 * tables people read, with the untouched rows of those months, and swapped in within a moment, during which the data
 * version is odd. Repeatable at any point: what is touched is always taken out before it is put in. Only one process may
 * derive at a time (the caller holds the publish lock).
 */
export async function derive(db: Db, { stream, stage }: Touched): Promise<void> {
  const steps = new Steps(db, await readJurisdiction(db))
  const { key, tables, days, rollUp, rollUpSql } = derivedFrom[stream]
  // nobody reads the facts but this: they may be in before what is derived from them
  if (stage) await steps.attachAll(stream, stage)
  await steps.touch(key, stage ?? stream)
  for (const table of tables) {
    await steps.empty(`${table.name}_next`, table.name)
    await steps.fill(table.fill)
  }
  const [main] = tables
  const changedDays = main ? await steps.changedMonths(main, days) : []
  await steps.empty(`${rollUp}_next`, rollUp)
  await steps.fill(rollUpSql, { months: changedDays })
  const swaps: Swap[] = []
  for (const table of tables) swaps.push(await steps.complete(table))
  await steps.publish(async () => {
    for (const swap of swaps) await steps.swap(swap)
    await steps.swap({ name: rollUp, replace: changedDays.map(String), attach: [] })
  })
  for (const table of ['touched', `${rollUp}_next`, ...tables.map(({ name }) => `${name}_next`)])
    await steps.drop(table)
}

/** Derives everything anew, for example after the configuration changed. */
export async function deriveAll(db: Db): Promise<void> {
  for (const stream of ['case_events', 'wait_times', 'outcomes'] as const) {
    const held = await db.query({ query: `SELECT 1 FROM ${stream} LIMIT 1`, format: 'JSONEachRow' })
    if ((await held.json()).length > 0) await derive(db, { stream, stage: null })
  }
}

/** Months of a table to take from its `_next`: those that replace what is there, and those that only add rows. */
type Swap = { name: string; replace: string[]; attach: string[] }

class Steps {
  constructor(
    private readonly db: Db,
    private readonly jurisdiction: Jurisdiction,
  ) {}

  /** Notes the keys of the rows that are touched. */
  async touch(key: string, from: string): Promise<void> {
    await this.drop('touched')
    await this.#run(
      `CREATE TABLE touched ENGINE = MergeTree ORDER BY (${key}) AS SELECT DISTINCT ${key} FROM ${from}`,
    )
  }

  fill(sql: string, more: Record<string, unknown> = {}): Promise<void> {
    const { time_zone, reopen_days } = this.jurisdiction
    return this.#run(sql, { zone: time_zone, reopen_days, ...more })
  }

  /** The months of the jurisdiction in which the touched rows count, as they are now and as they were. */
  changedMonths({ name, key }: Derived, days: readonly string[]): Promise<number[]> {
    const columns = days.map((day, index) => `${day} AS day_${index}`).join(', ')
    const moments = days.map((_, index) => `day_${index}`).join(', ')
    return this.#column<number>(
      `SELECT DISTINCT arrayJoin(arrayMap(t -> toYYYYMM(toDate32(assumeNotNull(t), {zone: String})), arrayFilter(t -> t IS NOT NULL, [${moments}]))) AS value
       FROM (SELECT ${columns} FROM ${name}_next UNION ALL SELECT ${columns} FROM ${name} WHERE (${key}) IN (SELECT ${key} FROM touched))`,
      { zone: this.jurisdiction.time_zone },
    )
  }

  /** Adds to the months that hold touched rows already the rows of those months that are not touched. */
  async complete({ name, key, month }: Derived): Promise<Swap> {
    const touched = `(${key}) IN (SELECT ${key} FROM touched)`
    const added = await this.#months(`${name}_next`)
    const replace = (
      await this.#column<number>(`SELECT DISTINCT toYYYYMM(${month}) AS value FROM ${name} WHERE ${touched}`)
    ).map(String)
    if (replace.length > 0)
      await this.#run(
        `INSERT INTO ${name}_next SELECT * FROM ${name} WHERE toYYYYMM(${month}) IN {months: Array(UInt32)} AND NOT (${touched})`,
        { months: replace.map(Number) },
      )
    return { name, replace, attach: added.filter((id) => !replace.includes(id)) }
  }

  /** Takes the months over. A month that lost its last row is dropped. */
  async swap({ name, replace, attach }: Swap): Promise<void> {
    const next = new Set(await this.#months(`${name}_next`))
    for (const month of replace)
      await this.#run(
        next.has(month)
          ? `ALTER TABLE ${name} REPLACE PARTITION ID '${month}' FROM ${name}_next`
          : `ALTER TABLE ${name} DROP PARTITION ID '${month}'`,
      )
    for (const month of attach)
      await this.#run(`ALTER TABLE ${name} ATTACH PARTITION ID '${month}' FROM ${name}_next`)
  }

  /** Adds all parts of another table without copying them. */
  async attachAll(table: string, from: string): Promise<void> {
    for (const partition of await this.#months(from))
      await this.#run(`ALTER TABLE ${table} ATTACH PARTITION ID '${partition}' FROM ${from}`)
  }

  /** Does the work with the data version odd: readers wait for the moment or ask again. */
  async publish(work: () => Promise<void>): Promise<void> {
    await this.#run(
      'INSERT INTO data_version (one, version) SELECT 1, max(version) + if(max(version) % 2 = 1, 2, 1) FROM data_version',
    )
    await work()
    await this.#run('INSERT INTO data_version (one, version) SELECT 1, max(version) + 1 FROM data_version')
  }

  /** A table like another one, empty; one that a dead process left is gone before. */
  async empty(table: string, like: string): Promise<void> {
    await this.drop(table)
    await this.#run(`CREATE TABLE ${table} AS ${like}`)
  }

  drop(table: string): Promise<void> {
    return this.#run(`DROP TABLE IF EXISTS ${table}`)
  }

  /** The partitions of a table: months, or the one of a table without. */
  #months(table: string): Promise<string[]> {
    return this.#column<string>(
      'SELECT DISTINCT partition_id AS value FROM system.parts WHERE active AND database = currentDatabase() AND table = {table: String}',
      { table },
    )
  }

  async #run(query: string, query_params: Record<string, unknown> = {}): Promise<void> {
    await this.db.command({ query, query_params, clickhouse_settings: settings })
  }

  async #column<Value>(query: string, query_params: Record<string, unknown> = {}): Promise<Value[]> {
    const result = await this.db.query({ query, query_params, format: 'JSONEachRow' })
    return (await result.json<{ value: Value }>()).map((row) => row.value)
  }
}

const settings = { max_partitions_per_insert_block: '0', optimize_aggregation_in_order: 1 } as const
