import { expect, test } from 'vitest'
import { load } from './load.ts'
import { loadMapping } from './mapping.ts'
import { useStore } from './testStore.ts'

const store = useStore()
const clearway = await loadMapping('clearway')

test('a correction or withdrawal that empties a month leaves nothing of it in the daily figures', async () => {
  const take = async (name: string, content: string) =>
    load(store.db, { file: await store.file(name, content), mapping: clearway, source: 'moved' })
  const waits = 'wait_id,service,asked_at,wait,deleted\n'
  await take('w1.csv', `${waits}W1,counter,2026-01-05T09:00:00Z,60,\nW2,,,,true\n`)
  await take('w2.csv', `${waits}W1,counter,2026-02-05T09:00:00Z,60,\n`)
  expect(await store.rows('SELECT day FROM daily_wait_times')).toEqual([{ day: '2026-02-05' }])
  await take('w3.csv', `${waits}W1,,,,true\n`)
  expect(await store.rows('SELECT day FROM daily_wait_times')).toEqual([])
  const events = 'case_id,event_id,service,activity,time,clock\n'
  await take('e1.csv', `${events}A,1,permits,Applied,2026-01-05T09:00:00Z,start\n`)
  await take('e2.csv', `${events}A,1,permits,Applied,2026-02-05T09:00:00Z,start\n`)
  expect(await store.rows('SELECT day FROM daily_cases')).toEqual([{ day: '2026-02-05' }])
})
