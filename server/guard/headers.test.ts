import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Db, DbError } from '../../sql/db.ts'
import { scopes } from '../../sql/keys.ts'
import { createApp } from '../app.ts'
import type { Data } from '../data.ts'
import type { SignIn } from '../signIn/signIn.ts'

/** The store is gone: what matters is what every answer carries, and most of these are errors. */
const gone = async () => {
  throw new DbError('The engine stopped.', { code: 'ENGINE_GONE' })
}
const db = {
  ...{ kind: 'embedded', version: '26.7', dataDir: '/nowhere', database: 'clearway' },
  ...{ query: gone, command: gone, insert: gone, exec: gone, ping: async () => false, close: async () => {} },
} as unknown as Db
const data = async () => new Proxy({}, { get: (_, name) => (name === 'then' ? undefined : gone) }) as Data

const rows = { department: [], service: [], district: [] }
const personOf = async () => {
  return { kind: 'person', id: 'a', name: 'A', grants: [{ role: 'administrator', may: scopes, rows }] }
}

let dir: string
let app: ReturnType<typeof createApp>
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'clearway-headers-'))
  for (const folder of ['client/assets', 'public/embed']) await mkdir(join(dir, folder), { recursive: true })
  await writeFile(join(dir, 'client/index.html'), '<title>Clearway</title>')
  await writeFile(join(dir, 'client/assets/index-1a2b.js'), 'export {}')
  for (const page of ['index.html', 'embed/permits.html'])
    await writeFile(join(dir, 'public', page), '<title>Public</title>')
  const keys = { now: Buffer.alloc(32, 1) } as never
  app = createApp({
    ...{ db, data, clientDir: join(dir, 'client'), publicDir: join(dir, 'public') },
    feedback: { keys },
    reportLinks: { archive: { open: async () => undefined }, key: Buffer.alloc(32) },
    rates: { previews: { burst: 1 } },
    signIn: { isConfigured: true, personOf } as unknown as SignIn,
  })
})
afterAll(() => rm(dir, { recursive: true, force: true }))

/** An answer without one of these, or with an open door in its policy, is told by its address. */
function faults(where: string, { status, headers }: Response): string[] {
  const policy = headers.get('Content-Security-Policy') ?? ''
  const needed = {
    'X-Content-Type-Options': /^nosniff$/,
    'Cross-Origin-Opener-Policy': /^same-origin$/,
    'Cross-Origin-Resource-Policy': where.includes('/public') ? /^(cross|same)-origin$/ : /^same-origin$/,
    'Permissions-Policy': /camera=\(\)/,
    'Referrer-Policy': /^(same-origin|no-referrer)$/,
    'Content-Security-Policy': /^(sandbox; )?default-src 'none'/,
    ...(/frame-ancestors (?!'none')/.test(policy) ? {} : { 'X-Frame-Options': /^DENY$/ }),
  }
  const lacking = Object.entries(needed)
    .filter(([name, wanted]) => !wanted.test(headers.get(name) ?? ''))
    .map(([name]) => `${where} (${status}) lacks ${name}`)
  const inlineScript = /script-src[^;]*(unsafe-inline|unsafe-eval|\*|data:)/.test(policy)
  const inlineStyle = /unsafe-inline/.test(policy) && !/embed|reports|preview/.test(where)
  return [...lacking, ...(inlineScript || inlineStyle ? [`${where} lets what stands in the page run`] : [])]
}

test('every route, every file and every error tells a browser what it may do with the answer', async () => {
  const found: string[] = []
  const statuses = new Set<number>()
  const asked = async (path: string, init: RequestInit = {}) => {
    const answer = await app.request(path, init)
    await answer.body?.cancel()
    statuses.add(answer.status)
    found.push(...faults(`${init.method ?? 'GET'} ${path.slice(0, 60)}`, answer))
  }
  const routes = app.routes.filter(({ method }) => method !== 'ALL')
  expect(routes.length).toBeGreaterThan(50)
  for (const { method, path } of routes) {
    const filled = path.replace(/:(\w+)(\{.+?\})?/g, 'x').replace('*', '')
    const body = method === 'GET' ? {} : { body: '{}', headers: { 'Content-Type': 'application/json' } }
    for (const wrong of ['', '?nothing=1']) await asked(`${filled}${wrong}`, { method, ...body })
    await asked(filled, { method: 'PATCH' })
    await asked(filled, { method: 'HEAD' })
    await asked(filled, { method: 'OPTIONS' })
  }
  const html = { headers: { Accept: 'text/html' } }
  for (const path of [
    '/',
    '/services/x',
    '/nothing',
    '/assets/index-1a2b.js',
    '/assets/none.js',
    '/api/v1/nothing',
  ])
    await asked(path, html)
  for (const path of [
    '/public',
    '/public/',
    '/public/none.html',
    '/public/embed/permits.html',
    '/public/%ff',
  ])
    await asked(path)
  await asked(`/${'x'.repeat(9_000)}`)
  await asked(`/api/v1/kpis?${'service=a&'.repeat(10_000)}`)
  const json = { 'Content-Type': 'application/json' }
  await asked('/api/v1/annotations', { method: 'POST', headers: json, body: 'x'.repeat(2 ** 20 + 1) })
  await asked('/api/v1/annotations', { method: 'POST', headers: { 'Sec-Fetch-Site': 'cross-site' } })
  const far = { 'X-Forwarded-For': '203.0.113.9' }
  for (let at = 0; at < 2; at++) await asked('/api/v1/reports/preview', { method: 'POST', headers: far })
  expect(found).toEqual([])
  for (const status of [200, 308, 403, 404, 405, 413, 414, 422, 429, 503]) expect(statuses).toContain(status)
})

test('a browser is told to keep to https only when it came by it', async () => {
  const told = async (headers: Record<string, string>) =>
    (await app.request('/healthz', { headers })).headers.get('Strict-Transport-Security')
  expect(await told({})).toBeNull()
  expect(await told({ 'X-Forwarded-Proto': 'https' })).toMatch(/max-age=\d{8}/)
  expect(
    (await app.request('https://city.example/healthz')).headers.get('Strict-Transport-Security'),
  ).not.toBeNull()
})
