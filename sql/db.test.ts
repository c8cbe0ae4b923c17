/** What the rest of Clearway relies on; the same on the embedded engine and, with CLICKHOUSE_URL, on a server. */
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { createGzip, gzipSync } from 'node:zlib'
import { ClickHouseError, TupleParam } from '@clickhouse/client'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Db, openDb } from './db.ts'

let db: Db
let folder: string
let table: string
let tables = 0
const database = `contract_${process.pid}`

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'clearway-db-'))
  db = await openDb({ ...process.env, CLEARWAY_DATA: folder, CLICKHOUSE_DATABASE: database })
})
beforeEach(() => {
  table = `t${++tables}`
})
afterAll(async () => {
  await db.command({ query: `DROP DATABASE IF EXISTS ${database}` })
  await db.close()
  await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
})

async function rows<T>(
  query: string,
  query_params: Record<string, unknown> = {},
  clickhouse_settings: Record<string, string | number> = {},
): Promise<T[]> {
  const result = await db.query({ query, query_params, clickhouse_settings, format: 'JSONEachRow' })
  return result.json<T>()
}
const create = (columns = 'a UInt32, b String') =>
  db.command({
    query: `CREATE TABLE ${table} (${columns}) ENGINE = MergeTree ORDER BY a SETTINGS non_replicated_deduplication_window = 100`,
  })
const content = () => rows<{ a: number; b: string }>(`SELECT a, b FROM ${table} ORDER BY a`)
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'no error',
    (error: unknown) => (error instanceof ClickHouseError ? error.code : error),
  )

test('the store answers, knows its version and works in its own database', async () => {
  expect(await db.ping()).toBe(true)
  expect(db.version).toMatch(/^\d+\.\d+/)
  expect(await rows('SELECT currentDatabase() AS name')).toEqual([{ name: database }])
})

test('parameters of every type arrive as they were given', async () => {
  const text = `it's a \\ back\nslash\ttab "quoted" {x: String} -- /* 😀 \\' `
  const at = new Date('2026-03-29T01:02:03.678Z')
  const query = `SELECT {text: String} AS text, {list: Array(String)} AS list, {none: Nullable(String)} AS none,
      {at: DateTime64(3)} AS at, {second: DateTime} AS second, {day: Date} AS day, {big: UInt64}::String AS big,
      {map: Map(String, UInt8)} AS map, {pair: Tuple(UInt8, String)} AS pair, {yes: Bool} AS yes,
      {nan: Float64}::String AS nan, {money: Decimal(18, 2)}::String AS money, {name: Identifier} AS name
    FROM (SELECT 7 AS \`odd column\`)`
  const params = {
    text,
    list: [text, '', "it's"],
    none: null,
    at,
    second: new Date('2026-03-29T01:02:03Z'),
    day: '2026-03-29',
    big: 18446744073709551615n,
    map: { a: 1 },
    pair: new TupleParam([1, text]),
    yes: true,
    nan: Number.NaN,
    money: '12.34',
    name: 'odd column',
  }
  const [row] = await rows<Record<string, unknown>>(query, params)
  expect(row).toMatchObject({
    text,
    list: params.list,
    none: null,
    day: '2026-03-29',
    big: '18446744073709551615',
  })
  expect(row).toMatchObject({ map: { a: 1 }, yes: true, nan: 'nan', money: '12.34', name: 7 })
  expect(Object.values(row?.pair as object)).toEqual([1, text])
  expect(new Date(String(row?.at))).toEqual(at)
  expect(new Date(String(row?.second))).toEqual(params.second)
})

test('a parameter of one query is unknown to the next', async () => {
  for (let i = 0; i < 6; i++) await rows('SELECT {once: UInt8}', { once: i })
  expect(await codeOf(rows('SELECT {once: UInt8}'))).toBe('456')
})

test('settings of one query do not reach the next, and a value cannot break out of its quotes', async () => {
  const seen = () => rows<{ v: string }>("SELECT getSetting('log_comment') AS v")
  const odd = "x\\' ; SELECT 1 --"
  await expect(rows("SELECT getSetting('log_comment') AS v", {}, { log_comment: odd })).resolves.toEqual([
    { v: odd },
  ])
  await Promise.all(
    Array.from({ length: 6 }, () => rows('SELECT 1', {}, { log_comment: 'left', readonly: 1 })),
  )
  const answers = await Promise.all(Array.from({ length: 12 }, seen))
  expect(answers.flat()).toEqual(Array(12).fill({ v: '' }))
})

test('an insert token of one insert does not swallow the next one, and a repeated token counts once', async () => {
  await create()
  const insert = (a: number, token?: string) =>
    db.insert({
      table,
      values: [{ a, b: '' }],
      format: 'JSONEachRow',
      ...(token ? { clickhouse_settings: { insert_deduplication_token: token } } : {}),
    })
  await insert(1, 'one')
  await insert(1, 'one')
  await insert(2)
  await insert(3)
  expect((await content()).map((row) => row.a)).toEqual([1, 2, 3])
})

test('rows go in as values, as a stream of objects, as CSV bytes and gzipped, and are counted', async () => {
  await create()
  const values = await db.insert({ table, values: [{ a: 1, b: 'ä' }], format: 'JSONEachRow' })
  const objects = Readable.from([
    { a: 2, b: 'x' },
    { a: 3, b: "it's" },
  ])
  const streamed = await db.insert({ table, values: objects, format: 'JSONEachRow' })
  const csv = Readable.from([Buffer.from('4,"line\n'), Buffer.from('break"\n')], { objectMode: false })
  await db.insert({ table, values: csv, format: 'CSV', columns: ['a', 'b'] })
  const zipped = await db.exec({
    query: `INSERT INTO ${table} FORMAT TabSeparated`,
    values: Readable.from([gzipSync('5\tzip\n6\tzip\n')]),
    http_headers: { 'Content-Encoding': 'gzip' },
  })
  zipped.stream.resume()
  const inline = await db.command({ query: `INSERT INTO ${table} VALUES (7, 'FORMAT ; x')` })
  expect(values.summary?.written_rows).toBe('1')
  expect(streamed.summary?.written_rows).toBe('2')
  expect(zipped.summary?.written_rows).toBe('2')
  expect(inline.summary?.written_rows).toBe('1')
  expect((await content()).map((row) => row.b)).toEqual([
    'ä',
    'x',
    "it's",
    'line\nbreak',
    'zip',
    'zip',
    'FORMAT ; x',
  ])
})

test('a Parquet file goes out and in again unchanged', async () => {
  await create()
  const out = await db.exec({
    query:
      "SELECT toUInt32(number) AS a, concat('ü', toString(number)) AS b FROM numbers(100000) FORMAT Parquet",
  })
  const file = await buffer(out.stream)
  const values = Readable.from([file], { objectMode: false })
  const { stream, summary } = await db.exec({ query: `INSERT INTO ${table} FORMAT Parquet`, values })
  stream.resume()
  expect(summary?.written_rows).toBe('100000')
  expect(await rows(`SELECT count() AS n, uniqExact(b) AS u FROM ${table}`)).toEqual([
    { n: 100000, u: 100000 },
  ])
})

test('INSERT SELECT FROM input() transforms the data of the request, plain or gzipped', async () => {
  await create()
  const query = `INSERT INTO ${table} (a, b) SELECT toUInt32(x) + {add: UInt32}, concat(y, ' input(''no'')')
    FROM input('x String, y String') WHERE x != '' SETTINGS max_threads = 1 FORMAT CSVWithNames`
  const send = async (values: Readable, http_headers = {}) => {
    const { stream, summary } = await db.exec({ query, query_params: { add: 10 }, values, http_headers })
    stream.resume()
    return summary?.written_rows
  }
  const lines = 'x,y\n1,a\n,skipped\n2,"b\nb"\n'
  expect(await send(Readable.from([Buffer.from(lines)]))).toBe('2')
  expect(
    await send(Readable.from([Buffer.from('x,y\n3,c\n')]).pipe(createGzip()), { 'Content-Encoding': 'gzip' }),
  ).toBe('1')
  expect(await content()).toEqual([
    { a: 11, b: "a input('no')" },
    { a: 12, b: "b\nb input('no')" },
    { a: 13, b: "c input('no')" },
  ])
})

test('a large load through input() with the same token counts once', async () => {
  await create()
  const body = Array.from({ length: 300_000 }, (_, i) => `${i},v\n`).join('')
  const query = `INSERT INTO ${table} SELECT a, b FROM input('a UInt32, b String') FORMAT CSV`
  const clickhouse_settings = { insert_deduplication_token: 'file:0', max_insert_block_size: '50000' }
  for (let i = 0; i < 2; i++) {
    const { stream } = await db.exec({
      query,
      values: Readable.from([Buffer.from(body)]),
      clickhouse_settings,
    })
    stream.resume()
  }
  expect(await rows(`SELECT count() AS n FROM ${table}`)).toEqual([{ n: 300_000 }])
})

test('a parameter may be as long as a list of ten thousand cases', async () => {
  const list = Array.from({ length: 10_000 }, (_, i) => `case-${100_000 + i}`)
  expect(await rows('SELECT length({list: Array(String)}) AS n', { list })).toEqual([{ n: 10_000 }])
})

test('an empty body inserts nothing', async () => {
  await create()
  for (const query of [
    `INSERT INTO ${table} FORMAT CSV`,
    `INSERT INTO ${table} SELECT * FROM input('a UInt32, b String') FORMAT CSV`,
  ]) {
    const { stream } = await db.exec({ query, values: Readable.from([]) })
    stream.resume()
  }
  expect(await content()).toEqual([])
})

test('a bad row stores nothing and says where it is', async () => {
  await create()
  const work = db.exec({ query: `INSERT INTO ${table} FORMAT CSV`, values: Readable.from(['1,a\nx,b\n']) })
  await expect(work).rejects.toThrow(/row 2/)
  expect(await content()).toEqual([])
})

test('a million rows stream to a reader who takes them slowly', async () => {
  const query = 'SELECT number AS n, toString(number) AS s FROM numbers(1000000)'
  const result = await db.query({ query, format: 'JSONEachRow' })
  let sum = 0
  for await (const chunk of result.stream()) {
    await new Promise((resolve) => setImmediate(resolve))
    for (const row of chunk) sum += row.json<{ n: number }>().n
  }
  expect(sum).toBe(499_999_500_000)
})

test('a slow reader does not keep others waiting', async () => {
  const query = 'SELECT number, randomPrintableASCII(100) FROM numbers(200000)'
  const slow = await Promise.all(Array.from({ length: 5 }, () => db.exec({ query: `${query} FORMAT TSV` })))
  expect(await rows('SELECT 1 AS a')).toEqual([{ a: 1 }])
  for (const { stream } of slow) stream.destroy()
})

test('every format is one whole document, with names once', async () => {
  const query = 'SELECT number AS n FROM numbers(200000)'
  const csv = await (await db.query({ query, format: 'CSVWithNames' })).text()
  expect(csv.match(/n/g)?.length).toBe(1)
  const json = await (await db.query({ query, format: 'JSON' })).json()
  expect(json.rows).toBe(200000)
  const { stream } = await db.exec({ query: 'SELECT 1 AS a, 2 AS b' })
  expect((await buffer(stream)).toString()).toBe('1\t2\n')
})

test('statements that are not SELECT answer with their rows or with nothing', async () => {
  await create()
  expect(await rows(`EXISTS ${table}`)).toEqual([{ result: 1 }])
  expect(await rows(`SHOW TABLES LIKE '${table}'`)).toEqual([{ name: table }])
  expect(await rows(`DESCRIBE TABLE ${table}`)).toMatchObject([{ name: 'a' }, { name: 'b' }])
  expect(await rows('WITH x AS (SELECT 5 AS v) SELECT v FROM x')).toEqual([{ v: 5 }])
  const { stream } = await db.exec({ query: `ALTER TABLE ${table} ADD COLUMN c UInt8` })
  expect((await buffer(stream)).length).toBe(0)
})

test('failures carry the number a server gives them', async () => {
  expect(await codeOf(db.command({ query: 'SELEC 1' }))).toBe('62')
  expect(await codeOf(rows('SELECT 1; SELECT 2'))).toBe('62')
  expect(await codeOf(rows('SELECT * FROM no_such_table'))).toBe('60')
  expect(await codeOf(rows('SELECT 1', {}, { no_such_setting: 1 }))).toBe('115')
  const slow = 'SELECT sleepEachRow(0.01) FROM numbers(1000)'
  expect(await codeOf(rows(slow, {}, { max_execution_time: 1, max_block_size: 10 }))).toBe('159')
  const big = 'SELECT groupArray(number) FROM numbers(100000000)'
  expect(await codeOf(rows(big, {}, { max_memory_usage: 10_000_000 }))).toBe('241')
  expect(await codeOf(rows('SELECT number FROM numbers(100000)', {}, { max_result_rows: 10 }))).toBe('396')
  const auth = { username: 'nobody', password: 'wrong' }
  expect(await codeOf(db.query({ query: 'SELECT 1', auth }))).toBe('516')
})

test('a query that fails half-way is an error and never a short success', async () => {
  const query = 'SELECT throwIf(number = 900000) AS x FROM numbers(1000000)'
  const read = async () => {
    const result = await db.query({ query, format: 'JSONEachRow' })
    for await (const _ of result.stream());
  }
  expect(await codeOf(read())).toBe('395')
})

test('a query whose client went away is ended in the engine', async () => {
  const marker = `abandoned_${process.pid}_${Date.now()}`
  // a session keeps the entry of its last query, ended or not, until it gets another one
  const running = async () => {
    const query =
      'SELECT count() AS n FROM system.processes WHERE query LIKE {like: String} AND query NOT LIKE {not: String} AND NOT is_all_data_sent'
    return Number(
      (await rows<{ n: number }>(query, { like: `%${marker}%`, not: '%system.processes%' }))[0]?.n,
    )
  }
  const expectRunning = (n: number) => expect.poll(running, { timeout: 10_000 }).toBe(n)
  const stop = new AbortController()
  const query = `SELECT '${marker}', sum(sleepEachRow(0.01)) FROM numbers(100000) SETTINGS max_block_size = 10`
  const work = db.query({ query, abort_signal: stop.signal })
  const failed = expect(work).rejects.toThrow(/abort/)
  await expectRunning(1)
  stop.abort()
  await failed
  await expectRunning(0)
})

test('the query id comes back', async () => {
  const result = await db.query({ query: 'SELECT 1', query_id: `id-${table}` })
  expect(result.query_id).toBe(`id-${table}`)
  expect(result.response_headers['x-clickhouse-query-id']).toBe(`id-${table}`)
})

test('forty queries at once each get their own answer', async () => {
  const answers = await Promise.all(
    Array.from({ length: 40 }, (_, i) =>
      rows<{ v: number }>('SELECT {v: UInt32} + sum(number * 0) AS v FROM numbers(1000)', { v: i }),
    ),
  )
  expect(answers.map(([row]) => Number(row?.v))).toEqual(Array.from({ length: 40 }, (_, i) => i))
})

test('an insert that breaks off in the middle of its body stores nothing', async () => {
  await create()
  const body = new Readable({ read() {} })
  body.push('1,a\n')
  const stop = new AbortController()
  const work = db.exec({ query: `INSERT INTO ${table} FORMAT CSV`, values: body, abort_signal: stop.signal })
  const failed = expect(work).rejects.toThrow()
  await once(body, 'resume').catch(() => {})
  stop.abort()
  await failed
  expect(await content()).toEqual([])
})
