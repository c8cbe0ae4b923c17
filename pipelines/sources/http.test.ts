import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { type ConfigInput, configSchema } from '../../sql/config.ts'
import type { HttpConfig } from '../../sql/sourceConfig.ts'
import { ingest } from '../ingest.ts'
import { useStore } from '../testStore.ts'
import { type HttpOptions, HttpSource } from './http.ts'
import { moment } from './httpWindows.ts'
import { RunningLoads } from './running.ts'
import { sourceFolder } from './sourceFolder.ts'
import { useServer } from './testServer.ts'

vi.setConfig({ testTimeout: 90_000 })
const store = useStore()
const server = useServer()
const csv = (ids: string[], time = '2026-01-05T09:00:00Z') =>
  `case_id,event_id,service,activity,time\n${ids.map((id) => `${id},1,permits,Review,${time}`).join('\n')}\n`
const cases = (source: string) =>
  store.value(`SELECT count() FROM case_events FINAL WHERE source = '${source}'`)
const loadsOf = (source: string) =>
  store.rows<{ file_name: string; state: string; read: number; duplicates: number }>(
    `SELECT file_name, state, read, duplicates FROM loads FINAL WHERE source = '${source}' ORDER BY load_no`,
  )

type Input = Partial<Extract<NonNullable<ConfigInput['sources']>[number], { kind: 'http' }>>
const logged: string[] = []

/** A source that asks as soon as it is opened. */
async function asking(url: string, more: Input, options: HttpOptions = {}) {
  const given = { kind: 'http' as const, url, mapping: 'clearway', requests_per_minute: 6_000, ...more }
  const town = { jurisdiction: { name: 'Town', time_zone: 'UTC' }, sources: [given] }
  const config = configSchema.parse(town).sources[0] as HttpConfig
  const note = (about: object, message: string) => void logged.push(JSON.stringify([about, message]))
  const source = new HttpSource(store.db, new RunningLoads(), { info: note, warn: note }, config, options)
  await source.open()
  return source
}

/** Waits until the source has ended its asking. */
async function asked(source: HttpSource, times: () => boolean) {
  await expect
    .poll(() => times() && source.state().next_at !== null, { timeout: 60_000, interval: 20 })
    .toBe(true)
  return source.state()
}
const folderOf = (name: string) => sourceFolder(store.db.dataDir, name)
const failed = async (name: string) => (await readdir(path.join(folderOf(name), 'failed'))).sort()

test('an Open311 server that cuts its answers at 1,000 requests loses none, and late ones come with the overlap', async () => {
  const now = Date.parse('2026-03-01T00:00:00Z')
  const first = now - 28 * 86_400_000
  const second = fc.integer({ min: 0, max: 28 * 86_400 - 1 })
  const [seconds = []] = fc.sample(fc.array(second, { minLength: 1_800, maxLength: 1_800 }), 1)
  const all = seconds.map((at, id) => ({ id, at: first + at * 1000 }))
  const url = server.on('/open311/v2/requests.json', (_, response, { searchParams }) => {
    const [from, until] = ['start_date', 'end_date'].map((name) => Date.parse(searchParams.get(name) ?? ''))
    const found = all.filter(({ at }) => at >= (from ?? 0) && at < (until ?? 0))
    const rows = found
      .sort((a, b) => b.at - a.at)
      .slice(0, 1_000)
      .map(({ id, at }) => ({
        ...{ service_request_id: `R${id}`, service_name: 'Pothole', status: 'open' },
        requested_datetime: new Date(at).toISOString(),
      }))
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(rows))
  })
  const cursor = { kind: 'window', from: 'start_date', until: 'end_date', full: 1_000, days: 20 } as const
  let clock = now
  const more = { mapping: 'open311', source: 'capped', cursor: { ...cursor, first: moment(first) } }
  const source = await asking(url, more, { now: () => clock })
  const state = await asked(source, () => source.state().position === '2026-03-01T00:00:00.000Z')
  expect(state).toMatchObject({ state: 'ready', waiting: 0, last_error: null })
  expect(state.last_file).toMatch(/^127\.0\.0\.1_\d+-2026-.*--2026-03-01T00-00Z\.json$/)
  expect(await cases('capped')).toBe(1_800)
  const loads = await loadsOf('capped')
  expect(loads.reduce((sum, { read }) => sum + read, 0)).toBe(1_800)
  expect(loads.every(({ read, duplicates }) => read < 1_000 && duplicates === 0)).toBe(true)

  // one arrives late, one is new
  all.push({ id: 9_001, at: now - 1_800_000 }, { id: 9_002, at: now + 60_000 })
  clock = now + 120_000
  source.run()
  await asked(source, () => source.state().position === '2026-03-01T00:02:00.000Z')
  expect(await cases('capped')).toBe(1_802)
  await source.close()
})

test('a minute that is too full is named, and what lies before it is loaded', async () => {
  const url = server.on('/full', (_, response, { searchParams }) => {
    const rows =
      Date.parse(searchParams.get('until') ?? '') > Date.parse('2026-01-06T12:00:00Z') ? ['A', 'B'] : ['A']
    response.writeHead(200, { 'content-type': 'text/csv' }).end(csv(rows))
  })
  const cursor = { kind: 'window', from: 'from', until: 'until', full: 2, days: 1 } as const
  const more = { source: 'full', cursor: { ...cursor, first: '2026-01-05T12:00:00Z' } }
  const source = await asking(url, more, { now: () => Date.parse('2026-01-08T00:00:00Z') })
  const state = await asked(source, () => source.state().last_error !== null)
  expect(state).toMatchObject({ state: 'troubled', position: '2026-01-06T12:00:00.000Z' })
  expect(state.last_error).toMatch(
    /^From 2026-01-06T12:00:00Z to 2026-01-06T12:00:\d\dZ there are 2 rows, as many as/,
  )
  await source.close()
})

test('a file that has not changed is not sent, and not loaded, again, and a crash before the cursor counts once', async () => {
  let tag = '"one"'
  let content = csv(['A', 'B'])
  const url = server.on('/export.csv', (request, response) => {
    if (request.headers['if-none-match'] === tag) response.writeHead(304).end()
    else response.writeHead(200, { 'content-type': 'text/csv', etag: tag }).end(content)
  })
  const source = await asking(url, { name: 'export', source: 'export' })
  const one = await asked(source, () => source.state().last_load_id !== null)
  source.run()
  const two = await asked(source, () => server.count('/export.csv') === 2)
  expect(two).toMatchObject({ last_load_id: one.last_load_id, last_at: one.last_at, last_error: null })
  ;[tag, content] = ['"two"', csv(['A', 'B', 'C'])]
  source.run()
  await asked(source, () => source.state().last_load_id !== one.last_load_id)
  expect((await loadsOf('export')).map(({ read, duplicates }) => [read, duplicates])).toEqual([
    [2, 0],
    [3, 2],
  ])
  await source.close()

  // opened again it keeps to its time
  const quiet = await asking(url, { name: 'export', source: 'export' })
  expect(quiet.state()).toMatchObject({ state: 'ready', last_load_id: expect.stringMatching(/./) })
  expect(Date.parse(quiet.state().next_at ?? '')).toBeGreaterThan(Date.now() + 3_000_000)
  await quiet.close()
  expect(server.count('/export.csv')).toBe(3)

  // the load was in the ledger, the cursor not yet on disk, and bytes lay about
  await rm(path.join(folderOf('export'), 'cursor.json'))
  await writeFile(path.join(folderOf('export'), 'fetched', 'answer.part'), 'case_id')
  const again = await asking(url, { name: 'export', source: 'export' })
  const state = await asked(again, () => again.state().last_load_id !== null)
  expect(state).toMatchObject({ state: 'ready', last_error: null })
  await again.close()
  expect(await cases('export')).toBe(3)
  expect(await loadsOf('export')).toHaveLength(2)
  expect(await readdir(path.join(folderOf('export'), 'fetched'))).toEqual([])
})

test('a source asked for what changed moves on only with what was loaded, and keeps what did not load', async () => {
  let answer = csv(['A'])
  const url = server.on('/changes', (_, response) => {
    response.writeHead(200, { 'content-type': 'text/csv' }).end(answer)
  })
  let clock = Date.parse('2026-02-01T00:00:00.500Z')
  const cursor = { kind: 'since', parameter: 'since', first: '2026-01-01T00:00:00Z' } as const
  const source = await asking(url, { name: 'changes', cursor }, { now: () => clock })
  await asked(source, () => source.state().position === '2026-02-01T00:00:00.000Z')
  answer = csv(['B'], 'yesterday')
  for (const hour of [1, 2]) {
    clock = Date.parse(`2026-02-01T0${hour}:00:00Z`)
    source.run()
    await asked(source, () => server.count('/changes') === 1 + hour)
  }
  const troubled = source.state()
  expect(troubled).toMatchObject({ state: 'troubled', position: '2026-02-01T00:00:00.000Z' })
  expect(troubled.last_file).toBe('changes-2026-01-31T23-00Z--2026-02-01T02-00Z.csv')
  // the later answer took the place of the earlier one
  expect(await failed('changes')).toEqual([troubled.last_file, `${troubled.last_file}.reason.txt`])
  const reason = path.join(folderOf('changes'), 'failed', `${troubled.last_file}.reason.txt`)
  expect(await readFile(reason, 'utf8')).toContain('1 of 1 rows were rejected')

  answer = csv(['B', 'C'])
  source.run()
  await asked(source, () => source.state().last_error === null)
  answer = csv([])
  clock = Date.parse('2026-02-01T05:00:00Z')
  source.run()
  const state = await asked(source, () => source.state().position === '2026-02-01T05:00:00.000Z')
  expect(state).toMatchObject({ state: 'ready', last_error: null })
  await source.close()
  expect(await failed('changes')).toEqual([])
  expect(await cases('changes')).toBe(3)
  const since = server.asked.filter(({ url: { pathname } }) => pathname === '/changes')
  expect(since.map(({ url: { searchParams } }) => searchParams.get('since'))).toEqual([
    '2026-01-01T00:00:00Z',
    ...Array(3).fill('2026-01-31T23:00:00Z'),
    '2026-02-01T01:00:00Z',
  ])
})

test('secrets come from the environment, and are found in no log, state, ledger or file', async () => {
  let status = 403
  const url = server.on('/guarded.csv', (_, response) => {
    response.writeHead(status, { 'content-type': 'text/csv' }).end(csv(['A']))
  })
  const more = { headers: { authorization: 'Bearer $TOWN_TOKEN' }, query: { key: '$TOWN_KEY' } }
  const env: Record<string, string> = { TOWN_KEY: 'hidden-key' }
  const source = await asking(url, more, { env })
  const missing = await asked(source, () => source.state().last_error !== null)
  expect(missing.last_error).toMatch(
    /^The environment has no TOWN_TOKEN, which headers of the source .* names/,
  )
  expect(server.count('/guarded.csv')).toBe(0)
  env.TOWN_TOKEN = 'hidden-token\n'
  source.run()
  const refused = await asked(source, () => server.count('/guarded.csv') === 1)
  expect(refused.last_error).toMatch(/\/guarded\.csv answered 403: check the key in headers\.$/)
  status = 200
  source.run()
  const state = await asked(source, () => source.state().last_load_id !== null)
  const { headers, url: askedUrl } =
    server.asked.find(({ url: { pathname } }) => pathname === '/guarded.csv') ?? {}
  expect([headers?.authorization, askedUrl?.search]).toEqual(['Bearer hidden-token', '?key=hidden-key'])
  const cursor = await readFile(path.join(folderOf(state.name), 'cursor.json'), 'utf8')
  const ledger = await store.rows('SELECT * FROM loads')
  const told = JSON.stringify([logged, missing, refused, state, cursor, ledger])
  expect(told).toContain('guarded.csv')
  expect(told).not.toContain('hidden')
  await source.close()
})

test('closing ends a download at once, and nothing of it stays', async () => {
  const url = server.on('/endless', (_, response) => {
    response.writeHead(200, { 'content-type': 'text/csv' })
    response.write(csv(['A']))
  })
  const source = await asking(url, { name: 'endless' })
  const part = () => readdir(path.join(folderOf('endless'), 'fetched'))
  await expect.poll(part, { timeout: 10_000 }).toEqual(['answer.part'])
  expect(source.state()).toMatchObject({ state: 'loading', next_at: null, last_error: null })
  await source.close()
  expect(await part()).toEqual([])
  expect(await cases('endless')).toBe(0)
})

test('an address can be given instead of a file: it is loaded, and the download is gone', async () => {
  const url = server.on('/data/town.csv', (_, response) => response.end(csv(['A', 'B'])))
  const [result] = await ingest(store.db, `${url}?key=hidden`, { mapping: 'clearway' })
  expect(result).toMatchObject({ source: 'town', read: 2, accepted: 2 })
  expect(await loadsOf('town')).toMatchObject([{ file_name: 'town.csv', state: 'done' }])
  const left = await readdir(path.join(store.db.dataDir, 'incoming'))
  expect(left.filter((name) => name.startsWith('download'))).toEqual([])
  await expect(ingest(store.db, `${server.origin}/none`, { mapping: 'clearway' })).rejects.toThrow(
    /\/none answered 404: there is nothing at this address/,
  )
  const stop = AbortSignal.abort()
  await expect(ingest(store.db, url, { mapping: 'clearway', signal: stop })).rejects.toThrow('cancelled')
})
