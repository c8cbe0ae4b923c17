import { z } from 'zod'
import { rowsOfServices } from './askOnce.ts'
import type { Db } from './db.ts'
import { UnknownIdError } from './errors.ts'
import { type Filters, type Grain, type Period, segmentParams } from './filters.ts'
import { segments } from './kpis/queries.ts'
import { buckets, completeness, daysBefore, daysOf, earlierOf, laterOf } from './period.ts'
import flowCasesSql from './queries/flow_cases.sql?raw'
import flowStagesSql from './queries/flow_stages.sql?raw'
import flowTeamsSql from './queries/flow_teams.sql?raw'
import { defineQuery } from './query.ts'
import { answering, coverageOf, type Reading } from './reader.ts'

const number = z.number()
const maybe = z.number().nullable()
const text = z.string()

const period = { ...segments, from: text, until: text, zone: text, source_ends: z.array(number) }
const bucketed = { ...period, grain: text, ends: z.array(text), source_ids: z.array(text) }
const ages = {
  quantiles: z.array(maybe),
  median_days: maybe,
  p90_days: maybe,
  oldest_days: maybe,
  by_days: z.array(number),
}

const flowCases = defineQuery(
  'flow_cases',
  flowCasesSql,
  z.object(bucketed),
  z.object({
    ...ages,
    bucket: number,
    arrivals: number,
    departures: number,
    backlog: number,
    bands: z.array(number),
    within: number,
    over: number,
    twice: number,
    unpromised: number,
  }),
)
const flowStages = defineQuery(
  'flow_stages',
  flowStagesSql,
  z.object({ ...bucketed, since: text, stage: text }),
  z.object({
    ...ages,
    service: text,
    stage: text,
    after: text,
    bucket: number,
    arrivals: number,
    departures: number,
    backlog: number,
    backlog_expected: number,
    stayed_hours: number,
    net_hours: number,
    period_hours: number,
  }),
)
const flowTeams = defineQuery(
  'flow_teams',
  flowTeamsSql,
  z.object({ ...period, stage: text }).omit({ department: true, district: true, channel: true }),
  z.object({
    service: text,
    stage: text,
    scope: text,
    starts: number,
    people: number,
    touch_hours: number,
    open_hours: number,
  }),
)
type CaseCount = z.output<typeof flowCases.row>
type StageRow = Awaited<ReturnType<typeof flowStages>>[number]
type TeamRow = Awaited<ReturnType<typeof flowTeams>>[number]

/** Little's law is judged from so many departures on, people are counted from so many starts on. */
const fewest = 20
/** A relative gap above this says that a stage is not in balance, or that its times are not what they seem. */
const widestGap = 0.1
const amber = 0.85

/** A bucket cut to the period; `complete` is the known share of all its days. */
type Bucket = Period & { complete: number }
type Count = { bucket: number; arrivals: number; departures: number; backlog: number }

/**
 * Arrivals, departures and backlog of a service and of its stages, with the age of the backlog in days: since the case began for the
 * service, since it came to the stage for a stage. For each of them the backlog moves by arrivals less departures. Throws UnknownIdError.
 */
export const flow = (db: Db, grain: Grain, stage: string, filters: Filters) =>
  answering(db, filters, async (reading) => {
    const { period } = reading
    const { parts, asked, ofStages } = askedOf(reading, grain, stage)
    const { zone, source_ends } = asked
    const { service, team } = segmentParams(filters)
    const [cases, stages, people] = await Promise.all([
      rowsOfServices(db, reading, flowCases, asked),
      rowsOfServices(db, reading, flowStages, ofStages),
      flowTeams(db, { ...period, service, team, zone, stage, source_ends }),
    ])
    if (stage !== '' && stages.length === 0) throw noSuchStage(stage)
    const weeks = weeksOf(reading)
    return {
      ...reading.head,
      grain,
      cases: { ...totals(cases, weeks), points: casePoints(parts, cases) },
      stages: byStage(stages)
        .map((rows) => stageFlow(rows, parts, weeks, people))
        .sort((a, b) => b.backlog - a.backlog || b.arrivals - a.arrivals),
    }
  })

/**
 * The points of the service, then those of one stage after another by name, as they come from the store: none of them is kept.
 * Throws UnknownIdError.
 */
export async function* streamFlow(db: Db, grain: Grain, stage: string, filters: Filters, stop: AbortSignal) {
  const { parts, cases, batches } = await answering(db, filters, async (reading) => {
    const { parts, asked, ofStages } = askedOf(reading, grain, stage)
    const [cases, batches] = await Promise.all([flowCases(db, asked), flowStages.stream(db, ofStages, stop)])
    return { parts, cases, batches }
  })
  const stages = inTurn(batches)
  const first = await stages.next()
  if (stage !== '' && first.done) throw noSuchStage(stage)
  yield { cases: { points: casePoints(parts, cases) }, stages: [] }
  for (let next = first; !next.done; next = await stages.next())
    yield {
      cases: { points: [] },
      stages: [{ ...nameOf(next.value), points: stagePoints(parts, next.value) }],
    }
}

/** The rows of one stage after another; they come in this order. */
async function* inTurn(batches: AsyncIterable<StageRow[]>): AsyncGenerator<StageRow[]> {
  let kept: StageRow[] = []
  for await (const batch of batches) {
    const found = byStage([...kept, ...batch])
    kept = found.pop() ?? []
    yield* found
  }
  if (kept.length > 0) yield kept
}

const noSuchStage = (stage: string) =>
  new UnknownIdError(
    `No case was at a stage "${stage}" in the period. GET /api/v1/flow without stage lists the stages.`,
  )

/** The buckets of the period, and what the store is asked about them. */
function askedOf(reading: Reading, grain: Grain, stage: string) {
  const { filters, period, jurisdiction } = reading
  const parts = bucketsOf(reading, grain)
  const asked = {
    ...segmentParams(filters),
    ...period,
    zone: jurisdiction.time_zone,
    grain,
    ends: parts.map(({ until }) => until),
    ...sourceEnds(reading),
  }
  const since = earlierOf(period.from, daysBefore(period.until, 365))
  return { parts, asked, ofStages: { ...asked, stage, since } }
}

/** The rows of each stage, buckets in order. */
function byStage(rows: readonly StageRow[]): StageRow[][] {
  const found = new Map<string, StageRow[]>()
  for (const row of rows) {
    const key = JSON.stringify([row.service, row.stage, row.after])
    const known = found.get(key)
    if (known) known.push(row)
    else found.set(key, [row])
  }
  return [...found.values()]
}

function stageFlow(
  rows: readonly StageRow[],
  parts: readonly Bucket[],
  weeks: number,
  people: readonly TeamRow[],
) {
  const name = nameOf(rows)
  const sums = totals(rows, weeks)
  const last = rows.find(({ bucket }) => bucket === parts.length - 1)
  const teams = people.filter(({ service, stage }) => service === name.service && stage === name.stage)
  return {
    ...name,
    ...sums,
    /** Part of the backlog whose next stage is not known yet: given to stages by where cases usually went. */
    backlog_expected: last?.backlog_expected ?? 0,
    little: littleOf(rows, sums.backlog_before),
    utilisation: utilisationOf(teams),
    points: stagePoints(parts, rows),
  }
}

/** A stage that is not known yet is named for the activity before it. */
function nameOf(rows: readonly StageRow[]) {
  const { service = '', stage = '', after = '' } = rows[0] ?? {}
  return {
    service,
    stage: stage === '' ? null : stage,
    after: stage === '' && after !== '' ? after : null,
  }
}

const stagePoints = (parts: readonly Bucket[], rows: readonly StageRow[]) =>
  points(parts, rows, (row) => ({ age: ageOf(row) }))

const casePoints = (parts: readonly Bucket[], rows: readonly CaseCount[]) =>
  points(parts, rows, (row) => ({
    age: ageOf(row),
    by_standard: {
      within: row?.within ?? 0,
      over: row?.over ?? 0,
      twice: row?.twice ?? 0,
      unpromised: row?.unpromised ?? 0,
    },
  }))

/** Little's law (1961): the cases at a stage are the arrivals in a time times the time each stays, where coming and going balance. */
function littleOf(rows: readonly StageRow[], before: number) {
  const sum = (of: (row: StageRow) => number) => rows.reduce((all, row) => all + of(row), 0)
  const hours = rows[0]?.period_hours ?? 0
  const departures = sum((row) => row.departures)
  const present = hours > 0 ? before + sum((row) => row.net_hours) / hours : 0
  const arrivals_per_day = hours > 0 ? (sum((row) => row.arrivals) / hours) * 24 : 0
  const stay_days = departures > 0 ? sum((row) => row.stayed_hours) / departures / 24 : null
  const expected = stay_days === null ? null : arrivals_per_day * stay_days
  const gap = expected === null || present < 1e-9 ? null : (present - expected) / present
  return {
    present,
    arrivals_per_day,
    stay_days,
    expected,
    gap,
    unstable: gap === null || departures < fewest ? null : Math.abs(gap) > widestGap,
  }
}

/** The hours worked by the teams of a stage as a share of the hours they were there for; null where starts are not told. */
function utilisationOf(teams: readonly TeamRow[]) {
  const counted = teams.length > 0 && teams.every(({ starts, people }) => starts >= fewest && people > 0)
  if (!counted) return null
  const people = teams.reduce((sum, team) => sum + team.people, 0)
  const touch_hours = teams.reduce((sum, team) => sum + team.touch_hours, 0)
  const staffed_hours = teams.reduce((sum, team) => sum + team.people * team.open_hours, 0)
  if (staffed_hours <= 0) return null
  const share = touch_hours / staffed_hours
  const status = share >= 1 ? ('red' as const) : share >= amber ? ('amber' as const) : ('ok' as const)
  return { share, people, touch_hours, staffed_hours, status }
}

/** What came, went and stands there; the weeks it takes to clear at the pace of the period. */
function totals(rows: readonly Count[], weeks: number) {
  const arrivals = rows.reduce((sum, row) => sum + row.arrivals, 0)
  const departures = rows.reduce((sum, row) => sum + row.departures, 0)
  const { before, after } = ends(rows)
  return {
    backlog_before: before,
    arrivals,
    departures,
    backlog: after,
    weeks_to_clear: departures > 0 && weeks > 0 ? after / (departures / weeks) : null,
    growing: arrivals > departures,
  }
}

/** Backlog before the first bucket and after the last one that anything is known of. A bucket without a row holds nothing. */
function ends(rows: readonly Count[]): { before: number; after: number } {
  const [first] = rows
  if (!first) return { before: 0, after: 0 }
  const before = first.bucket > 0 ? 0 : tidy(first.backlog - first.arrivals + first.departures)
  const net = rows.reduce((sum, row) => sum + row.arrivals - row.departures, 0)
  return { before, after: tidy(before + net) }
}

/** Sums of shares end in a rounding error: nothing is nothing. */
const tidy = (sum: number) => (Math.abs(sum - Math.round(sum)) < 1e-9 ? Math.round(sum) : sum)

/** Every bucket with what happened in it; cumulative counts begin with the backlog before the period. */
function points<Row extends Count, More>(
  parts: readonly Bucket[],
  rows: readonly Row[],
  more: (row: Row | undefined) => More,
) {
  const byBucket = new Map(rows.map((row) => [row.bucket, row]))
  let came = ends(rows).before
  let went = 0
  return parts.map((part, index) => {
    const row = byBucket.get(index)
    came += row?.arrivals ?? 0
    went += row?.departures ?? 0
    return {
      ...part,
      arrivals: row?.arrivals ?? 0,
      departures: row?.departures ?? 0,
      backlog: row?.backlog ?? 0,
      cumulative_arrivals: tidy(came),
      cumulative_departures: tidy(went),
      ...more(row),
    }
  })
}

const ageOf = (row?: Pick<StageRow, 'median_days' | 'p90_days' | 'oldest_days' | 'by_days'>) => ({
  median_days: row?.median_days ?? null,
  p90_days: row?.p90_days ?? null,
  oldest_days: row?.oldest_days ?? null,
  by_days: row?.by_days ?? [0, 0, 0, 0],
})

function bucketsOf(reading: Reading, grain: Grain): Bucket[] {
  const { period } = reading
  const coverage = coverageOf(reading, 'case_events')
  return buckets(period, grain).map((whole) => {
    const part = { from: laterOf(whole.from, period.from), until: earlierOf(whole.until, period.until) }
    return { ...part, complete: (completeness(part, coverage) * daysOf(part)) / daysOf(whole) }
  })
}

/** Where the cases of each source are known until. */
export const sourceEnds = (reading: Reading) => {
  const known = new Map<string, number>()
  for (const { source, end_us } of coverageOf(reading, 'case_events'))
    known.set(source, Math.max(known.get(source) ?? 0, end_us))
  return { source_ids: ['', ...known.keys()], source_ends: [0, ...known.values()] }
}

function weeksOf({ period, held }: Reading): number {
  if (!held) return 0
  const known = { from: laterOf(period.from, held.from), until: earlierOf(period.until, held.until) }
  return daysOf(known) / 7
}
