import { z } from 'zod'
import { riseOf } from './changePoint.ts'
import type { Db } from './db.ts'
import { UnknownIdError } from './errors.ts'
import { type Filters, segmentParams } from './filters.ts'
import { labelOf } from './kpiFigures.ts'
import { segments } from './kpis/queries.ts'
import { buckets, comparePeriod, completeness } from './period.ts'
import stageBeforeSql from './queries/stage_before.sql?raw'
import stageFacetsSql from './queries/stage_facets.sql?raw'
import stageMonthsSql from './queries/stage_months.sql?raw'
import stageSegmentsSql from './queries/stage_segments.sql?raw'
import stagesSql from './queries/stages.sql?raw'
import weeklyWaitsSql from './queries/weekly_waits.sql?raw'
import { defineQuery } from './query.ts'
import { answering, coverageOf, type Reading } from './reader.ts'
import { days, hours, monthsOf, people, shareWords } from './words.ts'

const number = z.number()
const maybe = z.number().nullable()
const text = z.string()
const upto = { ...segments, until: text, zone: text }
const flow = { ...upto, from: text }
const compared = { ...flow, before_from: text, before_until: text }
const oneStage = { one_service: text, stage: text }

const stages = defineQuery(
  'stages',
  stagesSql,
  z.object(compared),
  z.object({
    service: text,
    stage: text,
    n: number,
    wait_hours: number,
    mean_hours: number,
    median_hours: number,
    p90_hours: number,
    sd_hours: number.nullable(),
    before_n: number,
    before_mean_hours: maybe,
    before_sd_hours: maybe,
  }),
)
const stageFacets = defineQuery(
  'stage_facets',
  stageFacetsSql,
  z.object(compared),
  z.object({
    service: text,
    stage: text,
    dimension: text,
    value: text,
    n: number,
    hours: number,
    before_n: number,
    before_hours: number,
  }),
)
const weeklyWaits = defineQuery(
  'weekly_waits',
  weeklyWaitsSql,
  z.object(upto),
  z.object({ service: text, stage: text, week: text, n: number, log_sum: number }),
)
const stageSegments = defineQuery(
  'stage_segments',
  stageSegmentsSql,
  z.object({ ...compared, ...oneStage, dimension: text }),
  z.object({
    segment: text,
    n: number,
    sum_hours: number,
    mean_hours: number,
    before_n: number,
    before_mean_hours: maybe,
    quantiles: z.array(number),
    median_hours: number,
    p90_hours: number,
    below: number,
    above: number,
    median_low: maybe,
    median_high: maybe,
  }),
)
const stageMonths = defineQuery(
  'stage_months',
  stageMonthsSql,
  z.object({ ...upto, ...oneStage }),
  z.object({ month: text, n: number, quantiles: z.array(number), median_hours: number, p90_hours: number }),
)
const stageBefore = defineQuery(
  'stage_before',
  stageBeforeSql,
  z.object({ ...flow, ...oneStage }),
  z.object({
    from_stage: text,
    n: number,
    mean_hours: number,
    quantiles: z.array(number),
    median_hours: number,
    p90_hours: number,
  }),
)

/** A stage is compared from so many visits on, now and earlier. */
const fewestVisits = 20
/** How many standard errors a change must measure: about one false alarm in 700 stages looked at. */
const surelyReal = 3.2

/**
 * Where people wait longer than they did: stages ranked by the person-hours waited above their own earlier level. The
 * earlier level is that of the same days a year before, because seasons are not findings; where the data does not reach
 * back so far, that of the period before. Without `from` and `until` the last full month is looked at.
 */
export const bottlenecks = (db: Db, filters: Filters) =>
  answering(db, filters, async (asked) => {
    const reading = comparing(asked)
    const { period, compare } = reading
    const params = askOf(reading)
    const [rows, facets, weekly] = await Promise.all([
      stages(db, params),
      stageFacets(db, params),
      weeklyWaits(db, params),
    ])

    const table = rows.map(({ sd_hours, before_sd_hours, ...row }) => {
      const before = row.before_mean_hours
      const comparable =
        compare !== null && before !== null && row.n >= fewestVisits && row.before_n >= fewestVisits
      const change = comparable ? row.mean_hours - before : null
      const error = Math.sqrt(
        (sd_hours ?? 0) ** 2 / row.n + (before_sd_hours ?? 0) ** 2 / Math.max(1, row.before_n),
      )
      return {
        ...row,
        extra_hours: change === null ? null : change * row.n,
        real: change !== null && Math.abs(change) > surelyReal * error && error > 0,
      }
    })

    const findings = table
      .flatMap((row) =>
        row.real && row.extra_hours !== null && row.extra_hours > 0 && row.before_mean_hours !== null
          ? [{ ...row, extra_hours: row.extra_hours, before_mean_hours: row.before_mean_hours }]
          : [],
      )
      .sort((a, b) => b.extra_hours - a.extra_hours)
      .slice(0, 20)
      .map((row, index) => {
        const ofStage = (other: { service: string; stage: string }) =>
          other.service === row.service && other.stage === row.stage
        const own = facets.filter(ofStage)
        const segment = segmentOf(own, row)
        // a rise since the earlier period began: what was before it is part of the level compared with
        const since = riseOf(weekly.filter((week) => ofStage(week) && week.week >= (compare?.from ?? '')))
        const finding = {
          rank: index + 1,
          kind: segment ? ('segment' as const) : ('slower_stage' as const),
          service: row.service,
          stage: row.stage,
          from_stage: own.find(({ dimension, n }) => dimension === 'from' && n >= 0.8 * row.n)?.value ?? null,
          segment: segment && { dimension: segment.dimension, value: segment.value },
          since,
          extra_hours: row.extra_hours,
          extra_hours_per_case: row.extra_hours / row.n,
          cases: row.n,
          before_mean_hours: row.before_mean_hours,
          mean_hours: row.mean_hours,
        }
        return { ...finding, sentence: sentenceOf(finding, segment?.share ?? null, reading) }
      })
    return { ...reading.head, period, compare_period: compare, findings, stages: table }
  })

/** One stage: its waits by month, by segment, and where the cases came from. Throws UnknownIdError. */
export const stage = (db: Db, service: string, name: string, filters: Filters) =>
  answering(db, filters, async (asked) => {
    const reading = comparing(asked)
    const { period, held } = reading
    const params = { ...askOf(reading), one_service: service, stage: name }
    const dimensions = ['district', 'channel', 'team'] as const
    const [[whole], months, came_from, ...bySegment] = await Promise.all([
      stageSegments(db, { ...params, dimension: '' }),
      stageMonths(db, params),
      stageBefore(db, params),
      ...dimensions.map((dimension) => stageSegments(db, { ...params, dimension })),
    ])
    if (months.length === 0)
      throw new UnknownIdError(
        `Service "${service}" has no stage "${name}" up to the end of the period. GET /api/v1/bottlenecks lists the stages.`,
      )
    const figure = (
      definition: string,
      n: number,
      value: number | null,
      low: number | null,
      high: number | null,
    ) => ({
      value,
      unit: 'hours' as const,
      n,
      numerator: null,
      denominator: null,
      interval: low === null || high === null ? null : ([low, high] as [number, number]),
      method: 'exact' as const,
      error: null,
      status: value === null ? ('not_applicable' as const) : ('ok' as const),
      complete: completeness(
        period,
        coverageOf(reading, 'case_events').filter((of) => of.service === service),
      ),
      as_of: held?.as_of ?? null,
      definition,
    })
    const first = months[0]?.month ?? period.from
    return {
      ...reading.head,
      service,
      stage: name,
      median: figure(
        'stage_wait_median@1',
        whole?.n ?? 0,
        whole?.median_hours ?? null,
        whole?.median_low ?? null,
        whole?.median_high ?? null,
      ),
      p90: figure('stage_wait_p90@1', whole?.n ?? 0, whole?.p90_hours ?? null, null, null),
      series: buckets({ from: first, until: period.until }, 'month').map((span) => {
        const found = months.find(({ month }) => month === span.from)
        return {
          ...span,
          n: found?.n ?? 0,
          median_hours: found?.median_hours ?? null,
          p90_hours: found?.p90_hours ?? null,
        }
      }),
      by: dimensions.map((dimension, index) => ({
        dimension,
        rows: (bySegment[index] ?? []).map((row) => ({
          value: row.segment,
          label: labelOf(reading, dimension, row.segment),
          stat: figure('stage_wait_median@1', row.n, row.median_hours, row.median_low, row.median_high),
          extra_hours:
            row.before_mean_hours === null || row.before_n < fewestVisits
              ? null
              : (row.mean_hours - row.before_mean_hours) * row.n,
        })),
      })),
      came_from: came_from.map(({ quantiles: _, ...row }) => row),
    }
  })

/** A reading whose earlier period is the same days a year before, or else the period before. */
function comparing(reading: Reading): Reading {
  const { held, filters } = reading
  if (!held) return reading
  const period =
    filters.from || filters.until ? reading.period : { from: held.default_from, until: held.default_until }
  const compare =
    filters.compare === 'none'
      ? null
      : (comparePeriod(period, 'year', held) ?? comparePeriod(period, 'previous', held))
  return { ...reading, period, compare, head: { ...reading.head, period, compare_period: compare } }
}

const askOf = ({ filters, period, compare, jurisdiction }: Reading) => ({
  ...segmentParams(filters),
  ...period,
  zone: jurisdiction.time_zone,
  // an empty earlier period when there is nothing to compare with
  before_from: compare?.from ?? period.from,
  before_until: compare?.until ?? period.from,
})

/** Of two segments that explain a change alike, the one people can see comes first. */
const order = ['district', 'channel', 'team']

type Facet = {
  dimension: string
  value: string
  n: number
  hours: number
  before_n: number
  before_hours: number
}

/**
 * The one value of a dimension that bears most of the extra hours although it has few of the cases: at least 60 % of the
 * extra hours, and at least twice its share of the cases. Null when the change is spread.
 */
function segmentOf(facets: readonly Facet[], whole: { n: number; extra_hours: number }) {
  const candidates = facets
    .filter(
      ({ dimension, value, before_n, n }) =>
        dimension !== 'from' && value !== '' && before_n >= fewestVisits && n >= fewestVisits,
    )
    .map((facet) => {
      const extra = facet.hours - (facet.before_hours / facet.before_n) * facet.n
      return { ...facet, share: extra / whole.extra_hours, ofCases: facet.n / whole.n }
    })
    .filter(({ share, ofCases }) => share >= 0.6 && share >= 2 * ofCases)
    .sort(
      (a, b) =>
        Math.round(20 * (b.share - b.ofCases - (a.share - a.ofCases))) ||
        order.indexOf(a.dimension) - order.indexOf(b.dimension),
    )
  return candidates[0] ?? null
}

function sentenceOf(
  finding: {
    service: string
    stage: string
    segment: { dimension: string; value: string } | null
    since: string | null
    extra_hours: number
    before_mean_hours: number
    mean_hours: number
    cases: number
  },
  share: number | null,
  reading: Reading,
): string {
  const service = labelOf(reading, 'service', finding.service)
  const now = monthsOf(reading.period)
  const before = reading.compare ? monthsOf(reading.compare) : 'before'
  const parts = [
    `Waiting for “${finding.stage}” (${service}) cost people ${hours(finding.extra_hours)} more in ${now} than at the level of ${before}: ${days(finding.mean_hours)} on average instead of ${days(finding.before_mean_hours)}, ${people(finding.cases)}.`,
  ]
  if (finding.since) parts.push(`The level rose in the week of ${finding.since}.`)
  if (finding.segment && share !== null)
    parts.push(
      `${shareWords(share)} of it is in ${labelOf(reading, finding.segment.dimension, finding.segment.value)} (${finding.segment.dimension}).`,
    )
  return parts.join(' ')
}
