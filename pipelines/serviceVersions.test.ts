import { expect, test } from 'vitest'
import { Random } from '../fixtures/city/random.ts'
import type { Db } from '../sql/db.ts'
import { deriveAll } from '../sql/derive.ts'
import { filters } from '../sql/filters.ts'
import { flow } from '../sql/flow.ts'
import { kpiAnswer } from '../sql/kpiFigures.ts'
import { ingest } from './ingest.ts'
import { useStore } from './testStore.ts'

const store = useStore()
const services = ['permits', 'counter']
/** Questions whose rows are kept while the data of their services stays as it is. */
const lasting = [
  'counts',
  'times',
  'survival',
  'wait_quantiles',
  'ages',
  'backlog',
  'flow_cases',
  'flow_stages',
]

/** The store as one process knows it, and what of it was asked anew. */
function reader(db: Db) {
  const asked = new Set<string>()
  const query = (params: Parameters<Db['query']>[0]) => {
    asked.add(String(params.clickhouse_settings?.log_comment ?? ''))
    return db.query(params)
  }
  return { db: { ...db, query: query as Db['query'] }, asked }
}

async function figures(db: Db, service: string[]) {
  const chosen = filters.parse({ from: '2026-01-01', until: '2026-03-01', service })
  const answers = await Promise.all([kpiAnswer(db, chosen), flow(db, 'week', '', chosen)])
  // what the whole store says of itself moves on, and sums of parts of cases hang on their order in the last digit
  return answers.map(({ data_version: _, as_of: __, ...rest }) => JSON.stringify(rest, rounded))
}

const rounded = (_: string, value: unknown) =>
  typeof value === 'number' ? Number(value.toPrecision(12)) : value

test('what was asked of one service stays while others change, and never a moment longer', async () => {
  const random = new Random('services')
  const known = reader(store.db)
  let loads = 0
  const load = async (stream: 'case_events' | 'wait_times' | 'outcomes', head: string, rows: string[]) =>
    ingest(store.db, await store.file(`${loads++}.csv`, `${head}\n${rows.join('\n')}\n`), {
      ...{ mapping: 'clearway', stream },
    })
  const moment = () => `2026-0${1 + random.index(2)}-${10 + random.index(18)}T${10 + random.index(9)}:00:00Z`
  const events = (service: string, ids: number[]) =>
    load(
      'case_events',
      'source,service,case_id,activity,time,clock',
      ids.flatMap((id) => [
        `${service}-desk,${service},${id},Apply,${moment()},start`,
        ...(random.chance(0.6)
          ? [`${service}-desk,${service},${id},Decide,2026-02-2${random.index(9)}T15:00:00Z,stop`]
          : []),
      ]),
    )
  const some = () => Array.from({ length: 8 }, () => random.index(40))
  const waits = (ids: number[]) =>
    load(
      'wait_times',
      'source,service,wait_id,asked_at,wait',
      ids.map((id) => `queue,counter,${id},${moment()},${60 + random.index(600)}`),
    )
  const ratings = (ids: number[]) =>
    load(
      'outcomes',
      'source,service,outcome_id,at,rating',
      ids.map((id) => `survey,permits,${id},${moment()},${1 + random.index(5)}`),
    )
  for (const service of services) await events(service, [...Array(30).keys()])
  await waits(some())
  await ratings(some())

  const steps: { of: string; change: () => Promise<unknown> }[] = [
    { of: 'counter', change: () => events('counter', some()) },
    { of: 'permits', change: () => events('permits', some()) },
    { of: 'counter', change: () => waits(some()) },
    { of: 'permits', change: () => ratings(some()) },
    // a case goes over to the other service, which both of them notice
    {
      of: 'both',
      change: () =>
        load('case_events', 'source,service,case_id,activity,time', [
          'permits-desk,counter,3,Move,2026-02-28T20:00:00Z',
        ]),
    },
    { of: 'both', change: () => deriveAll(store.db) },
  ]
  for (const service of services) await figures(known.db, [service])
  for (const { of, change } of steps) {
    await change()
    for (const service of services) {
      known.asked.clear()
      const told = await figures(known.db, [service])
      const anew = lasting.filter((name) => known.asked.has(name))
      if (of === service || of === 'both') expect([of, service, anew.length > 0]).toEqual([of, service, true])
      else expect([of, service, anew]).toEqual([of, service, []])
      // a process that knows nothing yet says the same
      expect(told).toEqual(await figures(reader(store.db).db, [service]))
    }
  }
  expect(await figures(known.db, [])).toEqual(await figures(reader(store.db).db, []))
}, 180_000)
