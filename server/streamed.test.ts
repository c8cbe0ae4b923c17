import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createAdaptorServer } from '@hono/node-server'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { useStore } from '../pipelines/testStore.ts'
import type { Db } from '../sql/db.ts'
import type { Variant } from '../sql/variants.ts'
import { createApp } from './app.ts'
import { data as storeData } from './data.ts'

/** Answers that can grow long, read over a real connection from the real engine. */

const store = useStore()
const servers: ReturnType<typeof createAdaptorServer>[] = []
const june = 'from=2026-06-01&until=2026-07-01'
const routes = [
  ['/process-map', 'edges'],
  ['/variants', 'variants'],
  ['/flow', 'flow_stages'],
  ['/rework', 'rework'],
  ['/cases', 'case_list'],
] as const
const ways = 12_000

/** An app behind a port of its own. */
async function listening(options: Omit<Parameters<typeof createApp>[0], 'db'> & { db?: Db }) {
  const app = createApp({ db: store.db, versionAge: 0, ...options })
  const server = createAdaptorServer({ fetch: app.fetch })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1`
}

const csv = (address: string, init: RequestInit & { gzip?: boolean } = {}) =>
  fetch(address, {
    headers: { Accept: 'text/csv', 'Accept-Encoding': init.gzip ? 'gzip' : 'identity' },
    ...init,
  })

const readerOf = (response: Response) => (response.body as ReadableStream<Uint8Array>).getReader()

async function toTheEnd(reader: ReturnType<typeof readerOf>): Promise<number> {
  let bytes = 0
  for (let next = await reader.read(); !next.done; next = await reader.read()) bytes += next.value.length
  return bytes
}

const way = (): Variant => ({
  // hardly smaller as gzip
  ...{
    path: [randomBytes(100).toString('base64')],
    steps: 1,
    cases: 1,
    open_cases: 0,
    share_of_cases: 1,
    share_of_hours: 1,
  },
  ...{ mean_s: 0, median_s: 0, p90_s: 0, min_s: 0, max_s: 0, sum_s: 0 },
})
/** As long as somebody listens, or until it breaks: no server could keep this answer whole. */
function endless(breaksAfter = Number.POSITIVE_INFINITY) {
  const seen = { batches: 0, stopped: false }
  const data = async () => ({
    ...(await storeData()),
    async *streamVariants(_db: Db, _filters: unknown, stop: AbortSignal) {
      stop.addEventListener('abort', () => {
        seen.stopped = true
      })
      for (; seen.batches < breaksAfter; seen.batches++) {
        yield Array.from({ length: 50 }, way)
        // a store takes its time
        await new Promise((resolve) => setImmediate(resolve))
      }
      throw new Error('The disk broke')
    },
  })
  return { data, seen }
}

beforeAll(async () => {
  // two visits a case, from each of 250 activities with long names to each of 48
  await store.db.command({
    query: `INSERT INTO stage_visits (source, case_id, position, service, from_activity, activity, entered_at, left_at, repetition, last)
      SELECT 'log', toString(case), position, 'permits', if(position = 1, '', first), if(position = 1, first, second), at, at + (position - 1), 1, position = 2
      FROM (SELECT number AS case, concat('A', toString(case % 250), repeat('a', 700)) AS first, concat('B', toString(intDiv(case, 250)), repeat('b', 700)) AS second, toDateTime64('2026-06-02 08:00:00', 6, 'UTC') AS at FROM numbers(${ways}))
      ARRAY JOIN [1, 2] AS position`,
  })
  await store.db.command({
    query: `INSERT INTO cases (source, case_id, service, started_at, visits, first_event_at, last_event_at)
      SELECT source, case_id, service, min(left_at), 2, min(left_at), max(left_at) FROM stage_visits GROUP BY source, case_id, service`,
  })
})
afterAll(() => {
  for (const server of servers) server.close()
})

test('every row comes, under one header, and nobody keeps the answer', async () => {
  const address = await listening({})
  for (const route of ['/process-map', '/variants', '/cases']) {
    const { status, headers, body } = await csv(`${address}${route}?${june}&format=csv`, { gzip: true })
    expect([status, headers.get('Cache-Control'), headers.get('ETag')]).toEqual([200, 'no-store', null])
    expect((await new Response(body).text()).match(/\n/g)).toHaveLength(ways + 1)
  }
})

test.each([true, false])(
  'an answer without end is sent at the pace of its reader and ends with it, gzip: %s',
  async (gzip) => {
    const { data, seen } = endless()
    const address = await listening({ data })
    const reader = readerOf(await csv(`${address}/variants?${june}`, { gzip }))
    await reader.read()
    await reader.cancel()
    await expect.poll(() => seen.stopped).toBe(true)
    const { batches } = seen
    await new Promise((resolve) => setImmediate(resolve))
    expect(seen.batches).toBe(batches)
  },
)

test.each([true, false])('a failure on the way does not look like the end, gzip: %s', async (gzip) => {
  const { data, seen } = endless(20)
  const address = await listening({ data })
  const response = await csv(`${address}/variants?${june}`, { gzip })
  expect(response.status).toBe(200)
  await expect(toTheEnd(readerOf(response))).rejects.toThrow()
  expect(seen).toEqual({ batches: 20, stopped: true })
})

test('a failure before the first byte is a problem that says so', async () => {
  const { data } = endless(0)
  const response = await csv(`${await listening({ data })}/variants?${june}`)
  expect([response.status, response.headers.get('Content-Type')]).toEqual([500, 'application/problem+json'])
})

test('who asks only for the headers leaves nothing running', async () => {
  const { data, seen } = endless()
  const response = await csv(`${await listening({ data })}/variants?${june}`, { method: 'HEAD' })
  expect([response.status, response.headers.get('Content-Type')]).toEqual([
    200,
    'text/csv; charset=utf-8; header=present',
  ])
  expect(seen.stopped).toBe(true)
})

test.each(routes)('the engine ends the query of %s when its reader goes away', async (route, name) => {
  const marker = `abandoned_${name}`
  // a session keeps the entry of its last query, ended or not, until it gets another one
  const running = async () =>
    Number(
      await store.value(
        `SELECT count() FROM system.processes WHERE query LIKE '%${marker}%' AND query NOT LIKE '%system.processes%' AND NOT is_all_data_sent`,
      ),
    )
  // nothing but the query that is streamed takes long
  const slow = {
    ...store.db,
    query: (params: Parameters<Db['query']>[0]) => {
      const query =
        params.clickhouse_settings?.log_comment === name
          ? `SELECT '${marker}', sleepEachRow(0.01) FROM numbers(100000) SETTINGS max_block_size = 10`
          : params.query
      return store.db.query({ ...params, query })
    },
  } as Db
  const address = await listening({ db: slow })
  const leave = new AbortController()
  const asked = csv(`${address}${route}?from=2020-01-01&until=2020-01-02&format=csv`, {
    signal: leave.signal,
  })
  const left = expect(asked).rejects.toThrow(/abort/)
  await expect.poll(running, { timeout: 20_000 }).toBe(1)
  leave.abort()
  await left
  await expect.poll(running, { timeout: 20_000 }).toBe(0)
})

test('an engine that dies while its answer is read does not make the part look like all of it', async () => {
  const address = await listening({})
  const reader = readerOf(await csv(`${address}/process-map?${june}`))
  await reader.read()
  const { pid } = JSON.parse(await readFile(join(store.db.dataDir, 'engine.json'), 'utf8')) as { pid: number }
  process.kill(pid, 'SIGKILL')
  await expect(toTheEnd(reader)).rejects.toThrow()
})
