import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { applyConfig } from './applyConfig.ts'
import { configSchema } from './config.ts'
import { type Db, openDb } from './db.ts'
import { derive } from './derive.ts'
import { between } from './findings/between.ts'
import { evidenceOf, evidenceText } from './findings/evidence.ts'
import { weekOf } from './findings/weeks.ts'
import { migrate } from './migrate.ts'
import { makeWeeks } from './weekly.ts'

let folder = ''
let db: Db
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'clearway-weekly-'))
  db = await openDb({ CLEARWAY_DATA: folder })
  await migrate(db)
  await applyConfig(
    db,
    configSchema.parse({
      jurisdiction: { name: 'Test', time_zone: 'Europe/London' },
      departments: [{ id: 'planning', name: 'Planning' }],
      services: [
        { id: 'permits', name: 'Permits', department: 'planning' },
        { id: 'licences', name: 'Licences', department: 'planning' },
        { id: 'parking', name: 'Parking', department: 'planning' },
      ],
    }),
  )
})
afterAll(async () => {
  await db.close()
  await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
})

/** Hours of five months around a change of the clock, so that visits move between weeks and months and lie over night. */
const event = fc.record({
  case_id: fc.integer({ min: 1, max: 40 }).map(String),
  event_key: fc.integer({ min: 1, max: 8 }),
  service: fc.constantFrom('permits', 'permits', 'licences'),
  district: fc.constantFrom('', 'north', 'south'),
  channel: fc.constantFrom('', 'online', 'phone'),
  team: fc.constantFrom('', 'a', 'b'),
  subtype: fc.constantFrom('', 'small'),
  activity: fc.constantFrom('Received', 'Review', 'Decision'),
  lifecycle: fc.constantFrom('start', 'complete', 'complete'),
  clock: fc.constantFrom('', '', 'start', 'stop', 'pause', 'resume'),
  time: fc.integer({ min: 0, max: 150 * 24 }).map((hour) => 1_735_700_000 + hour * 3600),
  deleted: fc.constantFrom(0, 0, 0, 0, 1),
})
const load = fc.record({
  events: fc.array(event, { minLength: 1, maxLength: 120 }),
  /** The statement before which the process dies that makes the weeks after it, if it does. */
  dies: fc.option(fc.integer({ min: 1, max: 16 }), { freq: 2 }),
})
let version = 0

/** Loads events: an id that came before is corrected or deleted, a time before others' comes late. */
async function take(events: ({ time: number } & Record<string, unknown>)[]): Promise<void> {
  const stage = `stage_${++version}`
  await db.command({ query: `CREATE TABLE ${stage} AS case_events` })
  const values = events.map((values, place) => ({
    ...{ ...values, source: 'test', version: version * 1000 + place, load_no: version, seq: place },
    // the store takes a number for microseconds
    time: values.time * 1e6,
  }))
  await db.insert({ table: stage, values, format: 'JSONEachRow' })
  await derive(db, { stream: 'case_events', stage })
}

/** A store that stops answering commands, as to a process that was killed. */
function dying(after: number): Db {
  let left = after
  const command: Db['command'] = (params) =>
    --left > 0 ? db.command(params) : Promise.reject(new Error('killed'))
  return { ...db, command }
}

/** A store that says all weeks lag behind: everything is read of the visits. */
const withoutWeeks = (): Db => ({
  ...db,
  query: ((params: Parameters<Db['query']>[0]) =>
    db.query({ ...params, query: params.query.replace('change > max(made)', '1') })) as Db['query'],
})

const readEvidence = async (of: Db, asked: Parameters<typeof evidenceText>[1]) =>
  evidenceOf(await evidenceText(of, asked))

const everything = { service: [], department: [], district: [], channel: [], team: [] }
const whole = { ...everything, zone: 'Europe/London', since: '2025-01-06', until: '2025-06-09' }
/** One after each load. */
const questions = [
  { ...whole, district: ['north'] },
  { ...whole, since: '2025-02-03', until: '2025-05-05', service: ['permits'] },
  whole,
]

// sums of floats depend on the order
expect.addEqualityTesters([
  (a: unknown, b: unknown) =>
    typeof a === 'number' && typeof b === 'number'
      ? Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b))
      : undefined,
])

it('gives after any loads, and processes that die in between, the evidence that the visits themselves give', {
  timeout: 600_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(load, { minLength: 3, maxLength: 3 }), async (loads) => {
      for (const [place, { events, dies }] of loads.entries()) {
        await take(events)
        const question = questions[place] ?? whole
        expect(await readEvidence(db, question)).toEqual(await readEvidence(withoutWeeks(), question))
        await makeWeeks(dies === null ? db : dying(dies)).catch((error: Error) => {
          if (error.message !== 'killed') throw error
        })
      }
    }),
    // every run takes seconds: the first counterexample has to do
    { numRuns: 1, endOnFailure: true },
  )
  expect(await makeWeeks(db)).toBe(true)
  // the series of a service are among those of the city
  const own = { ...whole, service: ['permits'] }
  expect(evidenceOf(await evidenceText(db, whole), ['permits'])).toEqual(await readEvidence(db, own))
  const lagging = await db.query({
    query: 'SELECT month FROM weekly_changes GROUP BY month HAVING max(changed) > max(made)',
    format: 'JSONEachRow',
  })
  expect(await lagging.json()).toEqual([])
  expect(await readEvidence(db, whole)).toEqual(await readEvidence(withoutWeeks(), whole))
})

it('leaves out of more weeks those that are not looked at, as if only the others had been asked', async () => {
  const began = 1_735_700_000
  const events = ['north', 'south', 'north', 'south', 'north', 'south'].flatMap((district, place) =>
    (
      [
        ['Received', 20 + place],
        ['Review', 50 + 9 * place],
        ['Decision', 100 + 7 * place],
      ] as const
    )
      // two of them are still waiting
      .slice(0, place < 4 ? 3 : place - 3)
      .map(([activity, day], step) => ({
        ...{ case_id: `cut-${place}`, event_key: 1_000 + 10 * place + step, service: 'parking' },
        ...{ district, activity, lifecycle: 'complete', time: began + day * 86_400, deleted: 0 },
      })),
  )
  await take(events)
  expect(await makeWeeks(db)).toBe(true)
  const all = { ...whole, service: ['parking'] }
  const { since, until } = { since: '2025-02-03', until: '2025-05-05' }
  const cut = between(await readEvidence(db, all), weekOf(since), weekOf(until) - 1)
  const told = await readEvidence(db, { ...all, since, until })
  for (const name of ['demand', 'occupancy', 'batches', 'stays'] as const)
    expect(cut[name]).toEqual(told[name])
  expect(told.occupancy.length).toBeGreaterThan(5)
  // some came before the first week, and were there when it began
  const there = told.occupancy.map(({ came }) => came[0] ?? 0)
  expect(Math.max(...there)).toBeGreaterThan(1)
}, 600_000)

it('leaves to the next round what a load changed while the weeks were made', async () => {
  await take([
    { case_id: '1', event_key: 9, service: 'permits', activity: 'Review', time: 1_741_000_000, deleted: 0 },
  ])
  let came = false
  const meanwhile: Db = {
    ...db,
    command: async (params) => {
      const done = await db.command(params)
      if (!came && params.query.startsWith('INSERT INTO weekly_visits_next')) {
        came = true
        await take([
          {
            ...{ case_id: '1', event_key: 10, service: 'permits', activity: 'Review' },
            ...{ time: 1_741_500_000, deleted: 0 },
          },
        ])
      }
      return done
    },
  }
  expect(await makeWeeks(meanwhile)).toBe(false)
  const direct = await readEvidence(withoutWeeks(), whole)
  expect(await readEvidence(db, whole)).toEqual(direct)
  expect(await makeWeeks(db)).toBe(true)
  expect(await readEvidence(db, whole)).toEqual(direct)
}, 600_000)
