import { randomUUID } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { withLock } from '../pipelines/lock.ts'
import { locks } from '../pipelines/publish.ts'
import { Intake } from '../pipelines/sources/intake.ts'
import type { RunningLoad } from '../pipelines/sources/running.ts'
import { Spool } from '../pipelines/sources/spool.ts'
import { useStore } from '../pipelines/testStore.ts'
import { createKey, revokeKey } from '../sql/keys.ts'
import { createApp } from './app.ts'

/** Rows sent over HTTP, all the way to the facts of a real engine. */

const store = useStore()
let intake: Intake
let app: ReturnType<typeof createApp>
let bearer = ''

beforeAll(async () => {
  intake = await Intake.open(store.db, { limits: { bodyBytes: 2 ** 20, waitingBytes: 2 ** 22 } })
  app = createApp({ db: store.db, intake, versionAge: 0 })
  const { key } = await createKey(store.db, { name: 'permit-system', role: 'ingest', scopes: ['ingest:*'] })
  bearer = `Bearer ${key}`
})
afterAll(() => intake?.close())

type Answer = Record<string, unknown> & { load_id: string; detail: string; state: string; error: string }
const csv = (rows: string[]) => `case_id,event_id,service,activity,time\n${rows.join('\n')}\n`
const row = (id: string, activity = 'Review') => `${id},1,permits,${activity},2026-01-05T09:00:00Z`

async function post(path: string, body: BodyInit | null, headers: Record<string, string> = {}) {
  const response = await app.request(`/api/v1/ingest/${path}`, {
    method: 'POST',
    body,
    headers: { Authorization: bearer, 'Content-Type': 'text/csv', ...headers },
  })
  return { status: response.status, headers: response.headers, body: (await response.json()) as Answer }
}

async function get(path: string): Promise<Answer> {
  return (await (await app.request(`/api/v1${path}`)).json()) as Answer
}

const ended = async (loadId: string): Promise<Answer> => {
  const states = ['done', 'failed', 'cancelled']
  // the engine may be away for a moment
  await expect
    .poll(async () => states.includes((await get(`/loads/${loadId}`)).state), { timeout: 25_000 })
    .toBe(true)
  return get(`/loads/${loadId}`)
}

const cases = async (source: string) =>
  (await store.value(`SELECT count() FROM case_events FINAL WHERE source = '${source}'`)) as number

describe('who may send what', () => {
  test('without a key the answer is 401 and says how to get one', async () => {
    const { status, headers, body } = await post('case_events', csv([row('A')]), { Authorization: '' })
    expect(status).toBe(401)
    expect(headers.get('WWW-Authenticate')).toBe('Bearer')
    expect(body.detail).toContain('clearway key create --name NAME --role ingest --scope ingest:case_events')
  })

  test('a key that is wrong, revoked or for another stream opens nothing', async () => {
    const made = { name: 'surveys', role: 'ingest', scopes: ['ingest:outcomes'] } as const
    const { key, id } = await createKey(store.db, made)
    const Authorization = `Bearer ${key}`
    const refused = await post('case_events', csv([row('A')]), { Authorization })
    expect(refused.status).toBe(403)
    expect(refused.body.detail).toContain('it may ingest:outcomes')
    expect((await post('outcomes', null, { Authorization })).status).toBe(422)
    await revokeKey(store.db, id)
    expect((await post('outcomes', 'x', { Authorization })).status).toBe(401)
    expect((await post('outcomes', 'x', { Authorization: `${bearer}x` })).status).toBe(401)
  })

  test.each([
    ['an unknown stream', 'events', {}, 404, 'case_events'],
    ['an unknown type', 'case_events', { 'Content-Type': 'text/html' }, 415, 'application/x-ndjson'],
    ['an unknown encoding', 'case_events', { 'Content-Encoding': 'br' }, 415, 'gzip'],
    ['an unknown mapping', 'case_events?mapping=/etc/passwd.json', {}, 422, 'clearway'],
    ['a mapping that needs a file name', 'case_events?mapping=xes', {}, 422, '?service=ID'],
    ['a body that is too large by its length', 'case_events', { 'Content-Length': '2000000' }, 413, '1 MB'],
    ['a body shorter than announced', 'case_events', { 'Content-Length': '900' }, 422, 'of 900 bytes'],
  ])('%s is refused and nothing is kept', async (_what, path, headers, status, says) => {
    const answer = await post(path, csv([row('A')]), headers as Record<string, string>)
    expect(answer.status).toBe(status)
    expect(answer.body.detail).toContain(says)
    expect(await readdir(join(store.db.dataDir, 'push'))).toEqual([])
  })

  test('a body that grows too large is refused, and what arrived of it is removed', async () => {
    const body = csv(Array.from({ length: 40_000 }, (_, at) => row(`L${at}`)))
    expect((await post('case_events', body)).status).toBe(413)
    expect(await readdir(join(store.db.dataDir, 'push'))).toEqual([])
  })
})

describe('the way of a body', () => {
  test('every format is acknowledged, loaded, and seen in the ledger with the same rows', async () => {
    const json = ['P1', 'P2'].map((case_id) =>
      JSON.stringify({
        case_id,
        event_id: '1',
        service: 'permits',
        activity: 'Review',
        time: '2026-01-05T09:00:00Z',
      }),
    )
    const parquet = await store.db.exec({
      query: `SELECT arrayJoin(['P1', 'P2']) AS case_id, '1' AS event_id, 'permits' AS service, 'Review' AS activity,
              toDateTime64('2026-01-05 09:00:00', 3, 'UTC') AS time FORMAT Parquet SETTINGS output_format_compression_level = 1`,
    })
    const blocks: Buffer[] = []
    for await (const block of parquet.stream) blocks.push(block as Buffer)
    const file = Buffer.concat(blocks)
    const text = csv([row('P1'), row('P2')])
    const zipped = { 'Content-Encoding': 'gzip' }
    const ways: [source: string, body: BodyInit, headers: Record<string, string>][] = [
      ['way-csv', text, {}],
      ['way-csv-gzip', new Uint8Array(gzipSync(text)), zipped],
      ['way-ndjson', json.join('\n'), { 'Content-Type': 'application/x-ndjson' }],
      ['way-parquet', new Uint8Array(file), { 'Content-Type': 'application/vnd.apache.parquet' }],
      [
        'way-parquet-gzip',
        new Uint8Array(gzipSync(file)),
        { 'Content-Type': 'application/vnd.apache.parquet', ...zipped },
      ],
    ]
    for (const [source, body, headers] of ways) {
      const sent = await post(`case_events?source=${source}`, body, headers)
      expect(sent.status, JSON.stringify(sent.body)).toBe(202)
      expect(sent.headers.get('Location')).toBe(`/api/v1/loads/${sent.body.load_id}`)
      const load = await ended(sent.body.load_id)
      expect(load, source).toMatchObject({ state: 'done', source, read: 2, accepted: 2, rejected: 0 })
      expect(await cases(source)).toBe(2)
    }
    expect(await readdir(join(store.db.dataDir, 'push'))).toEqual([])
  })

  test('an Idempotency-Key stands for one body, and the same body sent again counts once', async () => {
    const headers = { 'Idempotency-Key': randomUUID() }
    const path = 'case_events?source=repeat'
    const [first, again] = await Promise.all([1, 2].map(() => post(path, csv([row('R')]), headers)))
    expect(again?.body.load_id).toBe(first?.body.load_id)
    await ended(first?.body.load_id ?? '')
    const other = await post(path, csv([row('S')]), headers)
    expect(other.status).toBe(422)
    expect(other.body.detail).toContain(`load ${first?.body.load_id}`)
    expect((await post(path, csv([row('R')]), headers)).body.load_id).toBe(first?.body.load_id)
    expect((await post(path, csv([row('S')]))).status).toBe(202)
    await expect.poll(() => cases('repeat'), { timeout: 20_000 }).toBe(2)
    const loads = await store.value(`SELECT count() FROM loads FINAL WHERE source = 'repeat'`)
    expect(loads).toBe(2)
  })

  test('a preview tells what would be stored and rejected, and stores nothing', async () => {
    const body = csv([row('V1'), row('V2', ''), 'V3,1,permits,Review,yesterday'])
    const { status, body: report } = await post('case_events/preview?source=look', body)
    expect(status, JSON.stringify(report)).toBe(200)
    expect(report).toMatchObject({ read: 3, accepted: 1, rejected: 2, already_loaded: false })
    expect(report.rejected_by_rule).toContainEqual(
      expect.objectContaining({ field: 'time', rule: 'time', rows: 1, first_line: 4 }),
    )
    expect(report.first_rows).toEqual([expect.objectContaining({ case_id: 'V1', activity: 'Review' })])
    expect((report.rejected_rows as { line: number }[]).map(({ line }) => line)).toEqual([3, 4])
    expect(await cases('look')).toBe(0)
    expect(await store.value(`SELECT count() FROM loads WHERE source = 'look'`)).toBe(0)
    await expect.poll(() => store.leftOvers()).toEqual([])
    const broken = await post('case_events/preview', 'a,b\n1,2\n')
    expect(broken.body.detail).toContain('"case_id" is missing')
  })

  test('rows that did not fit are given back under their own header, and load once they are mended', async () => {
    const good = Array.from({ length: 60 }, (_, at) => row(`G${at}`))
    const body = csv([...good, '"=1+1, ""x""",1,permits,Review,yesterday', row('M2', '')])
    const sent = await post('case_events?source=mend', body)
    expect(await ended(sent.body.load_id)).toMatchObject({ state: 'done', accepted: 60, rejected: 2 })
    const path = `/api/v1/loads/${sent.body.load_id}/rejected`
    const response = await app.request(`${path}?format=csv`)
    expect(response.headers.get('Content-Type')).toContain('text/csv')
    const export_ = await response.text()
    const [header, first] = export_.split('\r\n')
    expect(header).toBe('case_id,event_id,service,activity,time,rejected_line,rejected_because')
    expect(first).toMatch(/^"=1\+1, ""x""",1,permits,Review,yesterday,62,time is not a time/)
    const lines = (await (await app.request(`${path}?format=ndjson`)).text()).trim().split('\n')
    expect(JSON.parse(lines[1] ?? '')).toMatchObject({ case_id: 'M2', activity: '' })

    const mended = export_
      .replace('yesterday', '2026-01-06T09:00:00Z')
      .replace('permits,,', 'permits,Decision,')
    const again = await post('case_events?source=mend', mended)
    expect(await ended(again.body.load_id)).toMatchObject({ state: 'done', accepted: 2, rejected: 0 })
    expect(await cases('mend')).toBe(62)
  })

  test('a body that cannot be loaded is in the ledger with the reason', async () => {
    const sent = await post('case_events?source=wrong', csv([row('W', ''), row('X')]))
    const load = await ended(sent.body.load_id)
    expect(load).toMatchObject({ state: 'failed', rejected: 1 })
    expect(load.error).toContain('1 of 2 rows were rejected')
    const unknown = await post('case_events?source=wrong&service=nothing', csv([row('W')]))
    expect(await ended(unknown.body.load_id)).toMatchObject({ state: 'failed', source: 'wrong' })
    expect((await get(`/loads/${unknown.body.load_id}`)).error).toContain('There is no service "nothing"')
    const { sources } = (await get('/sources')) as unknown as { sources: { last_error: string }[] }
    expect(sources[0]?.last_error).toContain('There is no service "nothing"')
    expect(await cases('wrong')).toBe(0)
  })
})

test('a body that only withdraws rows needs no more than their keys', async () => {
  await ended((await post('case_events?source=withdrawn', csv([row('D1'), row('D2')]))).body.load_id)
  const withdrawal = JSON.stringify({ case_id: 'D1', event_id: '1', service: 'permits', deleted: true })
  const headers = { 'Content-Type': 'application/x-ndjson' }
  const sent = await post('case_events?source=withdrawn', withdrawal, headers)
  expect(await ended(sent.body.load_id)).toMatchObject({ state: 'done', accepted: 1, corrected: 1 })
  expect(await cases('withdrawn')).toBe(1)
})

describe('many at once', () => {
  test('when too much waits, senders are told to come back, and nothing that was taken is lost', async () => {
    const small = await Intake.open(store.db, { limits: { bodyBytes: 2 ** 20, waitingBytes: 2_000 } })
    const busy = createApp({ db: store.db, intake: small, versionAge: 0 })
    const bodies = Array.from({ length: 20 }, (_, at) =>
      csv(Array.from({ length: 15 }, (_, n) => row(`F${at}-${n}`))),
    )
    const answers = await Promise.all(
      bodies.map((body) =>
        busy.request('/api/v1/ingest/case_events?source=full', {
          method: 'POST',
          body,
          headers: { Authorization: bearer, 'Content-Type': 'text/csv' },
        }),
      ),
    )
    const taken = answers.filter(({ status }) => status === 202)
    const refused = answers.filter(({ status }) => status === 429)
    expect(taken.length + refused.length).toBe(20)
    expect(taken.length).toBeGreaterThan(0)
    expect(refused.length).toBeGreaterThan(0)
    expect(refused[0]?.headers.get('Retry-After')).toBe('5')
    await expect.poll(() => cases('full'), { timeout: 20_000 }).toBe(taken.length * 15)
    await small.close()
  })

  test('a body whose load was cut off by the end of the engine is loaded by the next engine', async () => {
    let sent = ''
    await withLock(locks(store.db), 'publish', async () => {
      sent = (await post('case_events?source=cut', csv([row('K1'), row('K2')]))).body.load_id
      await expect.poll(async () => (await get(`/loads/${sent}`)).state, { timeout: 20_000 }).toBe('staging')
      const { pid } = JSON.parse(await readFile(join(store.db.dataDir, 'engine.json'), 'utf8')) as {
        pid: number
      }
      process.kill(pid, 'SIGKILL')
    })
    expect(await ended(sent)).toMatchObject({ state: 'done', accepted: 2, duplicates: 0 })
    expect(await cases('cut')).toBe(2)
  })

  test('200 bodies sent at the same time are all on disk when they are acknowledged', async () => {
    const dataDir = join(store.dir, 'many')
    const many = await Intake.open({ ...store.db, dataDir })
    const sent = createApp({ db: store.db, intake: many, versionAge: 0 })
    const bodies = Array.from({ length: 200 }, (_, at) => csv([row(`N${at}`)]))
    // no load gets past its entry meanwhile, so that all of them wait
    await withLock(join(dataDir, 'locks'), 'ledger', async () => {
      const answers = await Promise.all(
        bodies.map((body) =>
          sent.request('/api/v1/ingest/case_events?source=many', {
            method: 'POST',
            body,
            headers: { Authorization: bearer, 'Content-Type': 'text/csv' },
          }),
        ),
      )
      expect(answers.map(({ status }) => status)).toEqual(Array(200).fill(202))
      const found = new Spool(join(dataDir, 'push'), { bodyBytes: 1, waitingBytes: 1 })
      await found.open()
      const waiting = found.waiting()
      const held = await Promise.all(waiting.map((ticket) => readFile(found.fileOf(ticket), 'utf8')))
      expect(held.sort()).toEqual(bodies.sort())
      const ids = await Promise.all(answers.map(async (answer) => ((await answer.json()) as Answer).load_id))
      expect(waiting.map(({ load_id }) => load_id).sort()).toEqual(ids.sort())
    })
    await many.close(0)
  })

  test('bodies that many send again and again are each loaded once', async () => {
    const bodies = Array.from({ length: 4 }, (_, at) => csv([row(`N${at}`)]))
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, at) => post('case_events?source=again', bodies[at % 4] ?? '')),
    )
    expect(answers.map(({ status }) => status)).toEqual(Array(200).fill(202))
    const ids = new Set(answers.map(({ body }) => body.load_id))
    expect(ids.size).toBe(4)
    for (const id of ids) expect(await ended(id)).toMatchObject({ state: 'done', accepted: 1, duplicates: 0 })
    expect(await cases('again')).toBe(4)
  })
})

describe('a load that is stopped', () => {
  const stop = (id: string, headers: Record<string, string> = {}, env = {}) =>
    app.request(`http://localhost/api/v1/loads/${id}/cancel`, { method: 'POST', headers }, env)
  const here = { incoming: { socket: { remoteAddress: '127.0.0.1' } } }
  const body = (source: string) => csv(Array.from({ length: 50 }, (_, at) => row(`${source}-${at}`)))

  test('is undone whether it waits or runs, and says so in the ledger and to those who follow', async () => {
    const followed: RunningLoad[] = []
    const leave = intake.running.subscribe((load) => followed.push(load))
    let running = ''
    let waiting = ''
    const trouble = intake.push.state().last_error
    // the running load cannot publish before it is stopped
    await withLock(locks(store.db), 'publish', async () => {
      running = (await post('case_events?source=stopped', body('one'))).body.load_id
      waiting = (await post('case_events?source=stopped', body('two'))).body.load_id
      await expect
        .poll(async () => (await get(`/loads/${running}`)).state, { timeout: 20_000 })
        .toBe('staging')
      expect((await get(`/loads/${waiting}`)).state).toBe('waiting')
      expect((await stop(waiting)).status).toBe(401)
      expect((await stop(waiting, { 'X-Forwarded-For': '10.0.0.1' }, here)).status).toBe(401)
      expect((await stop(waiting, { Origin: 'http://elsewhere.example' }, here)).status).toBe(403)
      expect(await (await stop(waiting, {}, here)).json()).toMatchObject({ state: 'cancelled' })
      void stop(running, { Authorization: bearer })
    })
    for (const id of [running, waiting]) expect((await ended(id)).state).toBe('cancelled')
    expect(await cases('stopped')).toBe(0)
    await expect.poll(() => store.leftOvers()).toEqual([])
    // that a person stopped it is no trouble of the source
    await expect.poll(() => intake.push.state()).toMatchObject({ waiting: 0, last_error: trouble })
    leave()
    const states = followed.filter(({ load_id }) => load_id === running).map(({ state }) => state)
    expect(states[0]).toBe('running')
    expect(states.at(-1)).toBe('cancelled')
    const late = await stop(running, { Authorization: bearer })
    expect(late.status).toBe(409)
    expect(((await late.json()) as Answer).detail).toContain('has ended: it is cancelled')
    // what was stopped can be sent again
    const again = await post('case_events?source=stopped', body('one'))
    expect(again.body.load_id).toBe(running)
    expect(await ended(running)).toMatchObject({ state: 'done', accepted: 50 })
  })
})

test('progress arrives as server-sent events', async () => {
  const leaving = new AbortController()
  const response = await app.request('/api/v1/loads/events', { signal: leaving.signal })
  expect(response.headers.get('Content-Type')).toContain('text/event-stream')
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  expect((await reader?.read())?.value).toBe(': open\n\n')
  const { body } = await post('case_events?source=followed', csv([row('E')]))
  let told = ''
  const done = new RegExp(`"${body.load_id}".*"state":"done"`)
  while (!done.test(told)) told += (await reader?.read())?.value ?? ''
  await reader?.cancel()
  leaving.abort()
  expect(told).toContain(`id: ${body.load_id}`)
  expect(told).toContain('"phase":"publishing"')
})

test('the description of the API names the streams, the key and every answer', async () => {
  const { paths, components } = (await (await app.request('/openapi.json')).json()) as {
    paths: Record<
      string,
      { post?: { security: unknown; requestBody: { content: object }; responses: object } }
    >
    components: { securitySchemes: unknown }
  }
  expect(components.securitySchemes).toEqual({ bearer: { type: 'http', scheme: 'bearer' } })
  const send = paths['/api/v1/ingest/{stream}']?.post
  expect(Object.keys(send?.responses ?? {})).toEqual(
    expect.arrayContaining(['202', '401', '403', '413', '429']),
  )
  expect(JSON.stringify(send?.requestBody)).toContain('"case_id"')
  const { streams } = (await get('/streams')) as unknown as { streams: Record<string, string>[] }
  for (const each of streams)
    for (const address of ['template', 'dictionary', 'data_package', 'csv_metadata'])
      expect((await app.request(each[address] ?? '')).status, each[address]).toBe(200)
})
