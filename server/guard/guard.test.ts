import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Db } from '../../sql/db.ts'
import { createApp } from '../app.ts'
import type { Data } from '../data.ts'
import { close, listen } from '../listening.ts'
import { openLog } from '../log.ts'
import { keepRoom } from './connections.ts'
import { Proxies } from './proxies.ts'
import { RateLimit } from './rateLimit.ts'
import type { Rates } from './tooOften.ts'

const db = { kind: 'embedded', version: '26.7', dataDir: '', ping: async () => true } as unknown as Db
const app = (rates: Partial<Rates> = {}, proxies = new Proxies()) =>
  createApp({ db, data: async () => ({}) as Data, rates, proxies })

test('only proxies that are trusted are believed on who asks', () => {
  const usual = new Proxies()
  expect(usual.clientOf('127.0.0.1', '198.51.100.1, 203.0.113.7')).toBe('203.0.113.7')
  expect(usual.clientOf('::ffff:127.0.0.1', '203.0.113.7')).toBe('203.0.113.7')
  // whoever comes without a proxy writes what he likes
  expect(usual.clientOf('192.0.2.9', '203.0.113.7')).toBe('192.0.2.9')
  const chain = new Proxies('10.0.0.0/8, 2001:db8:f::/48')
  expect(chain.clientOf('10.1.2.3', '6.6.6.6, 203.0.113.7, 2001:db8:f::1, 10.9.9.9')).toBe('203.0.113.7')
  expect(chain.clientOf('127.0.0.1', '203.0.113.7')).toBe('127.0.0.1')
  for (const wrong of ['10.0.0.0/99', 'proxy.example', '10.0.0', ''])
    expect(() => new Proxies(wrong)).toThrow()
})

test('however many addresses ask, few are remembered, and a network of version 6 counts as one', () => {
  const limit = new RateLimit({ burst: 2, perMinute: 1, most: 1_000 })
  for (let at = 0; at < 100_000; at++) limit.take(`10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`)
  expect(limit.size).toBe(1_000)
  for (const own of ['2001:db8:1:2::1', '2001:0DB8:1:2:ffff::9']) expect(limit.take(own)).toBe(0)
  expect(limit.take('2001:db8:1:2:3:4:5:6')).toBeGreaterThan(0)
  expect(limit.take('2001:db8:1:3::1')).toBe(0)
})

test('a clock that is set back locks nobody out', () => {
  const limit = new RateLimit({ burst: 2, perMinute: 60 })
  const hour = 3_600_000
  expect(limit.take('a', 5 * hour)).toBe(0)
  expect(limit.take('a', 0)).toBe(0)
  expect(limit.take('a', 0)).toBe(1)
  expect(limit.take('a', 1_000)).toBe(0)
})

test('who asks too often is told when to come again; others and the machine itself go on', async () => {
  const guarded = app({ address: { burst: 3, perMinute: 60 }, wrongKeys: { burst: 2, perMinute: 6 } })
  const ask = (address: string, headers: Record<string, string> = {}) =>
    guarded.request('/healthz', { headers: { 'X-Forwarded-For': address, ...headers } })
  const statuses = []
  for (let at = 0; at < 5; at++) statuses.push((await ask('203.0.113.7')).status)
  expect(statuses).toEqual([200, 200, 200, 429, 429])
  const refused = await ask('203.0.113.7')
  expect(refused.headers.get('Retry-After')).toBe('1')
  expect(await refused.json()).toMatchObject({ type: 'urn:clearway:problem:too-often', status: 429 })
  expect((await ask('203.0.113.8')).status).toBe(200)
  for (let at = 0; at < 5; at++) expect((await guarded.request('/healthz')).status).toBe(200)
})

test('the files of the dashboard, which everybody may have, open nothing that answers before them', async () => {
  const dashboard = createApp({ db, data: async () => ({}) as Data, clientDir: '/nowhere' })
  for (const path of ['/api/v1/kpis', '/api/v1/loads', '/api/v1/cases', '/api/v1/reports']) {
    const answer = await dashboard.request(path, { headers: { 'X-Forwarded-For': '203.0.113.7' } })
    expect([path, [401, 403].includes(answer.status)]).toEqual([path, true])
  }
})

test('keys cannot be guessed at will', async () => {
  const guarded = app({ wrongKeys: { burst: 2, perMinute: 6 } })
  const guess = (address: string) =>
    guarded.request('/api/v1/ingest/case_events', {
      method: 'POST',
      headers: { Authorization: 'Bearer cw_no', 'X-Forwarded-For': address },
    })
  const statuses = []
  for (let at = 0; at < 3; at++) statuses.push((await guess('203.0.113.7')).status)
  expect(statuses).toEqual([401, 401, 429])
  expect((await guess('203.0.113.8')).status).toBe(401)
})

test('pages of other sites change nothing; programs, keys and the feedback form go on', async () => {
  const send = async (headers: Record<string, string>, path = '/api/v1/annotations') =>
    (await (
      await app().request(path, { method: 'POST', headers: { Host: 'city.example', ...headers } })
    ).json()) as object
  const foreign = { type: 'urn:clearway:problem:foreign-page', status: 403 }
  for (const site of ['cross-site', 'same-site'])
    expect(await send({ 'Sec-Fetch-Site': site, Cookie: 'a=b' })).toMatchObject(foreign)
  expect(await send({ Origin: 'https://evil.example', Cookie: 'a=b' })).toMatchObject(foreign)
  expect(await send({ Origin: 'null', Cookie: 'a=b' })).toMatchObject(foreign)
  const passes: Record<string, string>[] = [
    { 'Sec-Fetch-Site': 'same-origin', Origin: 'https://elsewhere.example' },
    { Origin: 'https://city.example' },
    { 'Sec-Fetch-Site': 'cross-site', Authorization: 'Bearer x' },
    {},
  ]
  for (const headers of passes) expect(await send(headers)).not.toMatchObject(foreign)
})

test('questions that are too long, too many, too deep or named to change every object are refused by name', async () => {
  const post = (body: string) =>
    app().request('/api/v1/annotations', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body,
    })
  const cases: [Promise<Response> | Response, number, string][] = [
    [app().request(`/${'x'.repeat(9_000)}`), 414, 'may have 8192'],
    [app().request(`/api/v1/kpis?${'service=a&'.repeat(10_000)}`), 422, 'there may be 600'],
    [app().request('/api/v1/kpis?__proto__=a'), 422, '"field":"__proto__"'],
    [app().request('/api/v1/kpis?%5F%5fproto__[x]=a'), 422, '"field":"__proto__"'],
    [post('['.repeat(100_000) + ']'.repeat(100_000)), 422, 'nested deeper than 32'],
    [post(JSON.stringify(Array(200_000).fill(0))), 422, 'more than 100000 values'],
    [post('{"a": {"\\u005f_proto__": {"isAdmin": true}}}'), 422, '__proto__'],
    [post(`"${'x'.repeat(2 ** 20)}"`), 413, 'larger than 1 MB'],
  ]
  for (const [asked, status, says] of cases) {
    const answer = await asked
    expect([answer.status, await answer.text()]).toEqual([status, expect.stringContaining(says)])
  }
})

test('the log opens nothing and names no case', async () => {
  const lines: string[] = []
  const to = { write: (line: string) => void lines.push(line) }
  const log = openLog('debug', to)
  const error = Object.assign(new Error("Cannot parse 'BP-2026-00417': In scope SELECT secret_column"), {
    type: 'X',
    code: '6',
  })
  log.error({ err: error, headers: { authorization: 'Bearer planted', cookie: 'planted' } }, 'x')
  log.info({ token: 'planted', req: { headers: { cookie: 'planted' } } }, 'x')
  const logged = createApp({ db, log, data: async () => ({}) as Data })
  for (const path of [
    '/api/v1/cases/register/planted',
    '/feedback/planted',
    '/planted?case=planted',
    '/reports/get/planted',
  ])
    await logged.request(path, { headers: { Authorization: 'Bearer planted', Cookie: 'planted=planted' } })
  expect(lines.length).toBeGreaterThan(4)
  expect(lines.join('')).not.toMatch(/planted|BP-2026|secret_column/)
  expect(lines.join('')).toContain('/api/v1/cases/:')
})

let server: Awaited<ReturnType<typeof listen>>
beforeAll(async () => {
  server = await listen(app().fetch, 0)
})
afterAll(() => close(server))

const raw = async (text: string): Promise<string> => {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  socket.write(text)
  let said = ''
  socket.on('data', (part) => {
    said += part
  })
  await once(socket, 'close')
  return said
}

test('connections that ask nothing make room for those that do, the longest silent first', async () => {
  const small = createServer((_, response) => response.end('answered'))
  keepRoom(small, 2)
  small.listen(0, '127.0.0.1')
  await once(small, 'listening')
  const { port } = small.address() as AddressInfo
  const silent = connect(port, '127.0.0.1')
  await once(silent, 'connect')
  const asks = connect(port, '127.0.0.1')
  asks.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
  await once(asks, 'data')
  const gone = once(silent, 'close')
  const late = connect(port, '127.0.0.1')
  await gone
  late.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
  expect(String(await once(late, 'data'))).toContain('answered')
  await close(small)
})

test('what is no request gets an answer all the same, and the connection is closed', async () => {
  const cases = [
    ['GET / HTTP/1.1\r\nHost x\r\n\r\n', 400],
    ['nonsense\r\n\r\n', 400],
    [`GET /?${'a'.repeat(200_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`, 431],
    ['GET / HTTP/1.1\r\nHost: a b/../\r\nConnection: close\r\n\r\n', 400],
    [
      'POST /api/v1/annotations HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n',
      400,
    ],
  ] as const
  for (const [text, status] of cases) {
    const said = await raw(text)
    expect(said).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect(said.toLowerCase()).toContain('x-content-type-options: nosniff')
    expect(said).toContain('urn:clearway:problem:')
  }
  const many = `GET /api/v1/kpis?${'district=a&'.repeat(10_000)} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`
  expect(await raw(many)).toMatch(/^HTTP\/1.1 422 .*There are 10001 parameters/s)
})
