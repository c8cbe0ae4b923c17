import { beforeAll, expect, test } from 'vitest'
import { useStore } from '../../pipelines/testStore.ts'
import { createKey, type Role } from '../../sql/keys.ts'
import { createApp } from '../app.ts'
import { scopesOf } from './roles.ts'

/** What is about everybody at once is for nobody who sees a part. */

const store = useStore()
let app: ReturnType<typeof createApp>
beforeAll(() => {
  app = createApp({ db: store.db, versionAge: 0 })
})

test.each<[Role, string]>([
  ['publisher', '/releases'],
  ['publisher', '/releases/2026-06/approve'],
  ['publisher', '/releases/2026-06/preview'],
  ['ingest', '/ingest/case_events'],
  ['data_steward', '/ingest/wait_times/preview'],
  ['data_steward', '/sources/folder/run'],
])('a %s of one department may not POST %s, one of all may', async (role, path) => {
  const ask = async (department: string[]) => {
    const rows = { department, service: [], district: [] }
    const { key } = await createKey(store.db, { name: 'some', role, scopes: [...scopesOf[role]], rows })
    const headers = { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' }
    const answer = await app.request(`/api/v1${path}`, { method: 'POST', headers, body: '{}' })
    return { status: answer.status, text: await answer.text() }
  }
  expect(await ask(['planning'])).toMatchObject({
    status: 403,
    text: expect.stringContaining('all departments, services and districts at once'),
  })
  expect((await ask([])).status).not.toBe(403)
})
