import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { useStore } from '../../pipelines/testStore.ts'
import { roles } from '../../sql/keys.ts'
import { createApp } from '../app.ts'
import { permissions } from './permissions.ts'
import { type City, makeCity, may } from './testCities.ts'

/**
 * Two cities that are alike in one department and in nothing else: whatever somebody of that department asks, both must give the same answer
 * to the byte. So nothing of the others is told, in no list, count, title, suggestion or head.
 */
const stores = [useStore(), useStore()] as const
let cities: City[] = []
/** What is hidden in one city, and what the other has never heard of. */
const word = 'zebra'

beforeAll(async () => {
  cities = await Promise.all([
    makeCity({ store: stores[0], others: 12, word, hasMore: false }),
    makeCity({ store: stores[1], others: 31, word: 'walrus', hasMore: true }),
  ])
}, 600_000)
afterAll(() => Promise.all(cities.map((city) => city.close())))

const cityAt = (at: number): City => cities[at] as City

const ask = async (city: number, key: string, path: string, method = 'GET', body?: object) => {
  const { app, keys } = cityAt(city)
  const response = await app.request(`http://localhost${path}`, {
    method,
    headers: {
      Authorization: `Bearer ${keys[key]}`,
      ...(body && { 'Content-Type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  })
  const { status, headers } = response
  // a tag is made of the data version, which moves on with the loads of all
  const told = [...headers].filter(([name]) => !['x-request-id', 'etag'].includes(name))
  const text = (await response.text())
    .replace(/"request_id":"[^"]*"/g, '')
    // when a load ended, and what is late, is a matter of the clock
    .replace(
      /"(as_of|loaded_at|due_at|started_at|finished_at|last_load_id|load_id|created_at|comment_id)":"[^"]*"/g,
      '"$1":""',
    )
    .replace(/"seconds":[\d.e-]+/g, '')
    // these count the loads and the reports of all, and tell nothing else of them
    .replace(/"data_version":"\d+"/g, '"data_version":""')
    .replace(/"(load_no|number|next)":\d+/g, '"$1":0')
  return { status, told, text }
}

const june = 'from=2026-05-01&until=2026-07-01'
const choices = [
  june,
  `${june}&service=shared`,
  `${june}&service=permits&service=${word}`,
  `${june}&department=${word}`,
  `${june}&district=${word}%20hill`,
  `${june}&team=${word}%20desk`,
  `${june}&format=csv`,
  `${june}&format=ndjson`,
]
/** What stands in a path. Those of the others are there in one city only. */
const fill = (path: string): string[] => {
  const { ids, ownIds } = cityAt(0)
  const values: Record<string, string[]> = {
    ':id/by/:dimension': ['service', 'department', 'district', 'channel', 'team', 'subtype', 'outcome'].map(
      (dimension) => `wait_median/by/${dimension}`,
    ),
    'kpis/:id': ['kpis/wait_median', 'kpis/backlog', 'kpis/nothing'],
    'loads/:id': [`loads/${ids.load}`, `loads/${'0'.repeat(16)}`],
    ':stage': ['Review', `Check%20${word}`, 'nothing'],
    ':source/:case_id': [
      'own/permits-north-3',
      `${word}/${encodeURIComponent(ids.case)}`,
      'own/shared-south-3',
    ],
    'releases/:id': [`releases/${ids.release}`],
    ':now': [ids.release],
    ':key': [ownIds.run, ids.run],
    ':sha256': [ownIds.report, ids.report],
  }
  let paths = [path]
  for (const [name, those] of Object.entries(values))
    paths = paths.flatMap((one) =>
      one.includes(name) ? those.map((value) => one.replace(name, value)) : [one],
    )
  return paths
}
/** What an address cannot do without, or does beside. */
const more: Record<string, string[]> = {
  'GET /api/v1/causes': ['stage=Review', 'stage=Decide'],
  'GET /api/v1/flow': ['grain=week', 'grain=month&stage=Review'],
  'GET /api/v1/change': ['', 'dimension=district', 'dimension=service'],
  'GET /api/v1/fairness': ['', 'kpi=wait_median'],
  'GET /api/v1/comments': ['purpose=looking'],
  'GET /api/v1/cases': ['', 'state=open', 'stage=Review', 'dimension=team&value=planning%20desk'],
}
/** Addresses that are asked without a period. */
const plain = /^GET \/api\/v1\/(me|meta|freshness|loads|sources|releases|reports|audit|privacy)(\/|$)/
const gets = Object.entries(permissions)
  .filter(([route, permission]) => route.startsWith('GET /api/') && permission !== 'everybody')
  // answered for as long as somebody listens
  .filter(([route]) => !route.endsWith('/events'))
  // tells of all on purpose, and not of a few: sql/insideComparison.test.ts
  .filter(([route]) => route !== 'GET /api/v1/kpis/city')
  .map(([route]) => route)

const questionsOf = (route: string, chosen: readonly string[]): string[] => {
  const asked = plain.test(route)
    ? [
        '',
        ...(route.includes('/loads') ? ['format=csv', 'only=rejected', 'limit=1'] : []),
        ...(route.endsWith('/runs') ? ['limit=1', `schedule=${word}-brief`] : []),
      ]
    : chosen
  return fill(route.slice('GET '.length)).flatMap((path) =>
    (more[route] ?? ['']).flatMap((extra) =>
      asked.map((choice) => [path, [choice, extra].filter(Boolean).join('&')].filter(Boolean).join('?')),
    ),
  )
}

/** Who sees all the rows of the department asks everything; what the others may ask is asked once. */
const readers = roles.flatMap((role) => [role, `${role} north`])
const thorough = ['administrator', 'administrator north']

describe('whatever is asked, nothing is told of another department', () => {
  test.each(gets)(
    '%s',
    async (route) => {
      // first somebody who sees all: what is kept for them is for nobody else
      for (const question of questionsOf(route, [june, `${june}&department=${word}`]))
        await Promise.all([ask(0, 'all', question), ask(1, 'all', question)])
      for (const reader of readers)
        for (const question of questionsOf(route, thorough.includes(reader) ? choices : [june])) {
          const [here, there] = await Promise.all([ask(0, reader, question), ask(1, reader, question)])
          expect(there, `${reader}: ${question}`).toEqual(here)
          const asksFor = question.includes(word)
          if (!asksFor) expect(JSON.stringify(here), `${reader}: ${question}`).not.toContain(word)
        }
    },
    600_000,
  )
})

const brief = {
  ...{ name: 'Brief', report: 'department-brief', formats: ['csv'], period: 'yesterday' },
  when: { kind: 'cron', cron: '0 7 * * *' },
  recipients: [{ destination: { kind: 'email', to: 'a@city.example' }, scope: { department: ['planning'] } }],
}
/** An id of the others, one that nobody has and that looks alike, and every address that takes it. */
type Named = { id: string; unknown: string; routes: [route: string, body?: object, extra?: string][] }
const named = (): Record<string, Named> => {
  const { ids } = cityAt(0)
  return {
    load: {
      ...{ id: ids.load, unknown: '0'.repeat(16) },
      routes: [
        ['GET /api/v1/loads/:id'],
        ['GET /api/v1/loads/:id/rejected'],
        ['GET /api/v1/loads/:id/rejected', undefined, '?format=csv'],
        ['POST /api/v1/loads/:id/cancel'],
      ],
    },
    case: {
      ...{ id: ids.case, unknown: ids.case.replace(/3$/, 'x') },
      routes: [['GET /api/v1/cases/:source/:case_id']],
    },
    schedule: {
      ...{ id: ids.schedule, unknown: ids.schedule.replace(/brief$/, 'nones') },
      routes: [
        ['GET /api/v1/reports/runs', undefined, '?schedule=:id'],
        ['PUT /api/v1/reports/schedules/:id', brief],
        ['POST /api/v1/reports/schedules/:id/:deed'],
        ['POST /api/v1/reports/schedules/:id/run'],
        ['DELETE /api/v1/reports/schedules/:id'],
      ],
    },
    run: { ...{ id: ids.run, unknown: '0'.repeat(32) }, routes: [['GET /api/v1/reports/runs/:key']] },
    report: {
      ...{ id: ids.report, unknown: '0'.repeat(64) },
      routes: [['GET /api/v1/reports/files/:sha256']],
    },
    release: {
      ...{ id: ids.release, unknown: '2026-05' },
      routes: [
        ['GET /api/v1/releases/:id'],
        ['GET /api/v1/releases/:id/compare/:now'],
        ['POST /api/v1/releases/:id/:step', {}],
        ['POST /api/v1/releases/:id/preview', { reason: 'A look' }],
      ],
    },
    annotation: {
      ...{ id: ids.annotation, unknown: '0'.repeat(16) },
      routes: [['DELETE /api/v1/annotations/:id']],
    },
  }
}
const addressOf = (route: string, id: string) =>
  route
    .slice(route.indexOf('/'))
    .replace(':source', word)
    .replace(':deed', 'pause')
    .replace(':step', 'check')
    .replace(/:\w+/g, encodeURIComponent(id))

/** The same answer for an id of the others as for one that nobody has. */
const both = async (
  reader: string,
  { id, unknown }: Named,
  [route, body, extra = '']: Named['routes'][number],
) => {
  const [method = ''] = route.split(' ')
  const [theirs, nobodys] = [
    await ask(0, reader, addressOf(`${route}${extra}`, id), method, body),
    await ask(0, reader, addressOf(`${route}${extra}`, unknown), method, body),
  ]
  const without = ({ text, ...rest }: typeof theirs, id: string) => ({
    ...rest,
    text: text.replaceAll(id, 'ID'),
  })
  return [without(theirs, id), without(nobodys, unknown)] as const
}

test('an id of the others is answered as one that nobody has, whoever asks and however', async () => {
  for (const [kind, one] of Object.entries(named())) {
    expect(one.id, kind).toHaveLength(one.unknown.length)
    for (const reader of readers)
      for (const route of one.routes) {
        const [theirs, nobodys] = await both(reader, one, route)
        expect.soft(theirs, `${reader}: ${route[0]}`).toEqual(nobodys)
        expect([403, 404, ...(route[0].endsWith('/runs') ? [200] : [])], `${reader}: ${route[0]}`).toContain(
          theirs.status,
        )
      }
  }
  // whoever sees all finds each of them, and nothing was changed
  for (const one of Object.values(named()))
    for (const route of one.routes.filter(([route]) => route.startsWith('GET ') && !route.includes(':now'))) {
      const [theirs, nobodys] = await both('all', one, route)
      expect(theirs, route[0]).not.toEqual(nobodys)
    }
}, 600_000)

test('every address that takes an id is asked for one of the others', () => {
  const asked = Object.values(named()).flatMap(({ routes }) => routes.map(([route]) => route))
  const taking = Object.entries(permissions)
    .filter(([route, permission]) => route.includes('/:') && typeof permission !== 'string')
    .map(([route]) => route)
  // names of figures, stages and streams are nobody's; who may run a source may run all
  const nobodys = [
    ...['GET /api/v1/kpis/:id/series', 'GET /api/v1/kpis/:id/by/:dimension', 'GET /api/v1/stages/:stage'],
    ...[
      'POST /api/v1/ingest/:stream',
      'POST /api/v1/ingest/:stream/preview',
      'POST /api/v1/sources/:name/run',
    ],
  ]
  expect(new Set([...asked.filter((route) => route.includes('/:')), ...nobodys])).toEqual(new Set(taking))
})

const median = (values: readonly number[]) =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

test('no id of the others takes longer to be unknown', async () => {
  const { load, case: aCase, schedule, release, annotation } = named()
  for (const [one, at] of [
    [load, 0],
    [aCase, 0],
    [schedule, 4],
    [release, 0],
    [annotation, 0],
  ] as const) {
    const route = one?.routes[at]
    if (!one || !route) throw new Error('There is nothing to ask for.')
    const [method = ''] = route[0].split(' ')
    const ms: Record<'id' | 'unknown', number[]> = { id: [], unknown: [] }
    for (let time = 0; time < 40; time++) {
      const which = time % 2 ? 'id' : 'unknown'
      const began = performance.now()
      await ask(0, 'administrator', addressOf(route[0], one[which]), method, route[1])
      ms[which].push(performance.now() - began)
    }
    const ratio = median(ms.id) / median(ms.unknown)
    expect(ratio, route[0]).toBeGreaterThan(0.6)
    expect(ratio, route[0]).toBeLessThan(1.6)
  }
}, 600_000)

test('nobody who sees a part makes, changes or sends what is about all', async () => {
  const wide = { ...brief, recipients: [{ ...brief.recipients[0], scope: { department: [word] } }] }
  const deeds: [string, string, object][] = [
    ['POST', '/api/v1/reports/schedules', wide],
    ['PUT', '/api/v1/reports/schedules/planning-brief', wide],
    [
      'POST',
      '/api/v1/reports/preview',
      {
        report: 'department-brief',
        format: 'csv',
        filters: {},
        period: 'last_month',
        scope: { department: [word] },
      },
    ],
    ['POST', '/api/v1/annotations', { service: word, day: '2026-06-05', text: 'Mine' }],
    ['POST', '/api/v1/releases', { month: '2026-05' }],
  ]
  const before = await ask(0, 'all', '/api/v1/reports')
  for (const reader of readers)
    for (const [method, path, body] of deeds) {
      const [here, there] = await Promise.all([0, 1].map((city) => ask(city, reader, path, method, body)))
      expect([403, 404, 422], `${reader}: ${path}`).toContain(here?.status)
      expect(there, `${reader}: ${path}`).toEqual(here)
    }
  expect(await ask(0, 'all', '/api/v1/reports')).toEqual(before)
}, 600_000)

test('what somebody makes is given an id: none that is chosen tells of what is not seen', async () => {
  const { ids } = cityAt(0)
  for (const reader of readers) {
    const make = async (name: string) => {
      const { status, told, text } = await ask(0, reader, '/api/v1/reports/schedules', 'POST', {
        ...brief,
        name,
      })
      const id = /"id":"([^"]*)"/.exec(text)?.[1]
      if (status === 201) await ask(0, 'all', `/api/v1/reports/schedules/${id}`, 'DELETE')
      return { status, told, text: text.replaceAll(name, 'NAME').replace(/-[0-9a-f]{8}"/, '"') }
    }
    const theirs = await make(ids.schedule)
    expect(theirs, reader).toEqual(await make(`${'x'.repeat(word.length)}-brief`))
    expect([201, 403], reader).toContain(theirs.status)
  }
  // nor is there any other address that takes one: those who may send rows see all of them
  const { paths } = (await (await cityAt(0).app.request('http://localhost/openapi.json')).json()) as Described
  const choosing = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, { requestBody }]) => requestBody?.content['application/json']?.schema.properties?.id)
      .map(([method]) => `${method} ${path}`),
  )
  expect(choosing).toEqual([])
}, 600_000)

type Described = {
  paths: Record<
    string,
    Record<
      string,
      { requestBody?: { content: Record<string, { schema: { properties?: Record<string, unknown> } }> } }
    >
  >
}

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
  const store = cityAt(0).store
  const stopped: string[] = []
  const waiting = { load_id: 'f'.repeat(64), stream: 'case_events', mapping: { name: 'clearway' } }
  const intake = {
    push: { waiting: (id: string) => (id === waiting.load_id ? waiting : undefined), isLoading: () => false },
    cancel: async (id: string) => stopped.push(id) > 0,
  }
  const app = createApp({ db: store.db, versionAge: 0, intake: intake as never })
  const headers = { Authorization: `Bearer ${cityAt(0).keys.data_steward}` }
  const ids = (
    await store.rows<{ load_id: string }>("SELECT load_id FROM loads FINAL WHERE service = ''")
  ).map((one) => one.load_id)
  for (const id of [...ids, waiting.load_id]) {
    const stop = await app.request(`/api/v1/loads/${id}/cancel`, { method: 'POST', headers })
    const read = await app.request(`/api/v1/loads/${id}`, { headers })
    expect([stop.status, read.status], id).toEqual([403, 404])
  }
  expect(stopped).toEqual([])
})

test('the walk would see what is not hidden', async () => {
  const [here, there] = await Promise.all([0, 1].map((city) => ask(city, 'all', `/api/v1/kpis?${june}`)))
  expect(here?.text).not.toBe(there?.text)
  expect((await ask(0, 'all', '/api/v1/meta')).text).toContain('zebra')
  for (const path of ['loads', 'sources', 'reports', 'reports/runs', `comments?purpose=a%20look&${june}`])
    expect((await ask(0, 'all', `/api/v1/${path}`)).text, path).toContain('zebra')
  // and what is their own is there
  for (const path of ['loads', 'reports', 'reports/runs', `comments?purpose=a%20look&${june}`])
    expect((await ask(0, 'administrator', `/api/v1/${path}`)).text, path).toMatch(/planning|permits/)
  for (const path of ['satisfaction', 'satisfaction/themes', 'outcomes', 'fairness']) {
    const [here, there] = await Promise.all([0, 1].map((city) => ask(city, 'all', `/api/v1/${path}?${june}`)))
    expect([here?.status, here?.text === there?.text], path).toEqual([200, false])
  }
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
