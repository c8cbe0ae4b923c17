import { type Db, isAtLeast } from '../db.ts'
import { dropTables } from '../dropTables.ts'
import { themeWords } from '../freeText/themeWords.ts'
import { type Jurisdiction, readJurisdiction } from '../reference.ts'
import { tableLike } from '../tableLike.ts'

/** A table people read, in months of the moment `month`. */
export type Table = {
  name: string
  month: string
  /** Which of its rows those in `<name>_next` take the place of. */
  gone: string
  /** A query for the months, as `value`, that can hold such rows. */
  months: string
}

// people who ask go first, where the system lets the engine say so
const settings = {
  max_partitions_per_insert_block: '0',
  optimize_aggregation_in_order: 1,
  // making machine code of expressions takes longer than the few rows of a load
  compile_expressions: 0,
  os_thread_priority: '10',
} as const

/** In the moment itself everybody waits for it. */
const atOnce = { os_thread_priority: '5' } as const

/** What deriving is made of, statement by statement. */
export class Steps {
  private constructor(
    private readonly db: Db,
    private readonly jurisdiction: Jurisdiction,
  ) {}

  static async of(db: Db): Promise<Steps> {
    return new Steps(db, await readJurisdiction(db))
  }

  /** Notes the keys of the rows that are touched. */
  touch(key: string, from: string): Promise<void> {
    return this.run(
      `CREATE TABLE touched ENGINE = MergeTree ORDER BY (${key}) ${durable} AS SELECT DISTINCT ${key} FROM ${from}`,
    )
  }

  /** Makes the new rows of a table in `<name>_next`. */
  async fill(
    { name, fill }: { name: string; fill: string },
    chosen: Record<string, unknown> = {},
  ): Promise<void> {
    await this.empty(`${name}_next`, name)
    await this.run(fill, { ...this.#params(), ...chosen })
  }

  /** The answer to a query as a table. */
  keep(table: string, sql: string): Promise<void> {
    return this.run(
      `CREATE TABLE ${table} ENGINE = MergeTree ORDER BY tuple() ${durable} AS ${sql}`,
      this.#params(),
    )
  }

  view(name: string, sql: string): Promise<void> {
    return this.run(`CREATE VIEW ${name} AS ${sql}`)
  }

  /** A table like another one, empty, whose parts stay as they are filled. */
  async empty(table: string, like: string): Promise<void> {
    for (const statement of tableLike(this.db, table, like)) await this.run(statement)
  }

  /**
   * Takes rows out of a table by marking them: one statement, seen at once, that writes nothing but the marks. Servers before
   * 25.8 rewrite the marks of whole parts instead, which takes longer.
   */
  async markGone({ name, month, gone, months }: Table): Promise<void> {
    const within = await this.#column<number>(months)
    if (within.length === 0) return
    await this.run(
      `DELETE FROM ${name} WHERE toYYYYMM(${month}) IN (${within.join(', ')}) AND ${gone}`,
      {},
      canMark(this.db)
        ? {
            ...atOnce,
            lightweight_delete_mode: 'lightweight_update_force',
            min_free_disk_bytes_to_perform_insert: '0',
          }
        : { ...atOnce, lightweight_deletes_sync: '2' },
    )
  }

  /** Marks lie beside the parts: tables have to number their rows for it. */
  async letMark(tables: string[]): Promise<void> {
    if (!canMark(this.db)) return
    const without = await this.#column<string>(
      `SELECT name AS value FROM system.tables
       WHERE database = currentDatabase() AND name IN {tables: Array(String)} AND engine_full NOT LIKE '%enable_block_offset_column = 1%'`,
      { tables },
    )
    for (const table of without)
      await this.run(
        `ALTER TABLE ${table} MODIFY SETTING enable_block_number_column = 1, enable_block_offset_column = 1`,
      )
  }

  /** Adds to each table all parts of another one, without copying them. */
  async attachAll(pairs: readonly { table: string; from: string }[]): Promise<void> {
    const partitions = await this.#partitions(pairs.map(({ from }) => from))
    for (const { table, from } of pairs)
      await this.#alter(
        table,
        partitions(from).map((id) => `ATTACH PARTITION ID '${id}' FROM ${from}`),
      )
  }

  /** Puts the parts of each `<table>_next` in the place of all there is, or of all there is of some months. */
  async replaceAll(tables: readonly string[], months?: readonly number[]): Promise<void> {
    const partitions = await this.#partitions(tables.flatMap((table) => [table, `${table}_next`]))
    for (const table of tables) {
      const next = partitions(`${table}_next`)
      const gone = partitions(table).filter(
        (id) => !next.includes(id) && (!months || months.includes(Number(id))),
      )
      await this.#alter(table, [
        ...next.map((id) => `REPLACE PARTITION ID '${id}' FROM ${table}_next`),
        ...gone.map((id) => `DROP PARTITION ID '${id}'`),
      ])
    }
  }

  /** From here to `end` the data version is odd: readers wait for the moment or ask again. */
  begin(stream: string, whole: boolean): Promise<void> {
    return this.run(
      `INSERT INTO data_version (one, version, publishing, whole)
       SELECT 1, max(version) + if(max(version) % 2 = 1, 2, 1), '${stream}', ${Number(whole)} FROM data_version`,
    )
  }

  end(): Promise<void> {
    return this.run('INSERT INTO data_version (one, version) SELECT 1, max(version) + 1 FROM data_version')
  }

  /** What was being published when its process died, if one did. */
  async broken(): Promise<{ publishing: string; whole: number } | undefined> {
    const result = await this.db.query({
      query: 'SELECT version, publishing, whole FROM data_version ORDER BY version DESC LIMIT 1',
      format: 'JSONEachRow',
    })
    const [last] = await result.json<{ version: number; publishing: string; whole: number }>()
    return last && last.version % 2 === 1 ? last : undefined
  }

  async isEmpty(table: string): Promise<boolean> {
    return (await this.#column(`SELECT 1 AS value FROM ${table} LIMIT 1`)).length === 0
  }

  async count(table: string): Promise<number> {
    return Number((await this.#column<number>(`SELECT count() AS value FROM ${table}`))[0] ?? 0)
  }

  /** Drops those of the tables that are there. */
  dropAll(tables: string[]): Promise<void> {
    return dropTables(this.db, tables)
  }

  async run(
    query: string,
    query_params: Record<string, unknown> = {},
    more: Record<string, string> = {},
  ): Promise<void> {
    await this.db.command({ query, query_params, clickhouse_settings: { ...settings, ...more } })
  }

  async #alter(table: string, commands: string[]): Promise<void> {
    if (commands.length > 0) await this.run(`ALTER TABLE ${table} ${commands.join(', ')}`)
  }

  /** The partitions of each table: months, or the one of a table without. */
  async #partitions(tables: readonly string[]): Promise<(table: string) => string[]> {
    const held = await this.#column<[string, string]>(
      `SELECT DISTINCT (table, partition_id) AS value FROM system.parts
       WHERE active AND database = currentDatabase() AND table IN {tables: Array(String)} AND NOT startsWith(partition_id, 'patch-') ORDER BY value`,
      { tables },
    )
    return (table) => held.flatMap(([of, id]) => (of === table ? [id] : []))
  }

  #params(): Record<string, unknown> {
    const { time_zone: zone, reopen_days, repeat_days } = this.jurisdiction
    return { zone, reopen_days, repeat_days, ...themeWords }
  }

  async #column<Value>(query: string, query_params: Record<string, unknown> = {}): Promise<Value[]> {
    const result = await this.db.query({ query, query_params, format: 'JSONEachRow' })
    return (await result.json<{ value: Value }>()).map((row) => row.value)
  }
}

const durable = 'SETTINGS fsync_after_insert = 1, fsync_part_directory = 1'

/** Whether the engine can mark rows as gone in a statement that is seen at once. */
const canMark = ({ version }: Db): boolean => isAtLeast(version, 25, 8)
