import { beforeAll, describe, expect, test } from 'vitest'
import { ingest } from '../../pipelines/ingest.ts'
import { useStore } from '../../pipelines/testStore.ts'
import { applyConfig } from '../../sql/applyConfig.ts'
import { configSchema } from '../../sql/config.ts'
import { createKey, type Role, roles, type Scope } from '../../sql/keys.ts'
import { makeWeeks } from '../../sql/weekly.ts'
import { createApp } from '../app.ts'
import { permissions } from './permissions.ts'
import { scopesOf } from './roles.ts'

/**
 * Two cities that are alike in one department and in nothing else: whatever somebody of that department asks, both must give the same answer
 * to the byte. So nothing of the others is told, in no list, count, title, suggestion, head or tag.
 */
const cities = [
  { store: useStore(), others: 12, word: 'zebra' },
  { store: useStore(), others: 31, word: 'walrus' },
]
/** What is hidden in one city, and what the other has never heard of. */
const word = 'zebra'
/** A walk asks more than people do. */
const rates = { asker: { burst: 1e9, perMinute: 1e9 } }
let keys: Record<string, string>[] = []
let apps: ReturnType<typeof createApp>[] = []

/** An administrator who may see cases too has the scopes of all who read. */
const may = (role: Role): Scope[] => [
  ...scopesOf[role],
  ...(role === 'administrator' ? (['cases', 'comments'] as const) : []),
]

const config = (word: string) =>
  configSchema.parse({
    jurisdiction: { name: 'Two departments', time_zone: 'Europe/London' },
    departments: [
      { id: 'planning', name: 'Planning' },
      { id: word, name: `The ${word} office` },
    ],
    calendars: [{ id: 'office', from: '2025-01-01', until: '2026-12-31' }],
    services: [
      service('permits', 'planning'),
      // one service whose cases belong to either
      service('shared', 'planning'),
      service(word, word),
    ],
    costs: ['permits', 'shared', word].map((id, at) => ({
      ...{ service: id, from: '2026-01-01', until: '2027-01-01', currency: 'EUR' },
      amount: id === 'permits' ? 1000 : 7000 * at + word.length,
    })),
    annotations: [
      { service: 'permits', day: '2026-06-03', text: 'A second desk' },
      { service: word, day: '2026-06-04', text: `A ${word} came` },
    ],
  })

const service = (id: string, department: string) => ({
  ...{ id, name: `Service ${id}`, department, calendar: 'office', means: `What ${id} is.` },
  standards: [{ valid_from: '2025-01-01', value: 10, unit: 'working_days', target: 0.9, basis: `${id} act` }],
})

/** Cases of a service: `many` of them, each a little longer than the one before. */
const cases = (of: { service: string; department: string; district: string; many: number }) =>
  Array.from({ length: of.many }, (_, at) => {
    const began = Date.UTC(2026, 4, 4 + (at % 40), 8, at % 60)
    const step = (activity: string, hours: number, clock: string, team: string) => {
      const id = `${of.service}-${of.district}-${at}`
      const time = new Date(began + hours * 3_600_000).toISOString()
      return `${[id, `${id} ${activity}`, of.service, activity, time, clock, of.department, of.district, team, 'web'].join(',')}\n`
    }
    const isOpen = at % 9 === 8
    return [
      step('Apply', 0, 'start', `${of.department} desk`),
      step('Review', 5 + at, '', `${of.department} desk`),
      step(`Check ${of.department}`, 20 + 2 * at, '', `${of.department} team`),
      ...(isOpen ? [] : [step('Decide', 40 + 3 * at, 'stop', `${of.department} team`)]),
    ].join('')
  }).join('')

beforeAll(async () => {
  const head = 'case_id,event_id,service,activity,time,clock,department,district,team,channel\n'
  const made = cities.map(async ({ store, others, word }) => {
    await applyConfig(store.db, config(word))
    const own = [
      cases({ service: 'permits', department: 'planning', district: 'north', many: 40 }),
      cases({ service: 'permits', department: 'planning', district: 'south', many: 25 }),
      cases({ service: 'shared', department: 'planning', district: 'north', many: 15 }),
    ].join('')
    const foreign = [
      cases({ service: 'shared', department: word, district: 'south', many: others }),
      cases({ service: word, department: word, district: `${word} hill`, many: 2 * others }),
    ].join('')
    const file = (name: string, text: string) => store.file(`${name}.csv`, text)
    const load = async (name: string, text: string, mapping = 'clearway') =>
      ingest(store.db, await file(name, text), { mapping, source: name })
    await load('own', head + own)
    // a row that does not fit stands in nobody else's ledger
    await load(word, `${head}${foreign}${word},,,,never,,,,,\n`)
    await makeWeeks(store.db)
  })
  await Promise.all(made)
  apps = cities.map(({ store }) => createApp({ db: store.db, versionAge: 0, rates }))
  keys = await Promise.all(
    cities.map(async ({ store }) => {
      const made: Record<string, string> = {}
      for (const role of roles) {
        const rows = { department: ['planning'] }
        const scopes = may(role)
        made[role] = (await createKey(store.db, { name: role, role, scopes, rows })).key
        made[`${role} north`] = (
          await createKey(store.db, { name: role, role, scopes, rows: { ...rows, district: ['north'] } })
        ).key
      }
      made.all = (await createKey(store.db, { name: 'all', role: 'viewer', scopes: ['figures'] })).key
      return made
    }),
  )
}, 120_000)

const ask = async (city: number, key: string, path: string, method = 'GET') => {
  const response = await (apps[city] as (typeof apps)[number]).request(`http://localhost${path}`, {
    method,
    headers: { Authorization: `Bearer ${keys[city]?.[key]}` },
  })
  const { status, headers } = response
  const told = [...headers].filter(([name]) => !['x-request-id', 'etag'].includes(name))
  const text = (await response.text())
    .replace(/"request_id":"[^"]*"/g, '')
    // when a load ended, and what is late, is a matter of the clock
    .replace(
      /"(as_of|loaded_at|due_at|started_at|finished_at|last_load_id|load_id|created_at)":"[^"]*"/g,
      '"$1":""',
    )
    .replace(/"seconds":[\d.e-]+/g, '')
  return { status, told, text }
}

const june = 'from=2026-05-01&until=2026-07-01'
const choices = [
  '',
  june,
  `${june}&service=shared`,
  `${june}&service=permits&service=${word}`,
  `${june}&department=${word}`,
  `${june}&district=${word}%20hill`,
  `${june}&team=${word}%20desk`,
]
/** What stands in a path, and what an address cannot do without. */
const fill = (path: string): string[] => {
  const stages = ['Review', `Check%20${word}`, 'nothing']
  const values: Record<string, string[]> = {
    ':id/by/:dimension': ['service', 'department', 'district', 'channel', 'team', 'subtype', 'outcome'].map(
      (dimension) => `wait_median/by/${dimension}`,
    ),
    'kpis/:id': ['kpis/wait_median', 'kpis/backlog', 'kpis/nothing'],
    ':stage': stages,
    ':source/:case_id': ['own/permits-north-3', `${word}/${word}-${word}%20hill-3`, `own/shared-south-3`],
    ':id': ['2026-06', 'nothing'],
    ':now': ['2026-06'],
    ':key': ['nothing'],
    ':sha256': ['0'.repeat(64)],
  }
  let paths = [path]
  for (const [name, those] of Object.entries(values))
    paths = paths.flatMap((one) =>
      one.includes(name) ? those.map((value) => one.replace(name, value)) : [one],
    )
  return paths
}
const more: Record<string, string[]> = {
  'GET /api/v1/causes': ['stage=Review', 'stage=Decide'],
  'GET /api/v1/flow': ['grain=week', 'grain=month&stage=Review'],
  'GET /api/v1/change': ['', 'dimension=district', 'dimension=service'],
  'GET /api/v1/fairness': ['', 'kpi=wait_median'],
  'GET /api/v1/comments': ['purpose=looking'],
  'GET /api/v1/cases': ['', 'state=open', 'stage=Review', 'dimension=team&value=planning%20desk'],
}
const formats = ['format=csv', 'format=ndjson']
const gets = Object.entries(permissions)
  .filter(([route, permission]) => route.startsWith('GET /api/') && permission !== 'everybody')
  // answered for as long as somebody listens
  .filter(([route]) => !route.endsWith('/events'))
  // tells of all on purpose, and not of a few: sql/insideComparison.test.ts
  .filter(([route]) => route !== 'GET /api/v1/kpis/city')
  .map(([route]) => route)

const readers = ['administrator', 'administrator north']

const questionsOf = (route: string): string[] =>
  fill(route.slice('GET '.length)).flatMap((path) =>
    (more[route] ?? ['']).flatMap((extra) =>
      [...choices, ...formats.map((format) => `${june}&${format}`)].map(
        (choice) => `${path}?${[choice, extra].filter(Boolean).join('&')}`,
      ),
    ),
  )

describe.each(readers)('%s', (reader) => {
  test.each(gets)(
    '%s tells nothing of another department',
    async (route) => {
      for (const question of questionsOf(route)) {
        const [here, there] = await Promise.all([ask(0, reader, question), ask(1, reader, question)])
        expect(there, question).toEqual(here)
        if (!question.includes(word)) expect(JSON.stringify(here), question).not.toContain(word)
      }
    },
    300_000,
  )
})

test('of the whole city a part is told what is not about a few others, and nothing by a name it does not see', async () => {
  const city = 'kpis/city?from=2026-05-01&until=2026-07-01'
  const { kpis } = JSON.parse((await ask(0, 'viewer', `/api/v1/${city}`)).text)
  const received = kpis.find(({ id }: { id: string }) => id === 'requests_received').stat.value
  expect(received).toBe(40 + 25 + 15 + 12 + 24)
  const foreign = await Promise.all([0, 1].map((at) => ask(at, 'viewer', `/api/v1/${city}&service=${word}`)))
  expect(foreign.map(({ status }) => status)).toEqual([404, 404])
  expect(foreign[1]).toEqual(foreign[0])
  expect((await ask(0, 'viewer', '/api/v1/kpis/city')).status).toBe(422)
})

test('nobody stops, or hears of, a load that brings rows they do not see', async () => {
  const store = (cities[0] as (typeof cities)[number]).store
  const stopped: string[] = []
  const waiting = { load_id: 'f'.repeat(64), stream: 'case_events', mapping: { name: 'clearway' } }
  const intake = {
    push: { waiting: (id: string) => (id === waiting.load_id ? waiting : undefined), isLoading: () => false },
    cancel: async (id: string) => stopped.push(id) > 0,
  }
  const app = createApp({ db: store.db, versionAge: 0, intake: intake as never })
  const headers = { Authorization: `Bearer ${keys[0]?.data_steward}` }
  const ids = (await store.rows<{ load_id: string }>('SELECT load_id FROM loads FINAL')).map(
    (one) => one.load_id,
  )
  for (const id of [...ids, waiting.load_id]) {
    const stop = await app.request(`/api/v1/loads/${id}/cancel`, { method: 'POST', headers })
    const read = await app.request(`/api/v1/loads/${id}`, { headers })
    expect([stop.status, read.status], id).toEqual([404, 404])
  }
  expect(stopped).toEqual([])
})

test('the walk would see what is not hidden', async () => {
  const [here, there] = await Promise.all([0, 1].map((city) => ask(city, 'all', `/api/v1/kpis?${june}`)))
  expect(here?.text).not.toBe(there?.text)
  expect((await ask(0, 'all', '/api/v1/meta')).text).toContain('zebra')
})

test('a figure is the same for everybody who sees the rows behind it', async () => {
  for (const path of ['kpis', 'bottlenecks', 'process-map', 'flow'])
    for (const service of ['permits']) {
      const question = `/api/v1/${path}?${june}&service=${service}`
      const [own, whole] = await Promise.all([ask(0, 'viewer', question), ask(0, 'all', question)])
      expect(own?.text, path).toBe(whole?.text)
    }
})

test.each(roles)('%s is refused wherever the role has none of the scopes', async (role) => {
  const refused = Object.entries(permissions).filter(
    ([, permission]) =>
      typeof permission !== 'string' && !permission.some((scope) => may(role).includes(scope)),
  )
  for (const [route] of refused) {
    const [method = '', path = ''] = route.split(' ')
    const filled = fill(path)[0]?.replace(':name', 'x').replace(':stream', 'outcomes') ?? ''
    const { status, text } = await ask(0, role, filled.replace(/:\w+/g, 'x'), method)
    expect([status, /"type":"([^"]*)"/.exec(text)?.[1]], route).toEqual([403, 'urn:clearway:problem:scope'])
  }
})
