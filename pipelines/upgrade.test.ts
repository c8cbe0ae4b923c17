import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeTown } from '../fixtures/bench/killsTown.ts'
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
import { satisfaction } from '../sql/satisfaction.ts'
import { ingest } from './ingest.ts'
import { useStore } from './testStore.ts'
import { keepWeeks } from './weeks.ts'

/**
 * The way from the first released schema to the newest. `fixtures/upgrade/<migration>` holds the store as it was then: the checksums of the
 * migrations that had run, the rows of every table, and what was answered. It is written by the first run of this test after a schema was released
 * (move the folder away and name the schema below), and never again.
 */
const released = '0018_reports.sql'
const folder = path.resolve(import.meta.dirname, '../fixtures/upgrade', released.slice(0, 4))
const rowsOf = (table: string) => path.join(folder, 'rows', `${table}.ndjson`)
const then = migrations.slice(0, migrations.findIndex(({ name }) => name === released) + 1)
const checksums = Object.fromEntries(
  then.map(({ name, sql }) => [name, createHash('sha256').update(sql).digest('hex')]),
)

const store = useStore()
let old: Db

beforeAll(async () => {
  if (!existsSync(folder)) await makeFixture(path.join(store.dir, 'then'))
  old = await openDb({ CLEARWAY_DATA: path.join(store.dir, 'old') })
}, 600_000)
afterAll(() => old?.close())

async function ask<Row>(db: Db, query: string, query_params: Record<string, unknown> = {}): Promise<Row[]> {
  return (await db.query({ query, query_params, format: 'JSONEachRow' })).json<Row>()
}
const tablesOf = async (db: Db): Promise<string[]> =>
  (
    await ask<{ name: string }>(
      db,
      `SELECT name FROM system.tables WHERE database = currentDatabase() AND engine LIKE '%MergeTree' AND name != 'migrations' ORDER BY name`,
    )
  ).map(({ name }) => name)

/** The rows of a table as lines of JSON, in an order of their own; only these columns. Large numbers are quoted: JSON knows none of 64 bits. */
async function linesOf(db: Db, table: string, columns: string): Promise<string> {
  const result = await db.query({
    query: `SELECT ${columns} FROM ${table} ORDER BY ALL`,
    format: 'JSONEachRow',
    clickhouse_settings: { output_format_json_quote_64bit_integers: 1 },
  })
  return result.text()
}

/** What is kept for some days only would be gone when the fixture is older than that. */
const keptLonger: Record<string, string> = {
  rejected_rows: "* REPLACE (toDateTime('2099-01-01 00:00:00', 'UTC') AS rejected_at)",
  idempotency_keys: "* REPLACE (toDateTime64('2099-01-01 00:00:00', 6, 'UTC') AS at)",
}

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

/** A town with something in every table: what no load fills is made up by the engine. */
async function makeFixture(dataDir: string): Promise<void> {
  const db = await openDb({ CLEARWAY_DATA: dataDir })
  await migrate(db, then)
  const { config, office, folder: inbox } = makeTown()
  await applyConfig(db, configSchema.parse({ ...config, ...declared }))
  for (const { name, content } of [...office, ...inbox.slice(0, 3)])
    await ingest(db, await store.file(name, content), { mapping: 'clearway', source: 'office' })
  await keepWeeks(db)
  await mkdir(path.join(folder, 'rows'), { recursive: true })
  for (const table of await tablesOf(db)) {
    const [held] = await ask<{ rows: number }>(db, `SELECT count() AS rows FROM ${table}`)
    if (held?.rows === 0) {
      const columns = await ask<{ name: string; type: string }>(db, `DESCRIBE ${table}`)
      const structure = columns.map(({ name, type }) => `\`${name}\` ${type}`).join(', ')
      const made = `SELECT * FROM generateRandom('${structure.replaceAll("'", "\\'")}', 18, 6, 2) LIMIT 2`
      await db.command({ query: `INSERT INTO ${table} ${made}` })
    }
    await writeFile(rowsOf(table), await linesOf(db, table, keptLonger[table] ?? '*'))
  }
  await writeFile(path.join(folder, 'checksums.json'), `${JSON.stringify(checksums, null, 1)}\n`)
  await writeFile(path.join(folder, 'answers.json'), `${JSON.stringify(await answers(db), null, 1)}\n`)
  await db.close()
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

async function migrateToTheEnd(db: Db, wanted = migrations): Promise<number> {
  for (let deaths = 0; ; deaths++)
    try {
      await migrate(db, wanted)
      return deaths
    } catch (error) {
      if (!(error instanceof Error && error.message === 'the process died here')) throw error
    }
}

test('no migration that was released was changed since', async () => {
  expect(checksums).toEqual(JSON.parse(await readFile(path.join(folder, 'checksums.json'), 'utf8')))
})

test('a store of the first released schema keeps its rows and its answers, wherever its migrations are interrupted', {
  timeout: 300_000,
}, async () => {
  const mortal = dyingAfterEach(old)
  const deaths = await migrateToTheEnd(mortal, then)
  expect(deaths).toBeGreaterThan(50)
  const tables = (await readdir(path.join(folder, 'rows'))).map((name) => name.replace('.ndjson', ''))
  expect(await tablesOf(old)).toEqual(tables.sort())
  const columns = new Map<string, string>()
  for (const table of tables) {
    const names = await ask<{ name: string }>(old, `DESCRIBE ${table}`)
    columns.set(table, names.map(({ name }) => `\`${name}\``).join(', '))
    const rows = await readFile(rowsOf(table), 'utf8')
    expect(rows, `${table} has no rows`).not.toBe('')
    const values = rows
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object)
    await old.insert({
      table,
      values,
      format: 'JSONEachRow',
      clickhouse_settings: { date_time_input_format: 'best_effort' },
    })
  }
  await migrateToTheEnd(mortal)
  for (const [table, names] of columns)
    expect(await linesOf(old, table, names), table).toBe(await readFile(rowsOf(table), 'utf8'))
  expect(await answers(old)).toEqual(JSON.parse(await readFile(path.join(folder, 'answers.json'), 'utf8')))
})

test('however often it was interrupted, the schema is the same as that of a store made at once', async () => {
  const schema = async (db: Db) =>
    ask(
      db,
      `SELECT name, replaceRegexpAll(create_table_query, 'enable_block_\\\\w+ = 1,? ?|, $', '') AS sql FROM system.tables WHERE database = currentDatabase() ORDER BY name`,
    )
  const fresh = await openDb({ CLEARWAY_DATA: path.join(store.dir, 'fresh') })
  try {
    await migrate(fresh)
    expect(await schema(old)).toEqual(await schema(fresh))
  } finally {
    await fresh.close()
  }
})

test('a store that is newer than the program is refused by name, and nothing is changed', async () => {
  const later = { name: '9999_later.sql', checksum: '' }
  await old.insert({ table: 'migrations', values: [later], format: 'JSONEachRow' })
  await expect(migrate(old)).rejects.toThrow(
    'The store was made by a newer version: migration 9999_later.sql is not in this one. Update Clearway.',
  )
})
