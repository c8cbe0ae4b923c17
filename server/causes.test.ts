import type { z } from '@hono/zod-openapi'
import { expect, test } from 'vitest'
import { load } from '../pipelines/load.ts'
import { loadMapping } from '../pipelines/mapping.ts'
import { useStore } from '../pipelines/testStore.ts'
import { applyConfig } from '../sql/applyConfig.ts'
import { configSchema } from '../sql/config.ts'
import type { causesAnswer } from './answers.ts'
import { createApp } from './app.ts'

const store = useStore()

const config = configSchema.parse({
  jurisdiction: { name: 'Town', time_zone: 'UTC' },
  calendars: [
    {
      ...{ id: 'office', from: '2025-01-01', until: '2025-12-31' },
      hours: [{ weekdays: [1, 2, 3, 4, 5], opens: '09:00', closes: '17:00' }],
    },
  ],
  services: [{ id: 'counter', name: 'Counter', calendar: 'office' }],
})
// Monday and Tuesday. c is begun before d although d was ready long before.
const events = `case_id,service,activity,lifecycle,team,time,clock,reason
a,counter,Ask,complete,,2025-05-05T09:00:00Z,start,
a,counter,Work,start,desk,2025-05-05T10:00:00Z,,
a,counter,Work,complete,desk,2025-05-05T12:00:00Z,stop,
b,counter,Ask,complete,,2025-05-05T09:30:00Z,start,
b,counter,Work,start,desk,2025-05-05T12:00:00Z,,
b,counter,Work,complete,desk,2025-05-05T13:00:00Z,stop,
c,counter,Ask,complete,,2025-05-05T16:00:00Z,start,
c,counter,Work,start,desk,2025-05-06T10:00:00Z,,
c,counter,Work,complete,desk,2025-05-06T11:00:00Z,stop,
d,counter,Ask,complete,,2025-05-05T09:10:00Z,start,
d,counter,Question,suspend,,2025-05-05T09:10:00Z,pause,Waiting for applicant
d,counter,Answer,resume,,2025-05-05T11:30:00Z,resume,
d,counter,Work,start,desk,2025-05-06T11:00:00Z,,
d,counter,Work,complete,desk,2025-05-06T12:00:00Z,stop,
e,counter,Ask,complete,,2025-05-06T15:00:00Z,start,
f,counter,Ask,complete,,2025-05-06T16:00:00Z,start,
`

test('the causes of wait are answered by stage with their share, as CSV, and with the mistake named', async () => {
  await applyConfig(store.db, config)
  await load(store.db, {
    file: await store.file('events.csv', events),
    mapping: await loadMapping('clearway'),
  })
  const app = createApp({ db: store.db })
  const address = '/api/v1/causes?service=counter&from=2025-05-01&until=2025-06-01'
  const answer = (await (await app.request(address)).json()) as z.infer<typeof causesAnswer>
  const [work] = answer.stages
  expect(work).toMatchObject({ stage: 'Work', n: 4, starts_told: 4, touch_hours: 5 })
  // d: 2:20 paused, closed for 16 hours, behind a and b for 1:30, nobody at work for 5 hours, overtaken by c for 1 hour
  const minutes = Object.fromEntries(
    work?.causes.map(({ cause, hours }) => [cause, Math.round(hours * 60)]) ?? [],
  )
  expect(minutes).toEqual({
    applicant: 140,
    third_party: 0,
    stopped: 0,
    closed: 32 * 60,
    batching: 0,
    contention: 210,
    prioritisation: 60,
    undivided: 0,
    unexplained: 510,
  })
  expect(Math.round((work?.wait_hours ?? 0) * 60)).toBe(2840)
  // e waits for the hour after 15:00 up to the last moment that is known; f has just come
  expect(work).toMatchObject({ open_n: 2, open_wait_hours: 1 })
  expect(work?.causes.find(({ cause }) => cause === 'unexplained')?.open_hours).toBe(1)
  const closed = work?.causes.find(({ cause }) => cause === 'closed')
  expect(closed?.cte_impact).toBeCloseTo(5 / (5 + 2840 / 60 - 32) - 5 / (5 + 2840 / 60), 9)
  expect(work?.sentence).toBe(
    'Of 11.8 hours before “Work” on average: 8.0 hours nights, weekends and holidays, 2.1 hours not explained, 53 minutes in the queue, 35 minutes waiting for the applicant and 15 minutes overtaken by later cases.',
  )
  const csv = await (await app.request(`${address}&stage=Work&format=csv`)).text()
  expect(csv.split('\n').filter((line) => line.startsWith('counter,Work,'))).toHaveLength(9)
  const missing = await app.request('/api/v1/causes')
  expect([missing.status, await missing.text()]).toEqual([
    422,
    expect.stringContaining('causes are told for one service'),
  ])
  const unknown = await app.request(`${address}&stage=Nap`)
  expect([unknown.status, await unknown.text()]).toEqual([
    404,
    expect.stringContaining('no visits to a stage'),
  ])
})
