import { z } from 'zod'
import { riseOf } from './changePoint.ts'
import { askOf, compared, comparing, fewestVisits, upto } from './comparing.ts'
import type { Db } from './db.ts'
import type { Filters } from './filters.ts'
import { labelOf } from './kpiFigures.ts'
import stageFacetsSql from './queries/stage_facets.sql?raw'
import stagesSql from './queries/stages.sql?raw'
import weeklyWaitsSql from './queries/weekly_waits.sql?raw'
import { defineQuery } from './query.ts'
import { answering, type Reading } from './reader.ts'
import { days, hours, monthsOf, people, shareWords } from './words.ts'

const number = z.number()
const maybe = z.number().nullable()
const text = z.string()

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
  z.object({ ...upto, before_from: text }),
  z.object({ service: text, stage: text, week: text, n: number, log_sum: number }),
)
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
