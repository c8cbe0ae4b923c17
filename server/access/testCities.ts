import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { ingest } from '../../pipelines/ingest.ts'
import { Intake } from '../../pipelines/sources/intake.ts'
import type { useStore } from '../../pipelines/testStore.ts'
import { applyConfig } from '../../sql/applyConfig.ts'
import { type Config, configSchema } from '../../sql/config.ts'
import { createKey, type Role, roles, type Scope } from '../../sql/keys.ts'
import { lastNumber, noteRuns } from '../../sql/reportRuns.ts'
import { readSchedules } from '../../sql/scheduleVersions.ts'
import { makeWeeks } from '../../sql/weekly.ts'
import { createApp } from '../app.ts'
import { build } from '../releases/build.ts'
import { testDesk } from '../releases/testDesk.ts'
import { openArchive } from '../reports/archive.ts'
import { runNow } from '../reports/runs/byHand.ts'
import { toRow } from '../reports/runs/run.ts'
import { daily, testOffice } from '../reports/runs/testOffice.ts'
import { scopesOf } from './roles.ts'

type Store = ReturnType<typeof useStore>
type Plan = { store: Store; others: number; word: string; hasMore: boolean }
export type City = Awaited<ReturnType<typeof makeCity>>

/** An administrator who may see cases too has the scopes of all who read. */
export const may = (role: Role): Scope[] => [
  ...scopesOf[role],
  ...(role === 'administrator' ? (['cases', 'comments'] as const) : []),
]

const service = (id: string, department: string) => ({
  ...{ id, name: `Service ${id}`, department, calendar: 'office', means: `What ${id} is.` },
  standards: [{ valid_from: '2025-01-01', value: 10, unit: 'working_days', target: 0.9, basis: `${id} act` }],
})

const configOf = (word: string): Config =>
  configSchema.parse({
    jurisdiction: { name: 'Two departments', time_zone: 'Europe/London' },
    departments: [
      { id: 'planning', name: 'Planning' },
      { id: word, name: `The ${word} office` },
    ],
    calendars: [{ id: 'office', from: '2025-01-01', until: '2026-12-31' }],
    services: [
      service('permits', 'planning'),
      // one service whose cases belong to either
      service('shared', 'planning'),
      service(word, word),
    ],
    costs: ['permits', 'shared', word].map((id, at) => ({
      ...{ service: id, from: '2026-01-01', until: '2027-01-01', currency: 'EUR' },
      amount: id === 'permits' ? 1000 : 7000 * at + word.length,
    })),
    annotations: [
      { service: 'permits', day: '2026-06-03', text: 'A second desk' },
      { service: word, day: '2026-06-04', text: `A ${word} came` },
    ],
  })

type Of = { service: string; department: string; district: string; many: number }
const each = (many: number, line: (at: number) => string) =>
  Array.from({ length: many }, (_, at) => line(at)).join('')
const row = (cells: (string | number)[]) => `${cells.join(',')}\n`
const beganAt = (at: number) => Date.UTC(2026, 4, 4 + (at % 40), 8, at % 60)
const moment = (at: number, hours: number) => new Date(beganAt(at) + hours * 3_600_000).toISOString()

const casesHead = 'case_id,event_id,service,activity,time,clock,department,district,team,channel\n'
/** Cases of a service: `many` of them, each a little longer than the one before. */
const cases = (of: Of) =>
  each(of.many, (at) => {
    const id = `${of.service}-${of.district}-${at}`
    const step = (activity: string, hours: number, clock: string, team: string) =>
      row([
        ...[id, `${id} ${activity}`, of.service, activity, moment(at, hours), clock],
        ...[of.department, of.district, team, 'web'],
      ])
    const isOpen = at % 9 === 8
    return [
      step('Apply', 0, 'start', `${of.department} desk`),
      step('Review', 5 + at, '', `${of.department} desk`),
      step(`Check ${of.department}`, 20 + 2 * at, '', `${of.department} team`),
      ...(isOpen ? [] : [step('Decide', 40 + 3 * at, 'stop', `${of.department} team`)]),
    ].join('')
  })

const waitsHead = 'wait_id,service,department,district,asked_at,wait\n'
const waits = (of: Of) =>
  each(of.many, (at) =>
    row([
      ...[`W-${of.service}-${of.district}-${at}`, of.service, of.department, of.district],
      ...[moment(at, 1), 60 * (at + of.department.length)],
    ]),
  )

const outcomesHead = 'outcome_id,service,department,district,at,case_id,outcome,rating,comment\n'
const outcomes = (of: Of) =>
  each(of.many, (at) => {
    const id = `${of.service}-${of.district}-${at}`
    const comment = `The ${of.department} queue was far too long and the staff were friendly`
    return row([
      ...[`F-${id}`, of.service, of.department, of.district, moment(at, 200), id],
      ...[`done by ${of.department}`, 1 + (at % 5), at % 2 ? comment : ''],
    ])
  })

const own: Of[] = [
  { service: 'permits', department: 'planning', district: 'north', many: 40 },
  { service: 'permits', department: 'planning', district: 'south', many: 25 },
  { service: 'shared', department: 'planning', district: 'north', many: 15 },
]
const ofOthers = (word: string, others: number): Of[] => [
  { service: 'shared', department: word, district: 'south', many: others },
  { service: word, department: word, district: `${word} hill`, many: 2 * others },
]

/** A city with the department of planning, which is the same in all of them, and another that is in none of the others. */
export async function makeCity({ store, others, word, hasMore }: Plan) {
  const { db } = store
  const config = configOf(word)
  await applyConfig(db, config)
  const load = async (name: string, text: string, source: string, service?: string) =>
    ingest(db, await store.file(`${name}.csv`, text), {
      ...{ mapping: 'clearway', source, ...(service !== undefined && { service }) },
    })
  const foreign = ofOthers(word, others)
  // whoever counted the loads of all would see it
  if (hasMore) await load('more', waitsHead + waits({ ...foreign[1], many: 3 } as Of), `${word} counter`)
  const text = (head: string, of: Of[], lines: (of: Of) => string) => head + of.map(lines).join('')
  await load('own', text(casesHead, own, cases), 'own')
  await load('own waits', text(waitsHead, own.slice(0, 2), waits), 'own', 'permits')
  await load('own outcomes', text(outcomesHead, own, outcomes), 'own')
  // a row that does not fit stands in nobody else's ledger
  await load('others', `${text(casesHead, foreign, cases)}${word},,,,never,,,,,\n`, word)
  await load('others waits', text(waitsHead, foreign, waits), word)
  await load('others outcomes', text(outcomesHead, foreign, outcomes), word)
  await makeWeeks(db)
  const { office, archive, ids, ownIds } = await reportsOf(store, word, hasMore)
  const desk = testDesk(() => db).desk()
  await build(desk, { month: '2026-06' }, { id: 'somebody', name: 'Somebody' })
  const folder = path.join(store.dir, `${word} inbox`)
  await mkdir(folder, { recursive: true })
  const intake = await Intake.open(db, {
    sources: [
      { kind: 'folder', path: folder, name: `${word} inbox`, mapping: 'clearway', max_rejected_share: 0.05 },
    ],
  })
  const app = createApp({
    ...{ db, desk, intake },
    reports: { desk: office, archive },
    // a walk asks more than people do
    rates: {
      address: { burst: 1e9, perMinute: 1e9 },
      asker: { burst: 1e9, perMinute: 1e9 },
      previews: { burst: 1e9, perMinute: 1e9 },
    },
  })
  const found = await store.rows<{ load_id: string; source: string; stream: string }>(
    'SELECT load_id, source, stream FROM loads FINAL',
  )
  const [annotation] = await store.rows<{ id: string }>(
    `SELECT id FROM annotations FINAL WHERE service = '${word}'`,
  )
  return {
    ...{ store, word, app, ownIds, keys: await keysOf(store) },
    ids: {
      ...ids,
      load: found.find(({ source, stream }) => source === word && stream === 'case_events')?.load_id ?? '',
      case: `${word}-${word} hill-3`,
      annotation: annotation?.id ?? '',
      release: '2026-06',
      source: `${word} inbox`,
    },
    close: () => intake.close(),
  }
}

/** A report of planning and one of the others or two, all scheduled and sent; that of planning last. */
async function reportsOf(store: Store, word: string, sendsMore: boolean) {
  const { db } = store
  const made = testOffice(() => db)
  const departments = new Map([
    ['permits', 'planning'],
    ['shared', 'planning'],
    [word, word],
  ])
  const office = made.desk({ look: async () => ({ ...made.look(), departments }) })
  const archive = openArchive(db.dataDir)
  const send = async (id: string, department: string) => {
    const to = { kind: 'email', to: `${id}@city.example` }
    const recipients = [{ destination: to, scope: { department: [department] } }]
    await made.keep(daily(id, { recipients, filters: { department: [department] } }))
    const schedule = (await readSchedules(db)).find((one) => one.id === id)
    const [run] = schedule ? await runNow(office, schedule) : []
    if (!run) throw new Error(`Nothing was sent of ${id}.`)
    const { sha256 } = await archive.keep(await store.file(`${id}.txt`, `What ${department} did\n`), {
      ...{ name: `${id}.csv`, media_type: 'text/csv', report: 'department-brief' },
      ...{ from: '2026-06-01', until: '2026-07-01', as_of: null },
      ...{ figures_sha256: 'f'.repeat(64), made_at: '2026-07-01T05:00:00Z' },
    })
    await noteRuns(db, [toRow({ ...run, state: 'done', sha256 }, (await lastNumber(db)) + 1)])
    return { schedule: id, run: run.key, report: sha256 }
  }
  const ids = await send(`${word}-brief`, word)
  if (sendsMore) await send(`${word}-second`, word)
  return { office, archive, ids, ownIds: await send('planning-brief', 'planning') }
}

/** A key for every role that sees planning, one for each that sees its north, and one that sees all. */
async function keysOf({ db }: Store) {
  const made: Record<string, string> = {}
  const planning = { department: ['planning'] }
  for (const role of roles) {
    const about = { name: role, role, scopes: may(role) }
    made[role] = (await createKey(db, { ...about, rows: planning })).key
    made[`${role} north`] = (
      await createKey(db, { ...about, rows: { ...planning, district: ['north'] } })
    ).key
  }
  const scopes = [...new Set(roles.flatMap(may))]
  made.all = (await createKey(db, { name: 'all', role: 'administrator', scopes })).key
  return made
}
