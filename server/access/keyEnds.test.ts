import { afterEach, expect, test, vi } from 'vitest'
import { useStore } from '../../pipelines/testStore.ts'
import { createKey, revokeKey } from '../../sql/keys.ts'
import { createApp } from '../app.ts'

const store = useStore()
afterEach(() => void vi.useRealTimers())

const hour = 3_600_000
/** The machine itself, which would be answered without a key. */
const here = { incoming: { socket: { remoteAddress: '127.0.0.1' } } }
const ask = async (app: ReturnType<typeof createApp>, key: string) => {
  const answer = await app.request(
    'http://localhost/api/v1/me',
    { headers: { Authorization: `Bearer ${key}` } },
    here,
  )
  return [answer.status, answer.ok ? ((await answer.json()) as { name: string }).name : '']
}

test('a key opens nothing from the moment it expires, to a server that knows it and to one that does not', async () => {
  const app = createApp({ db: store.db, versionAge: 0 })
  const end = Date.now() + hour
  const made = (name: string, expires_at: string | null) =>
    createKey(store.db, { name, role: 'viewer', scopes: ['figures'], expires_at })
  const [ending, lasting] = [
    await made('ending', new Date(end).toISOString()),
    await made('lasting', null),
  ] as const
  expect(await ask(app, ending.key)).toEqual([200, 'ending'])
  vi.useFakeTimers({ toFake: ['Date'], now: end - 1 })
  expect(await ask(app, ending.key)).toEqual([200, 'ending'])
  vi.setSystemTime(end)
  for (const each of [app, createApp({ db: store.db, versionAge: 0 })]) {
    expect(await ask(each, ending.key)).toEqual([401, ''])
    expect(await ask(each, lasting.key)).toEqual([200, 'lasting'])
  }
})

test('a key that was revoked opens nothing to a server that knows it', async () => {
  const app = createApp({ db: store.db, versionAge: 0 })
  const { id, key } = await createKey(store.db, { name: 'desk', role: 'viewer', scopes: ['figures'] })
  expect(await ask(app, key)).toEqual([200, 'desk'])
  await revokeKey(store.db, id)
  expect(await ask(app, key)).toEqual([401, ''])
})
