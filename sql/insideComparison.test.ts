import { beforeAll, expect, test } from 'vitest'
import { ingest } from '../pipelines/ingest.ts'
import { useStore } from '../pipelines/testStore.ts'
import { filters } from './filters.ts'
import { cityFigures, OverlapError } from './insideComparison.ts'
import { everything } from './rowScope.ts'
import { type ReaderDb, within } from './within.ts'

const store = useStore()
let own: ReaderDb

beforeAll(async () => {
  const { db } = store
  // ten cases of one's own a month; of the others 20 in the north, 3 in the south
  const cases = (department: string, district: string, count: number) =>
    Array.from(
      { length: count },
      (_, n) => `register,permits,${department},${district},${department}-${district}-${n}`,
    )
  const rows = [
    ...cases('mine', 'north', 10),
    ...cases('mine', 'south', 10),
    ...cases('other', 'north', 20),
    ...cases('other', 'south', 3),
  ]
  const events = rows.flatMap((row) => [
    `${row},Apply,2026-02-02T09:00:00Z,start`,
    `${row},Decide,2026-02-12T09:00:00Z,stop`,
  ])
  const csv = ['source,service,department,district,case_id,activity,time,clock', ...events, ''].join('\n')
  await ingest(db, await store.file('events.csv', csv), { mapping: 'clearway' })
  own = await within(db, [{ department: ['mine'], service: [], district: [] }])
})

// what was asked is forgotten by the engine's own clock
const now = new Date()
const ask = async (who: string, chosen: object, at = now) => {
  const period = { from: '2026-02-01', until: '2026-03-01' }
  const { kpis } = await cityFigures({
    whole: await within(store.db, everything),
    own,
    who,
    filters: { ...filters.parse(chosen), ...period },
    threshold: 5,
    now: at,
  })
  return kpis.find(({ id }) => id === 'requests_received')?.stat
}

test('the city is told to those who see a part of it, but not a handful of others, and not by taking answers from each other', async () => {
  expect(await ask('a', {})).toMatchObject({ value: 43, status: 'ok' })
  expect(await ask('b', { district: 'north' })).toMatchObject({ value: 30, status: 'ok' })
  // three others live there
  expect(await ask('c', { district: 'south' })).toMatchObject({
    value: null,
    n: 0,
    numerator: null,
    status: 'hidden',
  })
  // the whole and the north would tell of the three in the south
  await expect(ask('a', { district: 'north' })).rejects.toThrow(OverlapError)
  await expect(ask('b', {})).rejects.toThrow(/fewer than 5 people in other departments/)
  // also when both are asked at once
  const both = await Promise.allSettled([ask('d', {}), ask('d', { district: 'north' })])
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  // the same question again tells nothing new, and a day later it is forgotten
  expect(await ask('a', {})).toMatchObject({ value: 43 })
  const tomorrow = new Date(now.getTime() + 25 * 3_600_000)
  expect(await ask('a', { district: 'north' }, tomorrow)).toMatchObject({ value: 30 })
})
