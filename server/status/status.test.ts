import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { HtmlValidate } from 'html-validate'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { load } from '../../pipelines/load.ts'
import { loadMapping } from '../../pipelines/mapping.ts'
import { useStore } from '../../pipelines/testStore.ts'
import { pathsOf, readAddress } from '../../sql/engine/files.ts'
import { createKey } from '../../sql/keys.ts'
import { createApp } from '../app.ts'
import { type LookOut, lookOut } from './known.ts'
import { statusPage } from './page.ts'
import type { StatusDesk } from './routes.ts'
import { type Status, statusNow } from './standard.ts'
import { Watch } from './watch.ts'

const minute = 60_000
const ten = Date.parse('2026-06-01T10:00:00Z')

test('a watch tells the last 24 hours: how many, how many failed, and a p95 exact to a quarter', () => {
  let now = ten
  const watch = new Watch(() => now)
  watch.observe('/api/v1/kpis', 503, 5_000)
  now += 25 * 60 * minute
  for (let ms = 1; ms <= 1000; ms++) watch.observe('/api/v1/kpis', ms === 7 ? 500 : 200, ms)
  watch.observe('/api/v1/ingest/:stream', 202, 3)
  watch.observe('/public/*', 200, 400_000)
  for (const route of ['/healthz', '/readyz', '/metrics', '/status', '/status.css', '/api/v1/status'])
    watch.observe(route, 500, 1)
  const { since, answers } = watch.seen()
  expect(since).toBe(now - 24 * 60 * minute)
  const [figures, intake, site] = answers
  expect(figures).toMatchObject({ group: 'figures', n: 1000, failed: 1 })
  expect(figures?.p95_ms).toBeGreaterThanOrEqual(950)
  expect(figures?.p95_ms).toBeLessThan(950 * 1.25 + 1)
  expect(intake).toMatchObject({ group: 'intake', n: 1, failed: 0 })
  expect(site).toMatchObject({ group: 'public', n: 1, failed: 0 })
})

test('an outage of the store has a beginning and an end, and is forgotten after a day; a clock that is set back breaks nothing', () => {
  let now = ten
  const watch = new Watch(() => now)
  for (const answers of [true, false, false, true]) {
    watch.store(answers)
    now += minute
  }
  expect(watch.seen().store).toEqual({
    ...{ answers: true, asked: 4, answered: 2 },
    outages: [{ from: ten + minute, until: ten + 3 * minute }],
  })
  now -= 60 * minute
  watch.store(true)
  watch.observe('/api/v1/kpis', 200, 1)
  expect(watch.seen().since).toBeLessThanOrEqual(now)
  now += 26 * 60 * minute
  watch.store(true)
  expect(watch.seen().store).toMatchObject({ asked: 1, outages: [] })
})

const pageOf = (status: Status) => String(statusPage(status, { name: 'City', zone: 'UTC' }))

test('what is not as promised is told as that: late data, failed answers, late reports, no backup', async () => {
  const watch = new Watch(() => ten)
  watch.store(true)
  const feed = {
    source: 'counters',
    stream: 'wait_times',
    loaded_at: '2026-06-01T04:00:00.000Z',
    due_at: null,
  } as const
  const told = (state: 'fresh' | 'late', on_time: number, undelivered = 0) =>
    statusNow(
      {
        ...{ watch, dataDir: '/nowhere' },
        known: {
          ...{ at: ten, feeds: [{ ...feed, state }] },
          reports: { due: 10, on_time, waiting: 1, failed: 0, undelivered },
        },
      },
      new Date(ten),
    )
  expect(await told('fresh', 10)).toMatchObject({
    ...{
      state: 'working',
      store: { met: true },
      reports: { met: true },
      backup: { made_at: null, met: false },
    },
    data: { feeds: [{ lag_hours: 6, state: 'fresh' }] },
  })
  expect((await told('late', 10)).state).toBe('impaired')
  expect(await told('fresh', 9)).toMatchObject({ state: 'impaired', reports: { met: false } })
  const undelivered = await told('fresh', 10, 2)
  expect(undelivered.state).toBe('impaired')
  expect(pageOf(undelivered)).toContain('2 reports cannot be handed over just now')
  const parts = [
    ['disk', '', 'The disk is full, so nothing new is taken in.'],
    ['sign_in', 'City account', 'City account does not answer, so nobody can sign in with it'],
    ['tables', '', 'A table is damaged'],
  ] as const
  for (const [part, name, words] of parts) {
    watch.part(part, false, name)
    const ill = await told('fresh', 10)
    expect([ill.state, ill.parts.at(-1)], part).toEqual([
      'impaired',
      { part, name, well: false, since: '2026-06-01T10:00:00.000Z' },
    ])
    expect(pageOf(ill), part).toContain(words)
    watch.part(part, true, name)
    expect((await told('fresh', 10)).state, part).toBe('working')
  }
  watch.observe('/api/v1/kpis', 500, 1)
  expect(await told('fresh', 10)).toMatchObject({
    state: 'impaired',
    answers: [{ n: 1, failed: 1, met: false }],
  })
})

test('a few slow answers say nothing yet, and many are not as promised', async () => {
  const watch = new Watch(() => ten)
  watch.store(true)
  const after = async (answers: number) => {
    for (let n = 0; n < answers; n++) watch.observe('/api/v1/kpis', 200, 9_000)
    return statusNow({ watch, known: undefined, dataDir: '/nowhere' }, new Date(ten))
  }
  const few = await after(3)
  expect(few).toMatchObject({ state: 'working', answers: [{ n: 3, met: null }] })
  expect(pageOf(few)).toContain('too few to tell')
  expect(await after(20)).toMatchObject({ state: 'impaired', answers: [{ n: 23, met: false }] })
})

const store = useStore()
let watching: LookOut
let desk: StatusDesk
let ahead = 0
const provider = { name: 'City account', isThere: true, answers: async () => provider.isThere }
beforeAll(async () => {
  const rows = 'wait_id,service,asked_at,wait\nW1,permits,2026-05-04T09:00:00Z,5\n'
  const file = await store.file('waits.csv', rows)
  await load(store.db, { file, mapping: await loadMapping('clearway'), source: 'counters' })
  const watch = new Watch()
  watching = lookOut(store.db, watch, {
    ...{ everyMs: 3_600_000, providers: [provider] },
    now: () => Date.now() + ahead,
  })
  const { look, known, suspect } = watching
  const { dataDir } = store.db
  desk = {
    watch,
    look,
    known,
    suspect,
    dataDir,
    place: { name: 'Test <City>', zone: 'Europe/London' },
    public: true,
  }
})
afterAll(() => watching.close())

const enginePid = () => readAddress(pathsOf(store.db.dataDir))?.pid ?? 0
const asked = async (status: StatusDesk) => {
  const app = createApp({ db: store.db, status })
  const answer = (await (await app.request('/api/v1/status')).json()) as Status
  return { answer, page: await (await app.request('/status')).text() }
}

test('what the store said is not believed for longer where the clock was set back', async () => {
  ahead = 300 * minute
  await asked(desk)
  ahead = 0
  const { data } = (await asked(desk)).answer
  expect(Date.parse(data?.known_at ?? '')).toBeLessThanOrEqual(Date.now())
})

test('who signs people in is asked every half a minute', async () => {
  const signIn = async () => (await asked(desk)).answer.parts.find(({ part }) => part === 'sign_in')
  expect(await signIn()).toMatchObject({ name: 'City account', well: true })
  provider.isThere = false
  ahead += minute
  expect(await signIn()).toMatchObject({ well: false })
  provider.isThere = true
  expect(await signIn()).toMatchObject({ well: false })
  ahead += minute
  expect(await signIn()).toMatchObject({ well: true })
})

test('while the engine stands still the page says so within seconds, from what it knew; when it is killed it comes back by itself', async () => {
  const before = await asked(desk)
  expect(before.answer).toMatchObject({ state: 'working', store: { answers: true, outages: [] } })
  expect(before.answer.data?.feeds).toMatchObject([{ source: 'counters', stream: 'wait_times' }])
  const pid = enginePid()
  process.kill(pid, 'SIGSTOP')
  const during = await asked(desk).finally(() => process.kill(pid, 'SIGCONT'))
  expect(during.answer).toMatchObject({
    state: 'down',
    store: { answers: false, outages: [{ until: null }] },
  })
  expect(during.answer.data).toEqual({
    known_at: before.answer.data?.known_at,
    feeds: [{ ...before.answer.data?.feeds[0], lag_hours: expect.any(Number) }],
  })
  expect(during.page).toContain('There are no figures just now')
  process.kill(pid, 'SIGKILL')
  await expect.poll(async () => (await asked(desk)).answer.state).toBe('working')
  expect(enginePid()).not.toBe(pid)
  const { outages } = (await asked(desk)).answer.store
  expect(outages.every(({ from, until }) => until !== null && until >= from)).toBe(true)
  expect((await asked(desk)).page).toContain('The store did not answer from')
})

test('the page is whole HTML without script, and what people named is text', async () => {
  const { page } = await asked(desk)
  const report = await new HtmlValidate({
    extends: ['html-validate:recommended'],
    rules: {
      'doctype-style': 'off',
      'no-trailing-whitespace': 'off',
      'void-style': 'off',
      'long-title': 'off',
    },
  }).validateString(page)
  expect(report.results.flatMap(({ messages }) => messages.map(({ message }) => message))).toEqual([])
  expect(page).not.toContain('<script')
  expect(page).toContain('Test &lt;City&gt;')
  const style = await createApp({ db: store.db, status: desk }).request('/status.css')
  expect([style.status, style.headers.get('Content-Type')]).toEqual([200, 'text/css; charset=utf-8'])
})

test('where the configuration says so the status is only for the machine itself', async () => {
  const app = createApp({ db: store.db, status: { ...desk, public: false } })
  const from = (remoteAddress: string) => ({ incoming: { socket: { remoteAddress } } })
  for (const path of ['/status', '/api/v1/status', '/metrics']) {
    expect((await app.request(path, {}, from('10.0.0.7'))).status).toBe(404)
    expect((await app.request(path, {}, from('127.0.0.1'))).status).toBe(200)
  }
  const { key } = await createKey(store.db, { name: 'prometheus', role: 'auditor', scopes: ['loads'] })
  const headers = { Authorization: `Bearer ${key}` }
  expect((await app.request('/metrics', { headers }, from('10.0.0.7'))).status).toBe(200)
})

test('damage that an answer meets is told by the page, and when it is mended', async () => {
  const [part] = await store.rows<{ path: string }>(
    `SELECT path FROM system.parts WHERE active AND table = 'daily_wait_times' AND database = currentDatabase()`,
  )
  const file = readdirSync(part?.path ?? '').find((name) => name.endsWith('.bin') && !name.startsWith('_'))
  const path = join(part?.path ?? '', file ?? '')
  const bytes = readFileSync(path)
  const tables = async () => (await asked(desk)).answer.parts.find(({ part }) => part === 'tables')?.well
  const damaged = Buffer.from(bytes)
  damaged.writeUInt8((damaged[40] ?? 0) ^ 255, 40)
  writeFileSync(path, damaged)
  try {
    const app = createApp({ db: store.db, status: desk })
    const here = { incoming: { socket: { remoteAddress: '127.0.0.1' } } }
    const answer = await app.request('/api/v1/kpis?from=2026-05-01&until=2026-06-01', {}, here)
    expect(answer.status).toBe(500)
    await expect.poll(tables, { timeout: 20_000 }).toBe(false)
    expect((await asked(desk)).page).toContain('; a table is damaged')
  } finally {
    writeFileSync(path, bytes)
  }
  ahead += 15 * minute
  await expect.poll(tables, { timeout: 20_000 }).toBe(true)
  ahead = 0
})
