import { expect, test } from 'vitest'
import { createApp } from '../app.ts'
import { permissions } from './permissions.ts'

const app = createApp({
  db: {} as never,
  feedback: { keys: [] as never, embed: [] },
  reportLinks: {} as never,
  signIn: { personOf: async () => undefined } as never,
  publicDir: '/nowhere',
  clientDir: '/nowhere',
})
/** Files and links that are answered before anybody is asked who they are. */
const before = ['GET /public/*', 'GET /reports/get/:token']

test('every address says who may use it, and nothing else does', () => {
  const routes = app.routes.filter(({ method }) => method !== 'ALL').map((r) => `${r.method} ${r.path}`)
  const declared = [...Object.keys(permissions), ...before]
  expect({
    missing: [...new Set(routes)].filter((route) => !declared.includes(route)),
    gone: declared.filter((route) => !routes.includes(route)),
  }).toEqual({ missing: [], gone: [] })
})

test('the dashboard, which takes any address, opens none of the others', async () => {
  const from = { incoming: { socket: { remoteAddress: '203.0.113.7' } } }
  for (const path of ['kpis', 'reports/runs', 'loads'])
    expect([401, 403]).toContain(
      (await app.request(`http://clearway.example/api/v1/${path}`, {}, from)).status,
    )
})
