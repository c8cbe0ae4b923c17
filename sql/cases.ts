import { z } from 'zod'
import type { caseAlso, caseSorts, caseStates } from './caseChoices.ts'
import { spentTime, timeSentence } from './caseTime.ts'
import type { Db } from './db.ts'
import { UnknownIdError } from './errors.ts'
import { type Filters, segmentParams } from './filters.ts'
import { segments } from './kpis/queries.ts'
import caseClockSql from './queries/case_clock.sql?raw'
import caseListSql from './queries/case_list.sql?raw'
import caseOneSql from './queries/case_one.sql?raw'
import caseVisitsSql from './queries/case_visits.sql?raw'
import { defineQuery } from './query.ts'
import { answering, type Reading, surroundings } from './reader.ts'

const text = z.string()
const number = z.number()

export const caseDimensions = ['district', 'channel', 'team', 'subtype', 'outcome', 'claimed'] as const

/** What narrows the cases down besides the filters. */
export type CaseChoice = {
  /** Only cases that left this stage in the period. Empty: every case that was under way in it. */
  stage: string
  /** `waiting`: with a stage also those that still stood there at the end of the period. */
  also?: (typeof caseAlso)[number] | undefined
  /** Only visits to the stage that came from this one. */
  from_stage: string
  dimension?: (typeof caseDimensions)[number] | undefined
  value: string
  state: (typeof caseStates)[number]
  /** `wait`: longest in the stage first. `age`: longest in all first. `started`: newest first. */
  sort: (typeof caseSorts)[number]
}

/** A case as it stood at the end of the period. Hours are calendar hours. */
export const caseRow = z.object({
  source: text,
  case_id: text,
  service: text,
  department: text,
  district: text,
  channel: text,
  team: text,
  subtype: text,
  claimed: text,
  outcome: text,
  started_at: text,
  /** Also told when it lies after the period. */
  closed_at: text.nullable(),
  state: z.enum(['open', 'closed']),
  due_at: text.nullable(),
  /** The due time moved on by what stopped the clock. */
  extended_due_at: text.nullable(),
  current_stage: text,
  /** Whether the case had left the stage that was asked for by the end of the period, was in work or still waited there; null without a stage. */
  stage_state: z.enum(['left', 'in_work', 'waiting']).nullable(),
  /** Visits to the stage, and hours waited before it, also so far; null without a stage. */
  stage_visits: number.nullable(),
  stage_hours: number.nullable(),
  /** From the beginning to the end, or to the end of what is known. */
  hours: number,
  /** Hours past the extended due time; null when not late. */
  late_by_hours: number.nullable(),
})
export type CaseRow = z.output<typeof caseRow>
const listed = caseRow.extend({
  paused: number,
  key: number,
  total_cases: number,
  total_visits: number,
  total_there: number,
})

const caseList = defineQuery(
  'case_list',
  caseListSql,
  z.object({
    ...segments,
    from: text,
    until: text,
    zone: text,
    stage: text,
    also: text,
    from_stage: text,
    dimension: text,
    value: text,
    state: text,
    sort: text,
    source_ids: z.array(text),
    source_ends: z.array(number),
    after_key: number,
    after_source: text,
    after_case: text,
    limit: number,
  }),
  listed,
)

const key = { source: text, case_id: text }
const caseOne = defineQuery(
  'case_one',
  caseOneSql,
  z.object(key),
  caseRow
    .omit({
      state: true,
      stage_state: true,
      stage_visits: true,
      stage_hours: true,
      hours: true,
      late_by_hours: true,
    })
    .extend({ first_event_at: text, last_event_at: text, paused_since: text.nullable() }),
)
const caseVisits = defineQuery(
  'case_visits',
  caseVisitsSql,
  z.object({ ...key, first_at: text, last_at: text }),
  z.object({
    position: number,
    stage: text,
    from_stage: text,
    team: text,
    entered_at: text,
    started_at: text.nullable(),
    left_at: text,
    repetition: number,
  }),
)
const caseClock = defineQuery(
  'case_clock',
  caseClockSql,
  z.object(key),
  z.object({
    time: text,
    event: z.enum(['start', 'pause', 'resume', 'stop']),
    stage: text,
    reason: text,
  }),
)

/** Where a page of cases ended: the next one goes on behind it. */
type Cursor = { after_key: number; after_source: string; after_case: string }

const writeCursor = ({ key, source, case_id }: z.output<typeof listed>): string =>
  Buffer.from(JSON.stringify([key, source, case_id])).toString('base64url')

const cursorParts = z.tuple([z.int(), text, text.min(1)])

/** The place a cursor stands for; null when it is none. */
export function readCursor(cursor: string): Cursor | null {
  try {
    const read = cursorParts.safeParse(JSON.parse(Buffer.from(cursor, 'base64url').toString()))
    if (!read.success) return null
    const [after_key, after_source, after_case] = read.data
    return { after_key, after_source, after_case }
  } catch {
    return null
  }
}

const fromTheTop: Cursor = { after_key: 0, after_source: '', after_case: '' }

/** The last known moment of each source of case events, in microseconds since 1970. */
const sourceEnds = (held: Reading['held']) =>
  new Map(
    (held?.coverage ?? [])
      .filter(({ stream }) => stream === 'case_events')
      .map(({ source, end_us }) => [source, end_us]),
  )

function paramsOf(reading: Reading, { dimension = undefined, value, also, ...choice }: CaseChoice) {
  const ends = sourceEnds(reading.held)
  return {
    ...segmentParams(reading.filters),
    ...reading.period,
    ...choice,
    zone: reading.jurisdiction.time_zone,
    also: also ?? '',
    dimension: dimension ?? '',
    value: dimension ? value : '',
    source_ids: ['', ...ends.keys()],
    source_ends: [0, ...ends.values()],
  }
}

/** One page of the cases behind a number, with how many there are in all and the cursor of the next page. */
export const listCases = (
  db: Db,
  filters: Filters,
  choice: CaseChoice,
  { limit, after = fromTheTop }: { limit: number; after?: Cursor | undefined },
) =>
  answering(db, filters, async (reading) => {
    // one more than wanted tells whether there is a next page
    const rows = await caseList(db, { ...paramsOf(reading, choice), ...after, limit: limit + 1 })
    const page = rows.slice(0, limit)
    const last = page.at(-1)
    return {
      ...reading.head,
      total_cases: rows[0]?.total_cases ?? 0,
      /** Visits to the stage that was asked for: a case may come back to it. */
      total_visits: choice.stage === '' ? null : (rows[0]?.total_visits ?? 0),
      /** Of the cases, those that still stood at the stage at the end of the period. */
      total_there: choice.stage === '' ? null : (rows[0]?.total_there ?? 0),
      cases: page.map((row) => caseRow.parse(row)),
      next_cursor: rows.length > limit && last ? writeCursor(last) : null,
    }
  })

/** All cases behind a number, in batches as the engine gives them; at least one batch. */
export async function* streamCases(
  db: Db,
  filters: Filters,
  choice: CaseChoice,
  stop: AbortSignal,
): AsyncGenerator<CaseRow[]> {
  const batches = await answering(db, filters, (reading) =>
    caseList.stream(db, { ...paramsOf(reading, choice), ...fromTheTop, limit: 1_000_000_000 }, stop),
  )
  yield []
  for await (const rows of batches) yield rows.map((row) => caseRow.parse(row))
}

/** All cases behind a number as a question to the engine, for files that it writes itself, with what it was asked of. */
export const selectCases = (db: Db, filters: Filters, choice: CaseChoice) =>
  answering(db, filters, async (reading) => ({
    ...reading.head,
    query: caseList.sql,
    params: caseList.params.parse({ ...paramsOf(reading, choice), ...fromTheTop, limit: 1_000_000_000 }),
  }))

/**
 * One case: its visits, what stopped its clock, and where its time went. The hours of the parts add up to the hours of the
 * case. Throws UnknownIdError.
 */
export async function readCase(db: Db, source: string, caseId: string) {
  const { held, version, names } = await surroundings(db)
  const [found] = await caseOne(db, { source, case_id: caseId })
  if (!found)
    throw new UnknownIdError(
      `There is no case "${caseId.slice(0, 200)}" of the source "${source.slice(0, 200)}". GET /api/v1/cases lists them.`,
    )
  const { first_event_at, last_event_at, paused_since, ...row } = found
  const [visits, clock] = await Promise.all([
    caseVisits(db, { source, case_id: caseId, first_at: first_event_at, last_at: last_event_at }),
    caseClock(db, { source, case_id: caseId }),
  ])
  const known_until_us = sourceEnds(held).get(source)
  const spent = spentTime({ ...row, last_event_at, known_until_us, paused_since, visits, clock })
  return {
    data_version: version,
    ...row,
    service_name: names.services.find(({ id }) => id === row.service)?.name ?? row.service,
    ...spent,
    sentence: timeSentence({ ...row, ...spent }),
    clock,
  }
}
