import { createHash } from 'node:crypto'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeTown } from '../fixtures/bench/killsTown.ts'
import { disagreements } from '../server/check/disagreements.ts'
import { applyConfig } from '../sql/applyConfig.ts'
import { bottlenecks } from '../sql/bottlenecks.ts'
import { configSchema } from '../sql/config.ts'
import { type Db, openDb } from '../sql/db.ts'
import { filters } from '../sql/filters.ts'
import { kpiAnswer, kpiBy } from '../sql/kpiFigures.ts'
import { listLoads } from '../sql/loads.ts'
import { migrate, migrations } from '../sql/migrate.ts'
import { outcomes } from '../sql/outcomes.ts'
import { processMap } from '../sql/processMap.ts'
import { rowsOf } from '../sql/rowsOf.ts'
import { satisfaction } from '../sql/satisfaction.ts'
import { ingest } from './ingest.ts'
import { useStore } from './testStore.ts'
import { keepWeeks } from './weeks.ts'

/**
 * The way from the first released schema to the newest. A store of then is made of the tables of then, filled with what a town of today holds in
 * them; brought to today it must keep every row and answer as the town does.
 */
const released = '0018_reports.sql'
const then = migrations.slice(0, migrations.findIndex(({ name }) => name === released) + 1)

const store = useStore()
let old: Db

beforeAll(async () => {
  old = await openDb({ CLEARWAY_DATA: path.join(store.dir, 'old') })
  const { config, office, folder: inbox } = makeTown()
  await applyConfig(store.db, configSchema.parse({ ...config, ...declared }))
  for (const { name, content } of [...office, ...inbox.slice(0, 3)])
    await ingest(store.db, await store.file(name, content), { mapping: 'clearway', source: 'office' })
  await keepWeeks(store.db)
}, 300_000)
afterAll(() => old?.close())

/** Something of all that can be declared. */
const declared = {
  departments: [{ id: 'planning', name: 'Planning' }],
  districts: [{ id: 'north', name: 'North' }],
  channels: [{ id: 'online', name: 'Online', digital: true }],
  pauses: { applicant: ['waiting for documents'] },
  outcomes: [{ service: 'permits', codes: { granted: 'intended' } }],
  contacts: { chasing: ['Progress asked for'] },
  costs: [{ service: 'permits', from: '2026-01-01', until: '2027-01-01', amount: 1000, currency: 'EUR' }],
  expected: [{ source: 'office', stream: 'wait_times', every_hours: 24 }],
  annotations: [{ service: 'permits', day: '2026-02-01', text: 'A new form.' }],
}

/** Every table that holds rows, with its columns. */
async function tablesOf(db: Db): Promise<Map<string, string>> {
  const found = await rowsOf<{ table: string; columns: string }>(
    db,
    `SELECT table, arrayStringConcat(groupArray(concat('\`', name, '\`')), ', ') AS columns
     FROM (SELECT table, name FROM system.columns WHERE database = currentDatabase() AND table IN
       (SELECT name FROM system.tables WHERE database = currentDatabase() AND engine LIKE '%MergeTree' AND name != 'migrations') ORDER BY table, position)
     GROUP BY table ORDER BY table`,
  )
  return new Map(found.map(({ table, columns }) => [table, columns]))
}

/** The rows of a table in these columns, as lines of JSON in an order of their own; whole numbers of 64 bits are quoted. */
async function linesOf(db: Db, table: string, columns: string): Promise<string> {
  const result = await db.query({
    query: `SELECT ${columns} FROM ${table} ORDER BY ALL`,
    format: 'JSONEachRow',
    clickhouse_settings: { output_format_json_quote_64bit_integers: 1 },
  })
  return result.text()
}

/** To nine digits: an engine may add up in another order. */
async function answers(db: Db): Promise<unknown> {
  const all = filters.parse({})
  const told = {
    kpis: (await kpiAnswer(db, all)).kpis,
    by: await kpiBy(db, 'wait_p90', 'team', all),
    bottlenecks: await bottlenecks(db, all),
    outcomes: await outcomes(db, all),
    satisfaction: await satisfaction(db, all),
    map: await processMap(db, all),
    loads: await listLoads(db, { limit: 100, only: 'all', before: 0 }),
  }
  const rounded = (_: string, value: unknown) =>
    typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(9)) : value
  return JSON.parse(JSON.stringify(told, rounded))
}

/** The same store for a process that dies after each statement it has not died after yet; the statement itself was done. */
function dyingAfterEach(db: Db): Db {
  const died = new Set<string>()
  const dies =
    <T extends object, R>(call: (params: T) => Promise<R>) =>
    async (params: T): Promise<R> => {
      const done = await call(params)
      const what = JSON.stringify(params)
      if (died.has(what)) return done
      died.add(what)
      throw new Error('the process died here')
    }
  return { ...db, command: dies(db.command), insert: dies(db.insert) } as Db
}

async function migrateToTheEnd(db: Db): Promise<number> {
  for (let deaths = 0; ; deaths++)
    try {
      await migrate(db)
      return deaths
    } catch (error) {
      if (!(error instanceof Error && error.message === 'the process died here')) throw error
    }
}

test('no migration that was released was changed since', () => {
  const sum = createHash('sha256')
  for (const { name, sql } of then) sum.update(`${name}\n${sql}\n`)
  expect(sum.digest('hex')).toBe('23375e287a329ef7a4f2eca0ed4de5d9b3a99ad13288608edc24c643327ea0c4')
})

test('a store of the first released schema keeps its rows and answers as one of today, wherever its migrations are interrupted', {
  timeout: 300_000,
}, async () => {
  await migrate(old, then)
  const tables = await tablesOf(old)
  expect(tables.size).toBeGreaterThan(40)
  for (const [table, columns] of tables) {
    const rows = (await linesOf(store.db, table, columns)).trim()
    if (rows === '') continue
    const clickhouse_settings = { date_time_input_format: 'best_effort' } as const
    const values = rows.split('\n').map((line) => JSON.parse(line) as object)
    await old.insert({ table, values, format: 'JSONEachRow', clickhouse_settings })
  }
  const before = new Map<string, string>()
  for (const [table, columns] of tables) before.set(table, await linesOf(old, table, columns))
  expect(await migrateToTheEnd(dyingAfterEach(old))).toBeGreaterThan(10)
  for (const [table, columns] of tables)
    expect(await linesOf(old, table, columns), table).toBe(before.get(table))
  expect(await answers(old)).toEqual(await answers(store.db))
  expect(await disagreements(old)).toEqual([])
})

test('however often it was interrupted, the schema is the same as that of a store made at once', async () => {
  // how long rows are kept is the configuration's
  const schema = async (db: Db) => [
    await rowsOf(
      db,
      'SELECT name, engine, partition_key, sorting_key FROM system.tables WHERE database = currentDatabase() ORDER BY name',
    ),
    await rowsOf(
      db,
      'SELECT table, name, type, default_expression, compression_codec FROM system.columns WHERE database = currentDatabase() ORDER BY table, position',
    ),
  ]
  expect(await schema(old)).toEqual(await schema(store.db))
})

test('a store that is newer than the program is refused by name, and nothing is changed', async () => {
  await old.insert({
    table: 'migrations',
    values: [{ name: '9999_later.sql', checksum: '' }],
    format: 'JSONEachRow',
  })
  await expect(migrate(old)).rejects.toThrow(
    'The store was made by a newer version: migration 9999_later.sql is not in this one. Update Clearway.',
  )
})
