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

test('the dashboard, which answers whatever else is asked, opens no other address', async () => {
  expect((await app.request('/api/v1/cases')).status).toBe(403)
  expect((await app.request('/cases')).status).toBe(404)
})
