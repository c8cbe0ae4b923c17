import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { load } from '../pipelines/load.ts'
import { loadMapping } from '../pipelines/mapping.ts'
import { useStore } from '../pipelines/testStore.ts'
import type { Db } from '../sql/db.ts'
import { createKey, listKeys, type Role, type Scope } from '../sql/keys.ts'
import { createApp } from './app.ts'
import { releaseSample } from './releases/sample.ts'
import { testDesk } from './releases/testDesk.ts'

const store = useStore()
let dir = ''
let office: ReturnType<typeof testDesk>
let app: ReturnType<typeof createApp>
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'clearway-releases-'))
  for (const table of ['release_log', 'release_calendar', 'api_keys'])
    await store.db.command({ query: `TRUNCATE TABLE ${table}` })
  const db = { ...store.db, dataDir: dir } as Db
  office = testDesk(() => db)
  app = createApp({ db, desk: office.desk() })
  return () => rm(dir, { recursive: true, force: true })
})

const keyFor = async (name: string, role: Role = 'publisher', scopes: Scope[] = ['publish']) =>
  (await createKey(store.db, { name, role, scopes })).key
const call = async (path: string, key?: string, body?: object) => {
  const response = await app.request(
    `http://localhost/api/v1/releases${path}`,
    {
      method: body ? 'POST' : 'GET',
      headers: {
        ...(key && { Authorization: `Bearer ${key}` }),
        ...(body && { 'Content-Type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    },
    // asked on the machine itself: that is no person
    { incoming: { socket: { remoteAddress: '127.0.0.1' } } },
  )
  const text = await response.text()
  const isJson = response.headers.get('Content-Type')?.includes('json')
  return {
    status: response.status,
    headers: response.headers,
    body: isJson ? (JSON.parse(text) as Record<string, unknown>) : {},
    text,
  }
}

test('two persons bring a release from draft to public through the API, and it tells who did what', async () => {
  const [ada, bob] = [await keyFor('planning'), await keyFor('statistics')]
  expect((await call('', undefined, { month: '2026-06' })).status).toBe(401)
  const analyst = await keyFor('analyst', 'analyst', ['publish'])
  expect((await call('', analyst, { month: '2026-06' })).body.detail).toMatch(/--role publisher/)
  expect((await call('', ada, { month: 'June' })).status).toBe(422)
  expect((await call('', ada, { month: '2026-06', colour: 'red' })).body.detail).toContain('colour')
  const built = await call('', ada, { month: '2026-06' })
  expect(built).toMatchObject({ status: 201, body: { id: '2026-06', state: 'draft', made_by: ['planning'] } })
  expect(await call('/2026-06/check', ada, {})).toMatchObject({ status: 200, body: { state: 'checked' } })
  expect(await call('/2026-06/approve', ada, {})).toMatchObject({
    status: 409,
    body: { detail: expect.stringContaining('second person') },
  })
  for (const step of ['approve', 'schedule'])
    expect((await call(`/2026-06/${step}`, bob, {})).status).toBe(200)
  expect((await call('/2026-06/publish', bob, {})).body.detail).toContain('held until 09:30')
  office.now = new Date('2026-07-15T08:30:00Z')
  expect(await call('/2026-06/publish', bob, {})).toMatchObject({
    status: 200,
    body: { public_since: '2026-07-15T08:30:00.000Z' },
  })
  const { body } = await call('/2026-06')
  expect((body.log as { step: string; by: string }[]).map(({ step, by }) => `${step} by ${by}`)).toEqual([
    'built by planning',
    'checked by planning',
    'approved by statistics',
    'scheduled by statistics',
    'published by statistics',
  ])
  expect((await call('')).body).toMatchObject({ releases: [{ id: '2026-06', state: 'published' }] })
  expect((await call('/2026-05')).status).toBe(404)
  expect((await call('/2026-06/burn', bob, {})).status).toBe(404)
  expect((await call('/2026-06/withdraw', bob, {})).body.detail).toContain('reason')
})

test('a release that is not public is shown and compared only to persons, and each look is written down', async () => {
  const ada = await keyFor('planning')
  await call('', ada, { month: '2026-06' })
  expect((await call('/2026-06/preview', undefined, { reason: 'Briefing' })).status).toBe(401)
  expect((await call('/2026-06/preview', ada, {})).status).toBe(422)
  const opened = await call('/2026-06/preview', ada, { reason: 'Briefing of the mayor' })
  const address = String(opened.body.address).replace('/api/v1/releases', '')
  const page = await call(address)
  expect(page).toMatchObject({ status: 200, text: expect.stringContaining('June 2026') })
  expect(page.headers.get('Cache-Control')).toBe('no-store')
  const part = (path: string) => call(address.replace('index.html', path))
  expect((await part('data/services_by_month.json')).status).toBe(200)
  for (const other of [
    '../../release.key',
    '..%2f..%2frelease.key',
    'manifest.jso',
    '%2e%2e/2026-06/index.html',
  ])
    expect((await part(other)).status, other).toBe(404)
  expect((await call('/preview/AAAA/index.html')).status).toBe(404)
  expect((await call('/2026-06/compare/2026-06')).status).toBe(401)
  expect((await call('/2026-06/compare/2026-06', ada)).body).toMatchObject({ revisions: [] })
  const log = (await call('/2026-06')).body.log as { step: string; reason: string }[]
  expect(log.filter(({ step }) => step === 'previewed').map(({ reason }) => reason)).toEqual([
    'Briefing of the mayor',
    'Compared with 2026-06',
    'Compared with 2026-06',
  ])
})

test('the sample city is released once by two keys that end with it, and a real city never', async () => {
  const said: unknown[] = []
  const log = { info: (what: unknown) => said.push(what) }
  const desk = office.desk()
  const never = new AbortController().signal
  const sample = {
    ...desk,
    config: () => {
      const config = desk.config()
      return { ...config, jurisdiction: { ...config.jurisdiction, sample: true } }
    },
  }
  const event = 'C1,E1,permits,Granted,2026-06-30T09:00:00Z'
  await load(store.db, {
    file: await store.file('june.csv', `case_id,event_id,service,activity,time\n${event}\n`),
    mapping: await loadMapping('clearway'),
    source: 'register',
  })
  await releaseSample(desk, log, never, 0)
  expect((await call('')).body.releases).toEqual([])
  await releaseSample(sample, log, never, 0)
  await releaseSample(sample, log, never, 0)
  expect(said).toHaveLength(1)
  expect((await call('')).body.releases).toMatchObject([{ state: 'published' }])
  expect((await listKeys(store.db)).every(({ revoked_at }) => revoked_at !== null)).toBe(true)
})
