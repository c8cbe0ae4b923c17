import { z } from 'zod'
import { type Cause, causeIds, causes } from './causeNames.ts'
import { comparing, flow } from './comparing.ts'
import type { Db } from './db.ts'
import { UnknownIdError } from './errors.ts'
import { type Filters, segmentParams } from './filters.ts'
import { completeness } from './period.ts'
import causesSql from './queries/causes.sql?raw'
import { defineQuery } from './query.ts'
import { answering, coverageOf, type Reading } from './reader.ts'
import type { Stat } from './stat.ts'
import { days } from './words.ts'

const number = z.number()
const text = z.string()

/** The parts of every wait, one row a stage (or a visit), of visits that ended and of those still open, in microseconds. */
export const waitParts = defineQuery(
  'causes',
  causesSql,
  z.object({
    ...flow,
    one_service: text,
    stage: text,
    by_visit: z.number(),
    source_ids: z.array(text),
    source_ends: z.array(number),
  }),
  z.object({
    stage: text,
    ended: number,
    visit: text,
    n: number,
    told: number,
    wait_us: number,
    touch_us: number,
    applicant_us: number,
    third_party_us: number,
    stopped_us: number,
    closed_us: number,
    batching_us: number,
    busy_us: number,
    overtaken_us: number,
    undivided_us: number,
  }),
)
type Parts = z.output<(typeof waitParts)['row']>

/** The parts of one row by cause. They add up to its wait. */
export function partsOf(row: Parts): Record<Cause, number> {
  const { applicant_us, third_party_us, stopped_us, closed_us, batching_us, busy_us, overtaken_us } = row
  const { undivided_us: undivided } = row
  const [applicant, third_party, stopped] = [applicant_us, third_party_us, stopped_us]
  const [closed, batching, prioritisation] = [closed_us, batching_us, overtaken_us]
  const contention = busy_us - overtaken_us
  const told = applicant + third_party + stopped + closed + batching + contention + prioritisation + undivided
  const unexplained = row.wait_us - told
  return {
    applicant,
    third_party,
    stopped,
    closed,
    batching,
    contention,
    prioritisation,
    undivided,
    unexplained,
  }
}

/**
 * Why people wait before the stages of one service: the hours of wait by cause, of the visits that ended in the period and of those
 * open at its end (up to then); of all stages when `stage` is empty. The hours of the causes add up to the hours of the wait. Without
 * `from` and `until` the last full month is looked at. Throws UnknownIdError for a stage without visits.
 */
export const causesOf = (db: Db, service: string, stage: string, filters: Filters) =>
  answering(db, filters, async (asked) => {
    const reading = comparing(asked)
    const rows = await waitParts(db, { ...causesParams(reading), one_service: service, stage, by_visit: 0 })
    if (stage !== '' && rows.length === 0)
      throw new UnknownIdError(
        `Service "${service}" has no visits to a stage "${stage}" in this period. GET /api/v1/bottlenecks lists the stages.`,
      )
    const names = [...new Set(rows.map((row) => row.stage))]
    const found = names.map((name) =>
      stageCauses(
        { service, stage: name },
        rows.find((row) => row.stage === name && row.ended === 1),
        rows.find((row) => row.stage === name && row.ended === 0),
        reading,
      ),
    )
    found.sort((a, b) => b.wait_hours + b.open_wait_hours - (a.wait_hours + a.open_wait_hours))
    return { ...reading.head, compare_period: null, service, stages: found }
  })

/** The parameters of `waitParts` but for what is asked about. */
function causesParams({ filters, period, held, jurisdiction }: Reading) {
  const known = held?.coverage.filter(({ stream }) => stream === 'case_events') ?? []
  const ends = new Map(known.map(({ source, end_us }) => [source, end_us]))
  return {
    ...segmentParams(filters),
    ...period,
    zone: jurisdiction.time_zone,
    source_ids: ['', ...ends.keys()],
    source_ends: [0, ...ends.values()],
  }
}

function stageCauses(
  { service, stage }: { service: string; stage: string },
  ended: Parts | undefined,
  open: Parts | undefined,
  reading: Reading,
) {
  const [parts, openParts] = [ended && partsOf(ended), open && partsOf(open)]
  const [wait, n] = [hoursOf(ended?.wait_us), ended?.n ?? 0]
  // time worked is told of those visits only of which the start is told
  const touch = ended && ended.told > 0 ? hoursOf(ended.touch_us) : null
  const undivided = hoursOf(parts?.undivided)
  const coverage = coverageOf(reading, 'case_events').filter((of) => of.service === service)
  const share = (hours: number): Stat => ({
    value: wait > 0 ? hours / wait : null,
    unit: 'share',
    n,
    numerator: hours,
    denominator: wait,
    interval: null,
    method: 'exact',
    error: null,
    status: wait > 0 ? 'ok' : 'not_applicable',
    complete: completeness(reading.period, coverage),
    as_of: reading.held?.as_of ?? null,
    definition: 'wait_by_cause@1',
  })
  return {
    stage,
    n,
    starts_told: ended?.told ?? 0,
    wait_hours: wait,
    wait_hours_at_least: wait - undivided,
    touch_hours: touch,
    open_n: open?.n ?? 0,
    open_wait_hours: hoursOf(open?.wait_us),
    causes: causeIds.map((cause) => {
      const hours = hoursOf(parts?.[cause])
      const mayHoldMore = cause === 'contention' || cause === 'prioritisation' || cause === 'unexplained'
      return {
        cause,
        label: causes[cause].label,
        means: causes[cause].means,
        hours,
        hours_at_most: mayHoldMore ? hours + undivided : hours,
        share: share(hours),
        open_hours: hoursOf(openParts?.[cause]),
        cte_impact: touch === null || undivided > 0 ? null : cteImpact(touch, wait, hours),
      }
    }),
    sentence: sentenceOf(stage, ended, parts),
  }
}

const hoursOf = (us: number | undefined): number => (us ?? 0) / 3.6e9

/**
 * How much the cycle time efficiency (time worked as a share of time worked and waited) would rise without the cause, 0 to 1:
 * processing / (processing + waiting - waiting of the cause) - processing / (processing + waiting).
 */
function cteImpact(processing: number, waiting: number, ofCause: number): number | null {
  if (processing <= 0) return null
  return processing / (processing + waiting - ofCause) - processing / (processing + waiting)
}

/** "Of 41 days before Review on average, 14 were ..., 9.2 ...". Parts below a fiftieth are left out. */
function sentenceOf(
  stage: string,
  ended: Parts | undefined,
  parts: Record<Cause, number> | undefined,
): string {
  if (!ended || !parts || ended.n === 0) return `No visit to “${stage}” ended in this period.`
  const mean = ended.wait_us / ended.n / 3.6e9
  if (ended.wait_us <= 0) return `Nobody waited before “${stage}”.`
  const large = causeIds
    .filter((cause) => parts[cause] * 50 >= ended.wait_us)
    .sort((a, b) => parts[b] - parts[a])
    .map((cause) => `${days(parts[cause] / ended.n / 3.6e9)} ${causes[cause].said}`)
  const last = large.pop() ?? ''
  return `Of ${days(mean)} before “${stage}” on average: ${large.length > 0 ? `${large.join(', ')} and ${last}` : last}.`
}
