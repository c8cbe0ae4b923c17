/** The life of the embedded engine: who starts it, who ends it, and what happens when it or its folder breaks. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type Db, DbError, openDb } from '../db.ts'
import { explain } from './start.ts'

let folder: string
let closers: Array<() => unknown>

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'clearway-engine-'))
  closers = []
})
afterEach(async () => {
  const engine = address()
  for (const close of closers.reverse()) await close()
  if (engine) await ended(engine.pid)
  rmSync(folder, { recursive: true, force: true })
})

async function open(): Promise<Db> {
  const db = await openDb({ CLEARWAY_DATA: folder })
  closers.push(() => db.close())
  return db
}
function address(): { pid: number; port: number } | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, 'engine.json'), 'utf8'))
  } catch {
    return undefined
  }
}
function enginePid(): number {
  const found = address()
  if (!found) throw new Error('no engine is running')
  return found.pid
}
function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
const ended = (pid: number) => expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false)
const refusal = (work: Promise<unknown>) =>
  work.then(
    () => 'no error',
    (error: unknown) => (error instanceof DbError ? error.message : error),
  )
const count = async (db: Db) => {
  const result = await db.query({ query: 'SELECT count() AS n FROM t', format: 'JSONEachRow' })
  return (await result.json<{ n: number }>())[0]?.n
}
const create = (db: Db) => db.command({ query: 'CREATE TABLE t (a UInt32) ENGINE = MergeTree ORDER BY a' })
const insert = (db: Db, a: number) => db.insert({ table: 't', values: [{ a }], format: 'JSONEachRow' })
const runs = async (db: Db, text: string) => {
  const query =
    'SELECT count() AS n FROM system.processes WHERE query LIKE {like: String} AND query NOT LIKE {not: String}'
  const query_params = { like: `%${text}%`, not: '%system.processes%' }
  const result = await db.query({ query, query_params, format: 'JSONEachRow' })
  return (await result.json<{ n: number }>())[0]?.n
}
const endless = 'SELECT sum(sleepEachRow(0.01)) FROM numbers(100000) SETTINGS max_block_size = 10'

/** Another process on the same folder: opens it, adds a row, says so, and stays until it is killed. */
function otherProcess(a: number): ChildProcess {
  const module = new URL('../db.ts', import.meta.url).href
  const code = `import { openDb } from '${module}'
    const db = await openDb({ CLEARWAY_DATA: ${JSON.stringify(folder)} })
    await db.command({ query: 'CREATE TABLE IF NOT EXISTS t (a UInt32) ENGINE = MergeTree ORDER BY a' })
    await db.insert({ table: 't', values: [{ a: ${a} }], format: 'JSONEachRow' })
    process.stdout.write('ready')
    setInterval(() => {}, 1000)`
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
  const args = ['--import', tsx, '--input-type=module', '-e', code]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  closers.push(() => child.kill('SIGKILL'))
  return child
}
const ready = (child: ChildProcess) => once(child.stdout ?? child, 'data')

async function fakeServer(answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  closers.push(() => server.closeAllConnections())
  closers.push(() => server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('the engine ends when the last one who used it has gone, and leaves no spooled file', async () => {
  const db = await open()
  await create(db)
  await insert(db, 1)
  const pid = enginePid()
  // the answer is sent first, then its file goes
  await vi.waitFor(() => expect(readdirSync(join(folder, 'spool'))).toEqual([]))
  expect(statSync(join(folder, 'engine.key')).mode & 0o777).toBe(0o600)
  expect(statSync(join(folder, 'engine.json')).mode & 0o777).toBe(0o600)
  await db.close()
  await ended(pid)
  expect(address()).toBeUndefined()
})

test('several who open the same new folder at once share one engine', async () => {
  const others = [otherProcess(1), otherProcess(2)]
  const [db, second] = await Promise.all([open(), open(), ...others.map(ready)])
  expect(await count(db)).toBe(2)
  expect(await count(second)).toBe(2)
})

test('the engine survives a killed process while another one uses it, and goes with the last', async () => {
  const other = otherProcess(1)
  await ready(other)
  const pid = enginePid()
  const db = await open()
  other.kill('SIGKILL')
  await once(other, 'exit')
  await insert(db, 2)
  expect(await count(db)).toBe(2)
  expect(enginePid()).toBe(pid)
  await db.close()
  await ended(pid)
})

test('a killed engine comes back: running calls fail clearly, the next ones work, acknowledged rows are there', async () => {
  const db = await open()
  await create(db)
  for (let i = 0; i < 20; i++) await insert(db, i)
  const first = enginePid()
  const running = db.query({ query: endless })
  const failed = expect(running).rejects.toMatchObject({ name: 'DbError', code: 'ENGINE_GONE' })
  await expect.poll(() => runs(db, 'numbers(100000)')).toBe(1)
  process.kill(first, 'SIGKILL')
  await failed
  await ended(first)
  expect(await count(db)).toBe(20)
  expect(enginePid()).not.toBe(first)
  const again = enginePid()
  process.kill(again, 'SIGKILL')
  await ended(again)
  expect(await count(db)).toBe(20)
})

test('the engine stops at once although queries and a load are running', async () => {
  const db = await open()
  await create(db)
  const pid = enginePid()
  const work = [
    db.query({ query: endless }),
    db.query({ query: endless }),
    db.command({ query: `INSERT INTO t ${endless}` }),
  ]
  const failed = Promise.allSettled(work)
  await expect.poll(() => runs(db, 'numbers(100000)')).toBe(3)
  await db.close()
  process.kill(pid, 'SIGTERM')
  await ended(pid)
  expect((await failed).map((result) => result.status)).toEqual(['rejected', 'rejected', 'rejected'])
})

test('an answer to a wrong key is refused like a wrong password of a server', async () => {
  await open()
  const response = await fetch(`http://127.0.0.1:${address()?.port}/?query=SELECT+1`)
  expect(response.status).toBe(403)
  expect(response.headers.get('x-clickhouse-exception-code')).toBe('516')
})

test('an answer is compressed for a client that asks for it, even an empty one', async () => {
  await open()
  const ask = async (query: string) => {
    const key = readFileSync(join(folder, 'engine.key'), 'utf8')
    const url = `http://127.0.0.1:${address()?.port}/?enable_http_compression=1&query=${encodeURIComponent(query)}`
    const response = await fetch(url, { headers: { 'X-ClickHouse-Key': key, 'Accept-Encoding': 'gzip' } })
    expect(response.headers.get('content-encoding')).toBe('gzip')
    return (await response.text()).length
  }
  expect(await ask('SELECT number FROM numbers(3)')).toBe(6)
  expect(await ask('SELECT number FROM numbers(3) WHERE 0')).toBe(0)
  expect(await ask("SELECT 'x' FROM numbers(1000000)")).toBe(2_000_000)
})

test('a folder that another program holds is refused', async () => {
  await open()
  const kept = readFileSync(join(folder, 'engine.json'))
  rmSync(join(folder, 'engine.json'))
  // a clock that runs fast: it is not waited for ten seconds
  const now = Date.now
  let looks = 0
  const clock = vi.spyOn(Date, 'now').mockImplementation(() => now() + 4_000 * looks++)
  expect(await refusal(openDb({ CLEARWAY_DATA: folder }))).toMatch(
    /in use by another program: stop that program/,
  )
  clock.mockRestore()
  writeFileSync(join(folder, 'engine.json'), kept)
})

test('a damaged table definition is named, and putting it back mends the folder', async () => {
  const db = await open()
  await create(db)
  await insert(db, 1)
  const pid = enginePid()
  await db.close()
  await ended(pid)
  const [definition = ''] = readdirSync(join(folder, 'clickhouse/store'), {
    recursive: true,
    encoding: 'utf8',
  })
    .filter((name) => name.endsWith('/t.sql'))
    .map((name) => join(folder, 'clickhouse/store', name))
  const kept = readFileSync(definition)
  truncateSync(definition)
  expect(await refusal(openDb({ CLEARWAY_DATA: folder }))).toMatch(
    /is damaged: the engine cannot read \S*t\.sql/,
  )
  writeFileSync(definition, kept)
  expect(await count(await open())).toBe(1)
})

test('a stale address and leftovers of a killed engine do no harm', async () => {
  const db = await open()
  const pid = enginePid()
  const stale = readFileSync(join(folder, 'engine.json'))
  await db.close()
  await ended(pid)
  writeFileSync(join(folder, 'engine.json'), stale)
  writeFileSync(join(folder, 'spool', 'left-over'), 'x')
  // the engine that has ended is a process that died while it wrote
  writeFileSync(join(folder, `engine.log.${pid}-draft`), 'x')
  const again = await open()
  expect(await again.ping()).toBe(true)
  expect(readdirSync(join(folder, 'spool'))).toEqual([])
  expect(readdirSync(folder)).not.toContain(`engine.log.${pid}-draft`)
})

test('a data folder that cannot be made is refused', async () => {
  const file = join(folder, 'file')
  writeFileSync(file, '')
  expect(await refusal(openDb({ CLEARWAY_DATA: join(file, 'data') }))).toMatch(/cannot be made or written/)
  // a file system that takes no folders
  expect(await refusal(openDb({ CLEARWAY_DATA: '/proc/clearway' }))).toMatch(/cannot be made or written/)
  expect(await refusal(openDb({ CLEARWAY_DATA: join(folder, '{a,b}') }))).toMatch(/must not hold/)
})

test('what the engine says when it cannot open becomes one sentence', () => {
  const sentence = (code: number, output: string) => {
    const result = explain(code, output, '/data')
    return result instanceof DbError ? result.message : result
  }
  expect(sentence(71, 'Code: 76. DB::Exception: Cannot lock file /data/status.')).toBe('locked')
  expect(sentence(70, "Cannot find module '@chdb/lib'")).toMatch(
    /does not run on this machine .* CLICKHOUSE_URL/,
  )
  expect(
    sentence(71, 'DB::ErrnoException: Cannot open file: , errno: 28, strerror: No space left on device'),
  ).toMatch(/disk .* is full/)
  expect(sentence(71, 'std::filesystem: Permission denied ["/data/store"]')).toMatch(/cannot be written/)
  expect(sentence(71, 'Code: 1. DB::Exception: Something else.')).toMatch(/could not open .* Something else/)
})

test('a server that is too old is refused by its version', async () => {
  const url = await fakeServer((_, response) => response.end('18.16.1\n'))
  expect(await refusal(openDb({ CLEARWAY_DATA: folder, CLICKHOUSE_URL: url }))).toMatch(
    /version 18\.16\.1.*24\.8 or newer/,
  )
})

test('a wrong password, an unreachable server and an address that is none are refused in plain words', async () => {
  const url = await fakeServer((_, response) => {
    response.writeHead(403, { 'X-ClickHouse-Exception-Code': '516' })
    response.end('Code: 516. DB::Exception: ada: Authentication failed. (AUTHENTICATION_FAILED)')
  })
  const login = { CLEARWAY_DATA: folder, CLICKHOUSE_USER: 'ada', CLICKHOUSE_PASSWORD: 'secret' }
  const wrong = await refusal(openDb({ ...login, CLICKHOUSE_URL: url }))
  expect(wrong).toMatch(/refused user "ada": check CLICKHOUSE_USER and CLICKHOUSE_PASSWORD/)
  expect(wrong).not.toMatch(/secret/)
  expect(await refusal(openDb({ ...login, CLICKHOUSE_URL: 'http://127.0.0.1:1' }))).toMatch(
    /ECONNREFUSED.*CLICKHOUSE_URL/,
  )
  expect(await refusal(openDb({ ...login, CLICKHOUSE_URL: 'not an address' }))).toMatch(/CLICKHOUSE_URL/)
})

const sharedOut = existsSync('/proc/self/autogroup')
test.skipIf(!sharedOut)('the engine leaves the processor to whoever waits for a page', async () => {
  await open()
  expect(readFileSync(`/proc/${enginePid()}/autogroup`, 'utf8')).toMatch(/nice 5$/m)
})
