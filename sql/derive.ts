import type { Db } from './db.ts'
import casesSql from './derive/cases.sql?raw'
import commentsSql from './derive/comments.sql?raw'
import currentOutcomesSql from './derive/current_outcomes.sql?raw'
import currentWaitsSql from './derive/current_waits.sql?raw'
import dailyCasesSql from './derive/daily_cases.sql?raw'
import dailyOutcomesSql from './derive/daily_outcomes.sql?raw'
import dailyWaitTimesSql from './derive/daily_wait_times.sql?raw'
import eventFactsSql from './derive/event_facts.sql?raw'
import openVisitsSql from './derive/open_visits.sql?raw'
import stageVisitsSql from './derive/stage_visits.sql?raw'
import { Steps, type Table } from './derive/steps.ts'

const streams = ['case_events', 'wait_times', 'outcomes'] as const
type Stream = (typeof streams)[number]

/** What a load brings: the table with its rows, or null for everything the store holds. */
export type Touched = { stream: Stream; stage: string | null }

/** What is derived from a stream: a row for each of its keys, what else is made of the same facts, and the roll-up by days. */
type Derived = {
  key: string
  /** What is told of the facts beside their columns, as a query over `gathered_facts`. */
  told?: string
  main: Filled
  more: Filled[]
  /** `changed` says by how much days change; a day exists while the sum of `alive` is not 0. */
  rollUp: Table & { changed: string; alive: string }
}
type Filled = Table & { fill: string }

const isTouched = (id: string) =>
  `${id} IN (SELECT ${id} FROM touched) AND (source, ${id}) IN (SELECT source, ${id} FROM touched)`

const dayOf = 'day, service, department, district, channel, team'

const days = (name: string): Table => ({
  name,
  month: 'day',
  gone: `(${dayOf}) IN (SELECT ${dayOf} FROM ${name}_changed)`,
  months: `SELECT DISTINCT toYYYYMM(day) AS value FROM ${name}_changed`,
})

/** A table with one row a key. */
const rows = (name: string, id: string, month: string, fill: string): Filled => ({
  name,
  month,
  gone: isTouched(id),
  months: `SELECT DISTINCT toYYYYMM(${month}) AS value FROM ${name}_before`,
  fill,
})

/** A table with rows of cases, each in a month in which the case had an event. */
const ofCases = (name: string, month: string, fill: string): Filled => ({
  name,
  month,
  gone: isTouched('case_id'),
  months: `SELECT DISTINCT arrayJoin(arrayMap(
      month -> toYYYYMM(addMonths(toStartOfMonth(toDate32(first_event_at)), month)),
      range(toUInt32(dateDiff('month', first_event_at, last_event_at) + 1)))) AS value
    FROM cases_before`,
  fill,
})

const visits = ofCases('stage_visits', 'left_at', stageVisitsSql)

const derivedFrom: Record<Stream, Derived> = {
  case_events: {
    key: 'case_id',
    told: eventFactsSql,
    main: rows('cases', 'case_id', 'started_at', casesSql),
    more: [visits, ofCases('open_visits', 'entered_at', openVisitsSql)],
    rollUp: {
      ...days('daily_cases'),
      changed: dailyCasesSql,
      alive: 'received + closed + first_closed + chasing + challenging + other_contacts',
    },
  },
  wait_times: {
    key: 'wait_id',
    main: rows('current_waits', 'wait_id', 'asked_at', currentWaitsSql),
    more: [],
    rollUp: { ...days('daily_wait_times'), changed: dailyWaitTimesSql, alive: 'told' },
  },
  outcomes: {
    key: 'outcome_id',
    main: rows('current_outcomes', 'outcome_id', 'at', currentOutcomesSql),
    more: [
      {
        ...rows('comments', 'outcome_id', 'at', commentsSql),
        months: 'SELECT DISTINCT toYYYYMM(at) AS value FROM current_outcomes_before',
      },
    ],
    rollUp: { ...days('daily_outcomes'), changed: dailyOutcomesSql, alive: 'told' },
  },
}

/** The tables that hold rows of single cases, waits or outcomes of a stream. */
export const madeOf = (stream: Stream): string[] =>
  [derivedFrom[stream].main, ...derivedFrom[stream].more].map(({ name }) => name)

/** Rows of a load up to which the facts of what it touches are looked up once and kept for all tables made of them. */
const fewRows = 500_000

/**
 * Makes a stage visible and brings everything derived up to date with it. The new rows are made beside the tables people
 * read; then, in one moment in which the data version is odd, the old rows of what is touched are marked as gone and the new
 * ones attached. Repeatable at any point, and a process that died in the moment is finished by the next one. Only one process
 * may derive at a time (the caller holds the publish lock).
 */
export async function derive(db: Db, { stream, stage }: Touched): Promise<void> {
  const steps = await Steps.of(db)
  await finish(steps)
  const { main, more, rollUp } = derivedFrom[stream]
  await steps.dropAll(streams.flatMap(scratchOf))
  if (stage) await steps.attachAll([{ table: stream, from: stage }])
  const touching = stage && (await steps.isEmpty(main.name)) ? null : stage
  if (touching) await steps.touch(`source, ${derivedFrom[stream].key}`, touching)
  await all([
    steps.keep(`${main.name}_before`, `SELECT * FROM ${main.name} WHERE ${touching ? main.gone : '0'}`),
    gather(steps, stream, touching).then(() => steps.fill(main)),
  ])
  await all([rollUpDays(steps, stream, touching === null), ...more.map((table) => steps.fill(table))])
  if (touching) await steps.letMark([main, ...more, rollUp].map(({ name }) => name))
  await steps.begin(stream, touching === null)
  await publish(steps, stream, touching === null)
}

/** Waits for all, also where one fails: what still runs would be in the way of the next try. */
async function all(works: Promise<void>[]): Promise<void> {
  const settled = await Promise.allSettled(works)
  for (const each of settled) if (each.status === 'rejected') throw each.reason
}

/** The days that change, as they are then: what they hold now and the changes added up. */
async function rollUpDays(steps: Steps, stream: Stream, whole: boolean): Promise<void> {
  const { name, changed, alive, months, gone } = derivedFrom[stream].rollUp
  await steps.keep(`${name}_changed`, changed)
  const others = `* EXCEPT (${dayOf})`
  const held = `SELECT ${dayOf}, ${others} APPLY (toInt64) FROM ${name} WHERE toYYYYMM(day) IN (${months}) AND ${gone}`
  await steps.fill({
    name,
    fill: `INSERT INTO ${name}_next SELECT ${dayOf}, ${others} APPLY (sum)
      FROM (SELECT * FROM ${name}_changed ${whole ? '' : `UNION ALL ${held}`})
      GROUP BY ${dayOf} HAVING sum(${alive}) > 0`,
  })
}

/** Makes `derive_facts`: the current facts of everything, or of what a load touches. */
async function gather(steps: Steps, stream: Stream, touching: string | null): Promise<void> {
  const { key, told, more } = derivedFrom[stream]
  const show = async (sql: string) => {
    await steps.view(told ? 'gathered_facts' : 'derive_facts', sql)
    if (told) await steps.view('derive_facts', told)
  }
  const facts = `SELECT * FROM ${stream} FINAL`
  if (touching === null) return show(facts)
  const only = `PREWHERE ${key} IN (SELECT ${key} FROM touched) WHERE (source, ${key}) IN (SELECT source, ${key} FROM touched)`
  if (more.length === 0 || (await steps.count(touching)) > fewRows) return show(`${facts} ${only}`)
  await steps.empty('touched_facts', stream)
  await steps.run(`INSERT INTO touched_facts SELECT * FROM ${stream} ${only}`)
  await show('SELECT * FROM touched_facts FINAL')
}

/** Tables that exist only while a stream is derived. */
function scratchOf(stream: Stream): string[] {
  const { main, more, rollUp } = derivedFrom[stream]
  const next = [main, ...more, rollUp].map(({ name }) => `${name}_next`)
  return [
    'derive_facts',
    'gathered_facts',
    'touched_facts',
    'touched',
    ...next,
    `${main.name}_before`,
    `${rollUp.name}_changed`,
  ]
}

/** Derives everything anew, for example after the configuration changed. */
export async function deriveAll(db: Db): Promise<void> {
  for (const stream of streams) {
    const held = await db.query({ query: `SELECT 1 FROM ${stream} LIMIT 1`, format: 'JSONEachRow' })
    if ((await held.json()).length > 0) await derive(db, { stream, stage: null })
  }
}

/** The moment itself, and what is cleared away after it. All it needs lies in tables, so it can be repeated. */
async function publish(steps: Steps, stream: Stream, whole: boolean): Promise<void> {
  const { main, more, rollUp } = derivedFrom[stream]
  const tables = [main, ...more, rollUp]
  await noteServices(steps, stream, whole)
  if (stream === 'case_events') await noteMonths(steps, whole)
  if (whole) await steps.replaceAll(tables.map(({ name }) => name))
  else {
    await all(tables.map((table) => steps.markGone(table)))
    await steps.attachAll(tables.map(({ name }) => ({ table: name, from: `${name}_next` })))
  }
  await steps.end()
  await steps.dropAll(scratchOf(stream))
}

/** Before rows of a service change: of which services, and with which version they can be seen. */
function noteServices(steps: Steps, stream: Stream, whole: boolean): Promise<void> {
  const { main, more, rollUp } = derivedFrom[stream]
  const changing = [
    `${main.name}_before`,
    `${rollUp.name}_changed`,
    ...[main, ...more].map(({ name }) => `${name}_next`),
  ]
  const services = changing
    .map((table) => `SELECT toString(service) AS service FROM ${table}`)
    .join(' UNION DISTINCT ')
  return steps.run(`INSERT INTO service_versions (service, version)
    SELECT service, (SELECT max(version) FROM data_version) + 1 FROM (${whole ? "SELECT '' AS service" : services})`)
}

/** Before a visit changes: the months in which the tables by weeks (weekly.ts) lag behind from here on. */
function noteMonths(steps: Steps, whole: boolean): Promise<void> {
  const before = whole ? 'SELECT month FROM weekly_changes' : visits.months
  return steps.run(`INSERT INTO weekly_changes (month, changed, made)
    SELECT month, (SELECT max(changed) FROM weekly_changes) + 1, 0
    FROM (SELECT DISTINCT toYYYYMM(left_at) AS month FROM ${visits.name}_next UNION DISTINCT ${before})`)
}

/** Completes what a process that died in the moment of publishing left half done. */
async function finish(steps: Steps): Promise<void> {
  const broken = await steps.broken()
  const stream = streams.find((name) => name === broken?.publishing)
  if (broken && stream) await publish(steps, stream, broken.whole === 1)
}
