import { beforeEach, expect, test } from 'vitest'
import { useStore } from '../pipelines/testStore.ts'
import { applyConfig } from '../sql/applyConfig.ts'
import { configSchema } from '../sql/config.ts'
import { createKey } from '../sql/keys.ts'
import { annotation, annotationsAnswer } from './answers.ts'
import { createApp } from './app.ts'

const store = useStore()
let app: ReturnType<typeof createApp>
beforeEach(() => {
  app = createApp({ db: store.db, versionAge: 0 })
})

const here = { incoming: { socket: { remoteAddress: '127.0.0.1' } } }
const call = (
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
  env: object = here,
) =>
  app.request(
    `http://localhost/api/v1/annotations${path}`,
    {
      method,
      headers: { ...headers, ...(body !== undefined && { 'Content-Type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    },
    env,
  )
const add = async (body: unknown) => annotation.parse(await (await call('POST', '', body)).json())
const texts = async (search = '') => {
  const response = await call('GET', search)
  expect(response.headers.get('Cache-Control')).toBe('no-store')
  return annotationsAnswer.parse(await response.json()).annotations.map(({ text }) => text)
}

test('what was written down stands by day with the service and with all of them, until it is deleted', async () => {
  const words = `<img src=x onerror="alert(1)"> 'two' & =more`
  const second = await add({ service: 'permits', day: '2026-05-12', text: ` ${words} `, author: 'planning' })
  await add({ day: '2026-04-01', until: '2026-04-15', text: 'new rooms' })
  await add({ service: 'counter', stage: 'Queue', day: '2026-05-01', text: 'longer hours' })
  expect(second).toMatchObject({ text: words, stage: '', until: null, declared: false })
  expect(await texts('?service=permits')).toEqual(['new rooms', words])
  expect(await texts('?from=2026-04-14&until=2026-05-12')).toEqual(['new rooms', 'longer hours'])
  expect(await texts('?from=2026-04-15')).toEqual(['longer hours', words])
  expect(await (await call('DELETE', `/${second.id}`)).json()).toMatchObject({ id: second.id })
  expect(await texts('?service=permits')).toEqual(['new rooms'])
  expect((await call('DELETE', `/${second.id}`)).status).toBe(404)
})

test('only the machine itself or a key with the scope may write and delete', async () => {
  const { id } = await add({ day: '2026-01-05', text: 'kept' })
  const { key } = await createKey(store.db, { name: 'planner', role: 'analyst', scopes: ['annotate'] })
  const other = await createKey(store.db, { name: 'reader', role: 'analyst', scopes: ['cases'] })
  const body = { day: '2026-01-06', text: 'from far away' }
  const wrong: Record<string, string>[] = [{}, { Authorization: `Bearer ${other.key}` }]
  for (const headers of wrong) {
    const refused = await call('POST', '', body, headers, {})
    expect(refused.status).toBe(403)
    expect(((await refused.json()) as { detail: string }).detail).toContain('--scope annotate')
    expect((await call('DELETE', `/${id}`, undefined, headers, {})).status).toBe(403)
  }
  expect((await call('POST', '', body, { 'Sec-Fetch-Site': 'cross-site' })).status).toBe(403)
  expect((await call('POST', '', body, { Authorization: `Bearer ${key}` }, {})).status).toBe(201)
  expect(await texts('?from=2026-01-01&until=2026-02-01')).toEqual(['kept', 'from far away'])
})

test.each([
  [{ day: '2026-02-30', text: 'x' }, 422, 'day'],
  [{ day: '2026-02-01', text: '  ' }, 422, 'text'],
  [{ day: '2026-02-01', text: 'x'.repeat(281) }, 422, '280'],
  [{ day: '2026-02-01', text: 'two\nlines' }, 422, 'one line'],
  [{ day: '2026-02-01', until: '2026-02-01', text: 'x' }, 422, 'until'],
  [{ day: '2026-02-01', stage: 'Review', text: 'x' }, 422, 'service'],
  [{ day: '2026-02-01', text: 'x', colour: 'red' }, 422, 'colour'],
  [{ day: '2026-02-01', service: 'moon', text: 'x' }, 404, 'moon'],
  [{ day: '2026-02-01', text: 'x'.repeat(20_000) }, 413, '16384'],
])('%j is refused by name', async (body, status, says) => {
  const response = await call('POST', '', body)
  expect(response.status).toBe(status)
  expect(((await response.json()) as { detail: string }).detail).toContain(says)
})

test('what the configuration declares comes and goes with it, and cannot be deleted here', async () => {
  const config = (annotations: object[]) =>
    configSchema.parse({
      jurisdiction: { name: 'X', time_zone: 'UTC' },
      services: [{ id: 'permits', name: 'Permits' }],
      annotations,
    })
  const declared = { service: 'permits', day: '2025-09-01', text: 'two more reviewers' }
  const search = '?from=2025-01-01&until=2026-01-01'
  await add({ service: 'permits', day: '2025-10-01', text: 'by hand' })
  for (const round of [1, 2]) {
    await applyConfig(store.db, config([declared]))
    expect(await texts(search), `round ${round}`).toEqual(['two more reviewers', 'by hand'])
  }
  const [first] = annotationsAnswer.parse(await (await call('GET', search)).json()).annotations
  const refused = await call('DELETE', `/${first?.id}`)
  expect(refused.status).toBe(409)
  expect(((await refused.json()) as { detail: string }).detail).toContain('clearway.config.json')
  await applyConfig(store.db, config([]))
  expect(await texts(search)).toEqual(['by hand'])
  await applyConfig(store.db, config([declared]))
  expect(await texts(search)).toEqual(['two more reviewers', 'by hand'])
  expect(() => config([{ ...declared, service: 'moon' }])).toThrow(/moon/)
})
