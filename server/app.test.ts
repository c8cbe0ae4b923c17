import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { Logger } from 'pino'
import { describe, expect, test } from 'vitest'
import { type Db, DbError } from '../sql/db.ts'
import { UnknownIdError } from '../sql/errors.ts'
import { kpiIds } from '../sql/kpis.ts'
import type { Stat } from '../sql/stat.ts'
import { createApp } from './app.ts'
import type { Data } from './data.ts'
import { linkFor } from './reports/link.ts'

/** The store is the outside world here: what matters is what the HTTP surface makes of its answers. */

const figure: Stat = {
  value: -1.5,
  unit: 'days',
  n: 40,
  numerator: null,
  denominator: null,
  interval: [-2, -1],
  method: 'exact',
  error: null,
  status: 'ok',
  complete: 1,
  as_of: '2026-06-30T22:00:00Z',
  definition: 'outcome_time_median@1',
}
const change = { absolute: -0.5, relative: -0.25, verdict: 'no_clear_change' as const }

const db = { kind: 'embedded', version: '26.7', dataDir: '', ping: async () => false } as unknown as Db

function store(changes: Partial<Data> = {}) {
  const asked: string[] = []
  const head = {
    period: { from: '2026-06-01', until: '2026-07-01' },
    compare_period: null,
    data_version: '4',
    as_of: null,
    missing: [],
  }
  const answers: Partial<Data> = {
    dataVersion: async () => ({ version: '4', final: true }),
    kpiAnswer: async () => {
      asked.push('kpis')
      await new Promise((resolve) => setImmediate(resolve))
      const kpis = kpiIds.map((id) => ({
        id,
        stat: figure,
        compare: null,
        change,
        target: null,
        status: 'none' as const,
      }))
      return { ...head, kpis }
    },
    kpiBy: async (_db, id, dimension) => {
      asked.push('by')
      const row = { stat: figure, compare: null, change }
      return {
        ...head,
        id,
        dimension,
        rows: [
          { value: '=HYPERLINK("http://x")', label: '+1, "quoted"', ...row },
          { value: '-2', label: 'ordinary', ...row },
        ],
        total: figure,
      }
    },
    ...changes,
  }
  const data = async () => answers as Data
  return { asked, app: createApp({ db, data, audit: { note: async () => {} }, versionAge: 0 }) }
}

describe('a failure is problem JSON that names what is wrong', () => {
  const cases: [what: string, path: string, status: number, says: string[]][] = [
    ['a day that is none', '/api/v1/kpis?from=yesterday', 422, ['from', '2026-03-31']],
    ['a day that does not exist', '/api/v1/kpis?from=2026-02-30', 422, ['from']],
    ['two starts', '/api/v1/kpis?from=2026-01-01&from=2026-02-01', 422, ['from']],
    [
      'a period that ends before it starts',
      '/api/v1/kpis?from=2026-03-01&until=2026-02-01',
      422,
      ['until', 'later than from'],
    ],
    ['an unknown comparison', '/api/v1/kpis?compare=never', 422, ['compare', 'previous']],
    ['an unknown parameter', '/api/v1/kpis?sevrice=permits', 422, ['sevrice', 'service, department']],
    ['an unknown format', '/api/v1/kpis?format=pdf', 422, ['format', 'json or csv']],
    ['an unknown grain', '/api/v1/kpis/backlog/series?grain=hour', 422, ['grain', 'day, week, month']],
    ['an unknown KPI', '/api/v1/kpis/speed/series', 404, ['id', 'requests_received']],
    ['an unknown dimension', '/api/v1/kpis/backlog/by/colour', 404, ['dimension', 'district']],
    ['a stage without its service', '/api/v1/stages/review', 422, ['service']],
    ['a number that is none', '/api/v1/loads?limit=many', 422, ['limit', '1 to 1000']],
    ['a load id with other signs', '/api/v1/loads/..%2f', 404, ['id', 'letters, digits']],
    ['an unknown address', '/api/v1/nothing', 404, ['/api/v1/nothing']],
    ['a publication that is not there', '/public/index.html', 404, ['/public/index.html']],
  ]
  test.each(cases)('%s', async (_what, path, status, says) => {
    const { app, asked } = store()
    const response = await app.request(path)
    const body = (await response.json()) as { detail: string; status: number; request_id: string }
    expect(response.status).toBe(status)
    expect(response.headers.get('Content-Type')).toBe('application/problem+json')
    expect(body.status).toBe(status)
    expect(body.request_id).toBe(response.headers.get('X-Request-Id'))
    for (const part of says) expect(body.detail).toContain(part)
    expect(asked).toEqual([])
  })

  test('another method on a known address is 405 and says which ones there are', async () => {
    const response = await store().app.request('/api/v1/kpis', { method: 'DELETE' })
    expect(response.status).toBe(405)
    expect(response.headers.get('Allow')).toBe('GET, HEAD')
  })

  test('an id the store does not know is 404 with the store sentence', async () => {
    const { app } = store({
      kpiAnswer: async () => {
        throw new UnknownIdError('There is no service "x".')
      },
    })
    const response = await app.request('/api/v1/kpis?service=x')
    expect(response.status).toBe(404)
    expect(await response.json()).toMatchObject({ detail: 'There is no service "x".' })
  })

  test('a store that is gone is 503 with a time to try again, and is asked again next time', async () => {
    let gone = true
    const { app } = store({
      dataVersion: async () => {
        if (gone) throw new DbError('The engine stopped.', { code: 'ENGINE_GONE' })
        return { version: '4', final: true }
      },
    })
    const response = await app.request('/api/v1/kpis')
    expect(response.status).toBe(503)
    expect(response.headers.get('Retry-After')).toBe('2')
    gone = false
    expect((await app.request('/api/v1/kpis')).status).toBe(200)
  })

  test('our own fault tells the caller nothing of its inside', async () => {
    const { app } = store({
      kpiAnswer: async () => {
        throw new Error('Unknown column secret_column in table cases')
      },
    })
    const response = await app.request('/api/v1/kpis')
    expect(response.status).toBe(500)
    expect(await response.text()).not.toContain('secret_column')
  })
})

describe('answers are kept', () => {
  test('the same question in other words is asked of the store once', async () => {
    const { app, asked } = store()
    await app.request('/api/v1/kpis?service=b&service=a&compare=previous')
    await app.request('/api/v1/kpis?service=a&service=b')
    expect(asked).toEqual(['kpis'])
  })

  test('equal questions at the same time share one computation', async () => {
    const { app, asked } = store()
    const responses = await Promise.all(Array.from({ length: 20 }, () => app.request('/api/v1/kpis')))
    expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([200]))
    expect(asked).toEqual(['kpis'])
  })

  test('whoever holds the answer gets 304, also when it came compressed', async () => {
    const { app } = store()
    const first = await app.request('/api/v1/kpis', { headers: { 'Accept-Encoding': 'gzip' } })
    const etag = first.headers.get('ETag') ?? ''
    expect(first.headers.get('Content-Encoding')).toBe('gzip')
    expect(JSON.parse(gunzipSync(await first.arrayBuffer()).toString())).toHaveProperty('kpis')
    const again = await app.request('/api/v1/kpis', { headers: { 'If-None-Match': `W/${etag}` } })
    expect(again.status).toBe(304)
    expect(await again.text()).toBe('')
    const plain = await app.request('/api/v1/kpis')
    expect(plain.headers.get('ETag')).not.toBe(etag)
    expect(plain.headers.get('Cache-Control')).toBe('private, no-cache')
  })

  test('a load gives another tag and a new answer', async () => {
    let version = '4'
    const { app, asked } = store({ dataVersion: async () => ({ version, final: true }) })
    const first = await app.request('/api/v1/kpis')
    version = '6'
    const etag = first.headers.get('ETag') ?? ''
    const second = await app.request('/api/v1/kpis', { headers: { 'If-None-Match': etag } })
    expect(second.status).toBe(200)
    expect(asked).toEqual(['kpis', 'kpis'])
  })

  test('an answer given while a load is published is kept by nobody', async () => {
    const { app, asked } = store({ dataVersion: async () => ({ version: '5', final: false }) })
    const response = await app.request('/api/v1/kpis')
    await app.request('/api/v1/kpis')
    expect(response.headers.get('Cache-Control')).toBe('no-store')
    expect(response.headers.get('ETag')).toBeNull()
    expect(asked).toEqual(['kpis', 'kpis'])
  })
})

describe('figures as CSV', () => {
  test('text that a spreadsheet would run is made harmless, and negative numbers stay numbers', async () => {
    const { app } = store()
    const response = await app.request('/api/v1/kpis/backlog/by/district?format=csv&from=2026-06-01')
    const [header, first, second] = (await response.text()).split('\r\n')
    expect(response.headers.get('Content-Type')).toMatch(/^text\/csv/)
    expect(response.headers.get('Content-Disposition')).toBe(
      'attachment; filename="clearway-kpis-backlog-by-district-2026-06-01.csv"',
    )
    expect(header).toMatch(
      /^kpi,dimension,segment,label,from,until,value,unit,n,numerator,denominator,interval_low/,
    )
    expect(first).toMatch(/^backlog,district,"'=HYPERLINK\(""http:\/\/x""\)","'\+1, ""quoted""",/)
    expect(second).toMatch(
      /^backlog,district,'-2,ordinary,2026-06-01,2026-07-01,-1.5,days,40,,,-2,-1,exact,ok,1,/,
    )
  })

  test('the header Accept asks for it as well as the parameter', async () => {
    const { app } = store()
    const response = await app.request('/api/v1/kpis', { headers: { Accept: 'text/csv' } })
    expect((await response.text()).split('\r\n')).toHaveLength(kpiIds.length + 2)
  })
})

describe('the dashboard', () => {
  test('its paths give the page, its files are kept for ever, and the API is never covered by it', async () => {
    const clientDir = await mkdtemp(join(tmpdir(), 'clearway-pages-'))
    await mkdir(join(clientDir, 'assets'))
    await writeFile(join(clientDir, 'index.html'), '<title>Clearway</title>')
    await writeFile(join(clientDir, 'assets/index-1a2b.js'), 'export {}')
    const app = createApp({ db, data: async () => ({}) as Data, clientDir })
    const page = { headers: { Accept: 'text/html' } }
    for (const path of ['/', '/services/permits', '/bottlenecks', '/stages/Plan%20review', '/glossary']) {
      const response = await app.request(path, page)
      expect([path, response.status, await response.text()]).toEqual([path, 200, '<title>Clearway</title>'])
      expect(response.headers.get('Cache-Control')).toBe('no-cache')
    }
    const file = await app.request('/assets/index-1a2b.js')
    expect(file.headers.get('Cache-Control')).toBe('public, max-age=31536000, immutable')
    expect((await app.request('/assets/index-old.js')).status).toBe(404)
    expect((await app.request('/somewhere', page)).status).toBe(404)
    for (const path of ['/api/v1/nothing', '/api', '/public/index.html', '/..%2f..%2fetc/passwd']) {
      const response = await app.request(path, page)
      expect([path, response.status]).toEqual([path, 404])
    }
    const api = await app.request('/api/v1/nothing', page)
    expect(api.headers.get('Content-Type')).toBe('application/problem+json')
    await rm(clientDir, { recursive: true })
  })
})

describe('around the API', () => {
  test('the description is OpenAPI 3.1 and names every route that answers', async () => {
    const { app } = store()
    const description = (await (await app.request('/openapi.json')).json()) as {
      openapi: string
      paths: Record<string, Record<string, { responses: Record<string, unknown> }>>
      components: { schemas: Record<string, unknown> }
    }
    expect(description.openapi).toBe('3.1.0')
    const answered = app.routes
      .filter(
        ({ method, path }) =>
          ['GET', 'POST', 'DELETE'].includes(method) && /^\/(api|healthz|readyz)/.test(path),
      )
      .map(({ path }) => path.replace(/:(\w+)(\{.+\})?/g, '{$1}').replace(/(.)\/$/, '$1'))
    expect(Object.keys(description.paths).sort()).toEqual([...new Set(answered)].sort())
    const text = JSON.stringify(description)
    for (const [, name] of text.matchAll(/"#\/components\/schemas\/(\w+)"/g))
      expect(description.components.schemas).toHaveProperty(name ?? '')
    // an object that is null as well is nothing
    expect(text).not.toContain('{"type":["object","null"]}]}')
  })

  test('the page to read it takes everything from here', async () => {
    const { app } = store()
    const page = await (await app.request('/docs')).text()
    expect(page).not.toMatch(/https?:\/\//)
    for (const [, path] of page.matchAll(/(?:src|href)="([^"]+)"/g)) {
      const file = await app.request(path ?? '')
      expect(file.status).toBe(200)
    }
    expect((await app.request('/docs/package.json')).status).toBe(404)
  })

  test('nothing but our own files may run in the page', async () => {
    const policy = (await store().app.request('/docs')).headers.get('Content-Security-Policy')
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'")
  })

  test('not being ready names the part that is missing', async () => {
    const response = await store().app.request('/readyz')
    expect(response.status).toBe(503)
    expect(await response.json()).toMatchObject({
      status: 'not_ready',
      missing: ['store', 'migrations', 'data'],
    })
  })

  test('reports by links are answered before the store and the log: the address is what opens them', async () => {
    const logged: unknown[] = []
    const log = { debug: (words: unknown) => logged.push(words) } as unknown as Logger
    const opens = async () => undefined
    const app = createApp({ db, log, reportLinks: { archive: { open: opens }, key: Buffer.alloc(32) } })
    const token = linkFor(Buffer.alloc(32), 'a'.repeat(64), new Date(Date.now() + 60_000))
    const gone = await app.request(`/reports/get/${token}`)
    expect([gone.status, (await gone.json()).title]).toEqual([410, 'The report is gone'])
    expect((await app.request('/reports/get/x')).status).toBe(404)
    expect(logged).toEqual([])
  })

  test('metrics count by route pattern, never by address', async () => {
    const { app } = store()
    await app.request('/api/v1/kpis/backlog/by/district')
    const text = await (await app.request('/metrics')).text()
    expect(text).toContain('route="/api/v1/kpis/:id/by/:dimension"')
    expect(text).not.toContain('backlog')
  })
})
