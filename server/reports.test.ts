import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { useStore } from '../pipelines/testStore.ts'
import { applyConfig } from '../sql/applyConfig.ts'
import { configSchema } from '../sql/config.ts'
import type { Db } from '../sql/db.ts'
import { createKey } from '../sql/keys.ts'
import { planOf } from '../sql/plan.ts'
import {
  begunAnswer,
  keptSchedule,
  reportsAnswer,
  runAnswer,
  runsAnswer,
  verifyAnswer,
} from './answers/reports.ts'
import { createApp } from './app.ts'
import { openArchive } from './reports/archive.ts'
import { Rounds } from './reports/runs/rounds.ts'
import { daily, testOffice } from './reports/runs/testOffice.ts'

const store = useStore()
let office: ReturnType<typeof testOffice>
let app: ReturnType<typeof createApp>
let server: Rounds
let dir = ''
const body = 'figures,1\n'
const sha256 = createHash('sha256').update(body).digest('hex')
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'clearway-reports-'))
  for (const table of ['report_schedules', 'report_run_log'])
    await store.db.command({ query: `TRUNCATE TABLE ${table}` })
  office = testOffice(() => ({ ...store.db, dataDir: dir }) as Db)
  const path = join(dir, 'made.csv')
  await writeFile(path, body)
  const { make } = office
  office.make = async (request) => {
    const made = await make(request)
    return { ...made, file: { ...made.file, path, name: 'Brief für Juni.csv', bytes: body.length, sha256 } }
  }
  const desk = office.desk()
  server = new Rounds(desk)
  const archive = openArchive(dir)
  await archive.keep(path, {
    ...{
      name: 'brief.csv',
      media_type: 'text/csv',
      report: 'table',
      from: '2026-06-01',
      until: '2026-07-01',
    },
    ...{ figures_sha256: 'f'.repeat(64), as_of: null, made_at: '2026-07-02T07:00:00.000Z' },
  })
  app = createApp({ db: desk.db, reports: { desk, archive }, versionAge: 0 })
  return async () => {
    await server.close()
    await rm(dir, { recursive: true, force: true })
  }
})

const here = { incoming: { socket: { remoteAddress: '127.0.0.1' } } }
const call = (method: string, path: string, given?: unknown, key?: string) =>
  app.request(
    `http://localhost/api/v1/reports${path}`,
    {
      method,
      headers: {
        ...(key !== undefined && { Authorization: `Bearer ${key}` }),
        ...(given !== undefined && { 'Content-Type': 'application/json' }),
      },
      ...(given !== undefined && { body: JSON.stringify(given) }),
    },
    key === undefined ? here : {},
  )
const detail = async (response: Response | Promise<Response>) =>
  ((await (await response).json()) as { detail: string }).detail
const asked = (...given: Parameters<typeof daily>) => {
  const { id: _, ...said } = daily(...given)
  return said
}
const brief = asked('brief')

test('a schedule is made, sent now, found in history, downloaded, verified, paused and ended', async () => {
  const made = await call('POST', '/schedules', brief)
  expect(made.status).toBe(201)
  const kept = keptSchedule.parse(await made.json())
  expect(kept).toMatchObject({ origin: 'page', by: 'on this machine', last: null, not_sent: '' })
  const at = `/schedules/${kept.id}`
  const begun = begunAnswer.parse(await (await call('POST', `${at}/run`)).json())
  expect(begun.runs).toMatchObject([{ state: 'queued', recipient: 'brief@city.example', by_hand: true }])
  // pressed twice
  expect((await call('POST', `${at}/run`)).status).toBe(202)
  for (let round = 0; round < 3; round++) {
    await server.round()
    await server.settled()
    office.post.bring(office.now)
  }
  expect(office.post.received).toHaveLength(1)
  const { runs, next } = runsAnswer.parse(
    await (await call('GET', `/runs?schedule=${kept.id}&state=done`)).json(),
  )
  expect([runs.length, next]).toEqual([1, null])
  const one = runAnswer.parse(await (await call('GET', `/runs/${runs[0]?.key}`)).json())
  expect(one.log.map(({ state }) => state)).toEqual(['queued', 'rendering', 'delivering', 'done'])
  const file = await app.request(`http://localhost${one.download}`, {}, here)
  expect(await file.text()).toBe(body)
  expect(file.headers.get('Content-Disposition')).toContain('attachment')
  for (const checksum of [sha256, sha256.slice(0, 16).toUpperCase(), one.figures_sha256?.slice(0, 20)]) {
    const { found } = verifyAnswer.parse(await (await call('GET', `/verify/${checksum}`)).json())
    expect(found).toMatchObject([{ report: 'department-brief', delivered: 1, recipients: 1, sha256 }])
  }
  expect(await (await call('GET', `/verify/${'0'.repeat(16)}`)).json()).toEqual({ found: [] })
  expect(await (await call('POST', `${at}/pause`)).json()).toMatchObject({
    paused: true,
    next: [],
  })
  expect(await (await call('POST', `${at}/resume`)).json()).toMatchObject({ paused: false })
  const changed = await call('PUT', at, { ...brief, name: 'June' })
  expect(await changed.json()).toMatchObject({ name: 'June', last: { state: 'done' } })
  expect((await call('DELETE', at)).status).toBe(200)
  expect((await call('DELETE', at)).status).toBe(404)
  expect(reportsAnswer.parse(await (await call('GET', '')).json()).schedules).toEqual([])
})

test.each([
  ['Brief für März, Nr. 3', /^brief-fur-marz-nr-3-[0-9a-f]{8}$/],
  ['早报', /^report-[0-9a-f]{8}$/],
  [`${'a'.repeat(49)} b`, /^a{49}-[0-9a-f]{8}$/],
])('a schedule "%s" is given an id of its own each time', async (name, id) => {
  const made = await Promise.all([1, 2].map(() => call('POST', '/schedules', { ...brief, name })))
  const ids = await Promise.all(made.map(async (one) => keptSchedule.parse(await one.json()).id))
  for (const one of ids) expect(one).toMatch(id)
  expect(ids[0]).not.toBe(ids[1])
  expect((await call('POST', '/schedules', daily('brief'))).status).toBe(422)
})

test('who has single cases told, sent or fetched says what for, and only then', async () => {
  await mkdir(join(dir, 'sample-city'))
  const config = {
    jurisdiction: { name: 'Test', time_zone: 'UTC' },
    privacy: { ask_purpose: true, purposes: ['complaint'] },
  }
  await writeFile(join(dir, 'sample-city/clearway.config.json'), JSON.stringify(config))
  const { key } = await createKey(store.db, {
    name: 'desk',
    role: 'case_worker',
    scopes: ['figures', 'cases', 'reports'],
  })
  const asks = async (method: string, path: string, given?: unknown, purpose = '') => {
    const said: Record<string, string> = purpose === '' ? {} : { 'X-Purpose': purpose }
    const response = await app.request(`http://localhost/api/v1/reports${path}`, {
      method,
      headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json', ...said },
      ...(given !== undefined && { body: JSON.stringify(given) }),
    })
    if (response.ok) return 'done'
    return ((await response.json()) as { type: string }).type.replace(/.*:/, '')
  }
  const recipients = daily('cases').recipients.map((one) => ({ ...one, audience: 'cases' }))
  const cases = { ...asked('cases'), report: 'case-list', formats: ['csv'], recipients }
  await office.keep(daily('cases'))
  const wanted = { report: 'case-list', format: 'csv', filters: {}, period: 'last_month' }
  const steps = [
    ['POST', '/schedules', cases],
    ['PUT', '/schedules/cases', cases],
    ['POST', '/schedules/cases/run', undefined],
    ['POST', '/preview', wanted],
  ] as const
  for (const [method, path, given] of steps) {
    expect([path, await asks(method, path, given)]).toEqual([path, 'purpose-missing'])
    expect([path, await asks(method, path, given, 'curiosity')]).toEqual([path, 'purpose-unknown'])
    expect([path, await asks(method, path, given, 'complaint')]).toEqual([path, 'done'])
  }
  for (let round = 0; round < 3; round++) {
    await server.round()
    await server.settled()
    office.post.bring(office.now)
  }
  expect(await asks('GET', `/files/${sha256}`)).toBe('purpose-missing')
  expect(await asks('GET', `/files/${sha256}?purpose=complaint`)).toBe('done')
  // what shows no cases is asked of nobody
  expect(await asks('POST', '/preview', { ...wanted, report: 'department-brief' })).toBe('done')
  expect(await asks('POST', '/schedules/cases/pause')).toBe('done')
})

test('pages of history, and why something was not sent', async () => {
  office.stale = true
  for (const id of ['a', 'b', 'c']) await office.keep(daily(id))
  office.at('2026-07-01T06:00:00Z')
  await server.round()
  const first = runsAnswer.parse(await (await call('GET', '/runs?limit=2')).json())
  const second = runsAnswer.parse(await (await call('GET', `/runs?limit=2&before=${first.next}`)).json())
  expect([...first.runs, ...second.runs].map(({ schedule }) => schedule).sort()).toEqual(['a', 'b', 'c'])
  expect(second.next).toBeNull()
  const { schedules } = reportsAnswer.parse(await (await call('GET', '')).json())
  expect(schedules[0]?.not_sent).toMatch(/^Not sent because the case events of “register” are late/)
  expect(schedules[0]?.next).toHaveLength(3)
  const answer = reportsAnswer.parse(await (await call('GET', '')).json())
  expect(answer.reports[0]).toMatchObject({ id: 'department-brief', title: 'Department brief' })
  expect(answer.delivery.find(({ way }) => way === 'email')).toMatchObject({
    open: false,
    mend: expect.stringContaining('SMTP_URL'),
  })
})

test('a page of history is full of what one sees, wherever the runs of others lie', async () => {
  const to = (department: string) => [
    { destination: { kind: 'folder', path: department }, scope: { department: [department] } },
  ]
  for (const id of ['a', 'b', 'c', 'd', 'e', 'f'])
    await office.keep(daily(id, { recipients: to(id < 'd' ? 'planning' : 'desks') }))
  office.at('2026-07-01T06:00:00Z')
  await server.round()
  const rows = { department: ['planning'], service: [], district: [] }
  const { key } = await createKey(store.db, { name: 'planner', role: 'analyst', scopes: ['reports'], rows })
  const seen: string[] = []
  for (let next: number | null = 2 ** 31; next !== null; ) {
    const page = runsAnswer.parse(
      await (await call('GET', `/runs?limit=1&before=${next}`, undefined, key)).json(),
    )
    expect(page.runs).toHaveLength(1)
    seen.push(...page.runs.map(({ schedule }) => schedule))
    next = page.next
  }
  expect(seen.sort()).toEqual(['a', 'b', 'c'])
})

test('a preview is a file and sends nothing', async () => {
  const asked = {
    report: 'department-brief',
    format: 'csv',
    filters: { service: ['permits'] },
    period: 'last_month',
  }
  const file = await call('POST', '/preview', asked)
  expect(await file.text()).toBe(body)
  expect(file.headers.get('Content-Disposition')).toContain("filename*=UTF-8''Brief%20f%C3%BCr%20Juni.csv")
  expect(office.made[0]?.filters).toMatchObject({
    service: ['permits'],
    from: '2026-06-01',
    until: '2026-07-01',
  })
  expect(await office.runs()).toEqual([])
  const scope = { department: ['planning'], service: ['counter'] }
  expect((await call('POST', '/preview', { ...asked, scope })).status).toBe(422)
})

test('only the machine itself or a key with the scope; single cases need their own', async () => {
  const key = async (...scopes: ('reports' | 'cases' | 'annotate')[]) =>
    (await createKey(store.db, { name: scopes.join(), role: 'analyst', scopes })).key
  const [none, reports, both] = [await key('annotate'), await key('reports'), await key('reports', 'cases')]
  for (const [method, path, given] of [
    ['GET', ''],
    ['GET', '/runs'],
    ['GET', `/runs/${'a'.repeat(32)}`],
    ['GET', `/files/${sha256}`],
    ['POST', '/schedules', brief],
    ['PUT', '/schedules/brief', brief],
    ['DELETE', '/schedules/brief'],
    ['POST', '/schedules/brief/run'],
    ['POST', '/schedules/brief/pause'],
    ['POST', '/preview', { report: 'department-brief', format: 'csv' }],
  ] as const) {
    expect((await call(method, path, given, none)).status, `${method} ${path}`).toBe(403)
    expect((await call(method, path, given, 'cw_no')).status, `${method} ${path}`).toBe(401)
  }
  const to = [{ destination: { kind: 'folder', path: 'cases' }, audience: 'cases' }]
  const cases = asked('cases', { report: 'case-list', recipients: to })
  expect(await detail(call('POST', '/schedules', cases, reports))).toContain('scope cases')
  const made = await call('POST', '/schedules', cases, both)
  expect(made.status).toBe(201)
  const at = `/schedules/${keptSchedule.parse(await made.json()).id}`
  expect((await call('POST', `${at}/run`, undefined, reports)).status).toBe(403)
  expect((await call('DELETE', at, undefined, reports)).status).toBe(403)
  expect((await call('POST', '/preview', { report: 'case-list', format: 'csv' }, reports)).status).toBe(403)
  expect((await call('POST', `${at}/run`, undefined, both)).status).toBe(202)
  await server.round()
  await server.settled()
  await server.round()
  expect((await call('GET', `/files/${sha256}`, undefined, reports)).status).toBe(403)
  expect((await call('GET', `/files/${sha256}`, undefined, both)).status).toBe(200)
})

test.each<[Record<string, unknown>, string, string]>([
  [{ when: { kind: 'cron', cron: '61 7 * * *' } }, 'when.cron', 'minute'],
  [{ when: { kind: 'cron', cron: '0 7 30 2 *' } }, 'when.cron', 'never comes'],
  [{ when: { kind: 'cron', cron: '0 0 7 * * *' } }, 'when.cron', 'five fields'],
  [{ when: { kind: 'working_day', day: 2, at: '07:30', calendar: 'moon' } }, 'when.calendar', 'moon'],
  [{ time_zone: 'Europe/Atlantis' }, 'time_zone', 'Europe/London'],
  [{ report: 'horoscope' }, 'report', 'department-brief'],
  [{ report: 'service-report' }, 'filters.service', 'exactly one'],
  [
    { report: 'service-report', filters: { service: ['permits', 'counter'] } },
    'filters.service',
    'exactly one',
  ],
  [{ report: 'waiting-list', options: { stage: 'Check' } }, 'options.stage', 'table, raw'],
  [{ report: 'waiting-list', options: { table: 'moon' } }, 'options.table', 'one of services, ages, kpis,'],
  [{ report: 'case-list', options: { state: 'lost' } }, 'options.state', 'one of all, open, closed, late,'],
  [{ report: 'case-list', options: { sort: 'lost' } }, 'options.sort', 'one of wait, age, started,'],
  [{ report: 'case-list', options: { also: 'moon' } }, 'options.also', 'one of waiting,'],
  [{ report: 'case-list', options: { also: 'waiting' } }, 'options.stage', 'needs the option stage'],
  [{ report: 'table', options: { table: 'stage' } }, 'options.stage', 'needs the option stage'],
  [{ report: 'table', options: { table: 'flow', kpi: 'backlog' } }, 'options.kpi', 'takes table, stage, raw'],
  [{ report: 'table', options: { table: 'series', kpi: 'luck' } }, 'options.kpi', 'backlog'],
  [{ report: 'table', options: { table: 'fairness', kpi: 'backlog' } }, 'options.kpi', 'satisfied_share'],
  [
    { report: 'table', options: { table: 'fairness', against: 'me' } },
    'options.against',
    'one of rest, best,',
  ],
  [
    { options: { colour: 'red' } },
    'options.colour',
    'there are table, stage, also, state, sort, kpi, against, raw',
  ],
  [{ filters: { colour: 'red' } }, 'filters.colour', 'there are department, service'],
  [{ filters: { service: ['moon'] } }, 'filters.service', 'moon'],
  [
    { recipients: [{ destination: { kind: 'email', to: 'a@b.example' }, audience: 'public' }] },
    'audience',
    'released',
  ],
  [{ report: 'case-list' }, 'audience', 'single cases'],
  ...[
    'https://a:b@c.example',
    'https://hooks.example/reports?token=planning',
    'https://hooks.example/services/T0AB12CD3/B9ZX87YW6/a1B2c3D4e5F6g7H8i9J0',
    'https://hooks.example/hook/0b1e9f2c-7d55-4c1e-9a43-2f6c8d7e1a90',
  ].map((url): [Record<string, unknown>, string, string] => [
    { recipients: [{ destination: { kind: 'webhook', url } }] },
    'recipients.0.destination.url',
    'WEBHOOK_URL_',
  ]),
  [{ recipients: [{ destination: { kind: 'webhook', url: '$SMTP_URL' } }] }, 'url', '$WEBHOOK_URL_'],
  [{ colour: 'red' }, 'colour', 'there are id, name'],
])('what is wrong with a schedule is named: %j', async (change, field, words) => {
  const refused = await call('POST', '/schedules', asked('brief', change))
  expect(refused.status).toBe(422)
  const said = await detail(refused)
  expect(said).toContain(field)
  expect(said).toContain(words)
})

test('what is made by hand comes by schedule too: a table on paper', async () => {
  const table = asked('table', { report: 'table', formats: ['pdf', 'html', 'xlsx'] })
  expect((await call('POST', '/schedules', table)).status).toBe(201)
})

test('what the configuration declares is changed there, and plan shows what that changes', async () => {
  const config = (schedules: object[], more: object = {}) =>
    configSchema.parse({
      jurisdiction: { name: 'Test City', time_zone: 'Europe/London' },
      services: [{ id: 'permits', name: 'Permits', department: 'planning' }],
      departments: [{ id: 'planning', name: 'Planning' }],
      calendars: [{ id: 'office', from: '2026-01-01', until: '2026-12-31' }],
      schedules,
      ...more,
    })
  const wanted = config([daily('brief'), daily('other')])
  expect((await planOf(store.db, wanted)).map(({ what, id, change }) => `${change} ${what} ${id}`)).toEqual(
    expect.arrayContaining(['added schedule brief', 'added department planning', 'added calendar office']),
  )
  await applyConfig(store.db, wanted)
  expect(await planOf(store.db, wanted)).toEqual([])
  for (const [method, path, given] of [
    ['PUT', '/schedules/brief', brief],
    ['DELETE', '/schedules/brief'],
    ['POST', '/schedules/brief/pause'],
  ] as const)
    expect(await detail(call(method, path, given))).toContain('declared in clearway.config.json')
  const holiday = [
    { id: 'office', from: '2026-01-01', until: '2026-12-31', holidays: [{ day: '2026-05-01', name: 'May' }] },
  ]
  const standards = [{ valid_from: '2026-01-01', value: 5, unit: 'days', target: 0.8 }]
  const services = [{ id: 'permits', name: 'Permits', department: 'planning', standards }]
  const next = config(
    [daily('brief', { when: { kind: 'cron', cron: '30 7 * * *' }, unchanged: 'send' }), daily('third')],
    { calendars: holiday, services },
  )
  expect(await planOf(store.db, next)).toEqual([
    { what: 'standard', id: 'permits  2026-01-01', change: 'added', fields: [] },
    {
      what: 'calendar',
      id: 'office',
      change: 'changed',
      fields: [{ field: 'days', from: '2026-04-30', to: '2026-05-01' }],
    },
    {
      what: 'schedule',
      id: 'brief',
      change: 'changed',
      fields: [
        { field: 'when.cron', from: '0 7 * * *', to: '30 7 * * *' },
        { field: 'unchanged', from: 'skip', to: 'send' },
      ],
    },
    { what: 'schedule', id: 'third', change: 'added', fields: [] },
    { what: 'schedule', id: 'other', change: 'removed', fields: [] },
  ])
  await applyConfig(store.db, next)
  expect(await planOf(store.db, next)).toEqual([])
})
