import type { Context } from 'hono'
import { expect, test } from 'vitest'
import { useStore } from '../../pipelines/testStore.ts'
import type { Db } from '../../sql/db.ts'
import { createApp } from '../app.ts'
import type { Data } from '../data.ts'
import type { SignIn } from '../signIn/signIn.ts'

const store = useStore()

/** Each question keeps the engine busy for a quarter of a second, and is asked of the store as the handlers are given it. */
const expensive = 'SELECT sum(sleepEachRow(0.005)) AS slept FROM numbers(50) SETTINGS max_block_size = 1'
const data = async () =>
  ({
    dataVersion: async () => ({ version: '1', final: true }),
    kpiAnswer: async (db: Db) => (await db.query({ query: expensive, format: 'JSONEachRow' })).json(),
  }) as unknown as Data

const rows = { department: [], service: [], district: [] }
const personOf = async (c: Context) => {
  const id = c.req.header('X-Person') ?? ''
  return { kind: 'person', id, name: id, grants: [{ role: 'viewer', may: ['figures'], rows }] }
}

const running = async () =>
  Number(
    await store.value(
      "SELECT count() FROM system.processes WHERE query LIKE '%sleepEachRow%' AND query NOT LIKE '%system.processes%' AND NOT is_all_data_sent",
    ),
  )

test('somebody who asks fifty expensive questions waits for himself; when he goes away, so do his questions', async () => {
  const app = createApp({ db: store.db, data, signIn: { isConfigured: true, personOf } as unknown as SignIn })
  const away = new AbortController()
  const done: string[] = []
  const ask = async (person: string, service: string, signal?: AbortSignal) => {
    const headers = { 'X-Person': person }
    const { status } = await app.request(`/api/v1/kpis?service=${service}`, {
      headers,
      ...(signal ? { signal } : {}),
    })
    done.push(`${person} ${status}`)
  }
  const flood = Array.from({ length: 50 }, (_, at) => ask('flood', `flood-${at}`, away.signal))
  await expect.poll(running).toBe(2)
  // the same question as one of the flood: it is made for both, also when the flood goes away
  const shared = ask('ben', 'flood-0')
  await Promise.all([ask('anna', 'a'), ask('anna', 'b')])
  expect(done.filter((one) => one === 'anna 200')).toHaveLength(2)
  expect(done.filter((one) => one.startsWith('flood')).length).toBeLessThan(25)
  away.abort()
  await Promise.all([...flood, shared])
  await expect.poll(running).toBe(0)
  expect(done).toContain('ben 200')
  expect(done.filter((one) => one === 'flood 499').length).toBeGreaterThan(20)
})
