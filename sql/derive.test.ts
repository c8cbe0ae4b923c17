import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { applyConfig } from './applyConfig.ts'
import { configSchema } from './config.ts'
import { type Db, openDb } from './db.ts'
import { derive, deriveAll } from './derive.ts'
import { migrate } from './migrate.ts'

let folder = ''
let db: Db
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'clearway-derive-'))
  db = await openDb({ CLEARWAY_DATA: folder })
  await migrate(db)
  await applyConfig(
    db,
    configSchema.parse({
      jurisdiction: { name: 'Test', time_zone: 'Europe/London' },
      departments: [{ id: 'planning', name: 'Planning' }],
      channels: [{ id: 'online', name: 'Online', digital: true }],
      services: [
        {
          ...{ id: 'permits', name: 'Permits', department: 'planning' },
          standards: [{ value: 10, unit: 'days', target: 0.8, valid_from: '2020-01-01' }],
        },
      ],
    }),
  )
})
afterAll(async () => {
  await db.close()
  await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
})

const streams = ['case_events', 'wait_times', 'outcomes'] as const
const derived = [
  'cases',
  'stage_visits',
  'open_visits',
  'daily_cases',
  'current_waits',
  'daily_wait_times',
  'current_outcomes',
  'comments',
  'daily_outcomes',
]

const who = {
  service: fc.constant('permits'),
  district: fc.constantFrom('north', 'south'),
  channel: fc.constantFrom('', 'online', 'phone'),
  deleted: fc.constantFrom(0, 0, 0, 1),
}
const id = fc.integer({ min: 1, max: 5 }).map(String)
/** Seconds in three months around a change of the clock, so that cases move between months and days. */
const moment = fc.integer({ min: 0, max: 90 * 24 }).map((hour) => 1_740_000_000 + hour * 3600)
const row: Record<(typeof streams)[number], fc.Arbitrary<Record<string, unknown>>> = {
  case_events: fc.record({
    ...who,
    case_id: id,
    event_key: fc.integer({ min: 1, max: 4 }),
    activity: fc.constantFrom('Received', 'Review', 'Decision'),
    lifecycle: fc.constantFrom('start', 'complete'),
    time: moment,
    clock: fc.constantFrom('', 'start', 'stop', 'pause', 'resume'),
  }),
  wait_times: fc.record({
    ...who,
    wait_id: id,
    asked_at: moment,
    wait_ms: fc.option(fc.integer({ min: 0, max: 20_000 })),
    kind: fc.constantFrom('wait', 'delay'),
    status: fc.constantFrom('served', 'abandoned', 'skipped'),
  }),
  outcomes: fc.record({
    ...who,
    outcome_id: id,
    at: moment,
    intended: fc.constantFrom('', 'yes', 'no'),
    offered: fc.constantFrom(0, 1),
    rating: fc.option(fc.integer({ min: 1, max: 5 })),
    no_opinion: fc.constantFrom(0, 0, 1),
    trust: fc.option(fc.integer({ min: 1, max: 5 })),
    comment: fc.constantFrom('', 'I waited too long.', 'Very kind.'),
  }),
}
const load = fc.constantFrom(...streams).chain((stream) =>
  fc.record({
    stream: fc.constant(stream),
    rows: fc.array(row[stream], { minLength: 1, maxLength: 12 }),
    /** The statement before which the process dies, if it does: rarely a number so high that it does not. */
    dies: fc.option(fc.integer({ min: 1, max: 45 }), { freq: 2 }),
  }),
)
let version = 0

/** The rows of a load as a stage, of which a later one holds the higher versions. */
async function stage(stream: (typeof streams)[number], rows: Record<string, unknown>[]): Promise<string> {
  const table = `stage_${++version}`
  await db.command({ query: `CREATE TABLE ${table} AS ${stream}` })
  const values = rows.map((values, place) => ({
    ...{ ...values, source: 'test', version: version * 100 + place, load_no: version },
    ...(stream === 'case_events' ? { seq: place } : {}),
  }))
  await db.insert({ table, values, format: 'JSONEachRow' })
  return table
}

const state = () =>
  Promise.all(
    derived.map(async (table) => [
      table,
      await (await db.query({ query: `SELECT * FROM ${table} ORDER BY ALL`, format: 'JSONEachRow' })).json(),
    ]),
  )

/** A store that stops answering commands, as to a process that was killed. */
function dying(after: number): Db {
  let left = after
  const command: Db['command'] = (params) =>
    --left > 0 ? db.command(params) : Promise.reject(new Error('killed'))
  return { ...db, command }
}

it('is after any loads, and processes that die in between, what deriving everything anew gives', {
  timeout: 600_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(load, { minLength: 2, maxLength: 5 }), async (loads) => {
      const unfinished: { stream: (typeof streams)[number]; stage: string }[] = []
      for (const { stream, rows, dies } of loads) {
        const touched = { stream, stage: await stage(stream, rows) }
        try {
          await derive(dies === null ? db : dying(dies), touched)
        } catch (error) {
          if (!(error instanceof Error && error.message === 'killed')) throw error
          unfinished.push(touched)
        }
      }
      for (const touched of unfinished) await derive(db, touched)
      const after = await state()
      await deriveAll(db)
      expect(after).toEqual(await state())
      const left = await db.query({
        query: `SELECT name FROM system.tables WHERE database = currentDatabase() AND match(name, '_(next|before|changed|facts)$|^touched') AND name != 'erased_facts'
                UNION ALL SELECT 'odd' FROM data_version HAVING max(version) % 2 = 1`,
        format: 'JSONEachRow',
      })
      expect(await left.json()).toEqual([])
    }),
    // every run takes seconds: the first counterexample has to do
    { numRuns: 6, endOnFailure: true },
  )
})
