import { expect, test } from 'vitest'
import { ingest } from '../ingest.ts'
import { useStore } from '../testStore.ts'
import { namesOfCase, rotatePseudonyms } from './pseudonyms.ts'

const store = useStore()

test('a case whose id is not stored is the same case in every load and stream, also after the key was changed', async () => {
  const { db } = store
  const take = async (name: string, head: string, rows: string[]) =>
    ingest(db, await store.file(name, `${head}\n${rows.join('\n')}\n`), { mapping: 'clearway' })
  const events = 'source,service,case_id,activity,time'
  await take('before.csv', events, ['register,permits,OLD-1,Apply,2026-01-01T09:00:00Z'])
  await db.insert({ table: 'pseudonymous_sources', values: [{ source: 'register' }], format: 'JSONEachRow' })

  const [loaded] = await take('first.csv', events, [
    'register,permits,OLD-1,Decide,2026-01-02T09:00:00Z',
    ...Array.from(
      { length: 40 },
      (_, n) => `register,permits,NEW-${n},Apply,2026-02-0${1 + (n % 9)}T09:00:00Z`,
    ),
    'register,permits,NEW-7,Decide,never',
    'desk,permits,NEW-7,Apply,2026-02-01T09:00:00Z',
  ])
  expect(loaded).toMatchObject({ accepted: 42, rejected: 1 })
  expect(await rotatePseudonyms(db.dataDir)).toBe(2)
  await take('second.csv', events, [
    'register,permits,NEW-7,Decide,2026-03-01T09:00:00Z',
    'register,permits,NEXT,Apply,2026-03-01T09:00:00Z',
  ])
  await take('waits.csv', 'source,service,case_id,wait_id,asked_at,wait', [
    'register,counter,NEW-7,w1,2026-03-02T09:00:00Z,60',
  ])

  const [, first] = await namesOfCase(db.dataDir, 'register', 'NEW-7')
  const [, , next] = await namesOfCase(db.dataDir, 'register', 'NEXT')
  const named = (source: string, ids: (string | undefined)[]) =>
    store.rows(
      `SELECT case_id, visits FROM cases WHERE source = '${source}' AND case_id IN {ids: Array(String)} ORDER BY visits, case_id`,
      { ids },
    )
  // known by its id it keeps it; known by the first key it keeps that name; what is new gets the new key
  expect(await named('register', ['OLD-1', first, next])).toEqual([
    { case_id: next, visits: 1 },
    ...[
      { case_id: 'OLD-1', visits: 2 },
      { case_id: first, visits: 2 },
    ],
  ])
  expect(await store.value('SELECT any(case_id) FROM wait_times')).toBe(first)
  expect(await named('desk', ['NEW-7'])).toHaveLength(1)
  expect(
    await store.value("SELECT count() FROM case_events WHERE source = 'register' AND case_id LIKE 'N%'"),
  ).toBe(0)
  expect(await store.rows('SELECT raw FROM rejected_rows')).toEqual([
    { raw: '{"source":"register","service":"permits","activity":"Decide","time":"never"}' },
  ])
  expect(await store.value("SELECT count() FROM cases WHERE source = 'register'")).toBe(42)
}, 180_000)
