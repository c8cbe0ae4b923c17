import { z } from 'zod'
import { askOf, compared, comparing, fewestVisits, flow, upto } from './comparing.ts'
import type { Db } from './db.ts'
import { UnknownIdError } from './errors.ts'
import type { Filters } from './filters.ts'
import { labelOf } from './kpiFigures.ts'
import { buckets, completeness, daysBefore, earlierOf, laterOf } from './period.ts'
import stageBeforeSql from './queries/stage_before.sql?raw'
import stageHoursSql from './queries/stage_hours.sql?raw'
import stageMonthsSql from './queries/stage_months.sql?raw'
import stageSegmentsSql from './queries/stage_segments.sql?raw'
import stageWeeksSql from './queries/stage_weeks.sql?raw'
import { defineQuery } from './query.ts'
import { answering, coverageOf } from './reader.ts'

const number = z.number()
const maybe = z.number().nullable()
const text = z.string()
const oneStage = { one_service: text, stage: text }

const stageSegments = defineQuery(
  'stage_segments',
  stageSegmentsSql,
  z.object({ ...compared, ...oneStage, dimension: text }),
  z.object({
    segment: text,
    n: number,
    starts_told: number,
    sum_hours: number,
    mean_hours: number,
    stay_hours: number,
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
  z.object({
    month: text,
    n: number,
    starts_told: number,
    quantiles: z.array(number),
    median_hours: number,
    p90_hours: number,
  }),
)
const stageWeeks = defineQuery(
  'stage_weeks',
  stageWeeksSql,
  z.object({ ...upto, ...oneStage, since: text }),
  z.object({
    week: text,
    n: number,
    starts_told: number,
    mean_hours: number,
    quantiles: z.array(number),
    median_hours: number,
    p90_hours: number,
    touch_hours: maybe,
    again_share: number,
    paused_share: number,
    same_day_share: maybe,
  }),
)
const stageHours = defineQuery(
  'stage_hours',
  stageHoursSql,
  z.object({ ...flow, ...oneStage }),
  z.object({ weekday: number, hour: number, came: number, went: number }),
)
const stageBefore = defineQuery(
  'stage_before',
  stageBeforeSql,
  z.object({ ...flow, ...oneStage }),
  z.object({
    from_stage: text,
    n: number,
    starts_told: number,
    mean_hours: number,
    quantiles: z.array(number),
    median_hours: number,
    p90_hours: number,
  }),
)

/** Weeks are told for two years: as far back as changes are looked for. */
const daysOfWeeks = 728

/**
 * One stage: its waits by month and by week, by segment, when cases come and leave, and where they came from. Throws
 * UnknownIdError.
 */
export const stage = (db: Db, service: string, name: string, filters: Filters) =>
  answering(db, filters, async (asked) => {
    const reading = comparing(asked)
    const { period, held } = reading
    const params = { ...askOf(reading), one_service: service, stage: name }
    const dimensions = ['district', 'channel', 'team', 'subtype'] as const
    const since = daysBefore(period.until, daysOfWeeks)
    const [[whole], months, came_from, weeks, hours, ...bySegment] = await Promise.all([
      stageSegments(db, { ...params, dimension: '' }),
      stageMonths(db, params),
      stageBefore(db, params),
      stageWeeks(db, { ...params, since }),
      stageHours(db, params),
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
    const byWeek = new Map(weeks.map(({ week, quantiles: _, ...row }) => [week, row]))
    const known = {
      from: laterOf(held?.from ?? since, since),
      until: earlierOf(held?.until ?? '', period.until),
    }
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
      starts_told: whole?.starts_told ?? 0,
      p90: figure('stage_wait_p90@1', whole?.n ?? 0, whole?.p90_hours ?? null, null, null),
      series: buckets({ from: first, until: period.until }, 'month').map((span) => {
        const found = months.find(({ month }) => month === span.from)
        return {
          ...span,
          n: found?.n ?? 0,
          starts_told: found?.starts_told ?? 0,
          median_hours: found?.median_hours ?? null,
          p90_hours: found?.p90_hours ?? null,
        }
      }),
      weeks: buckets({ from: weeks[0]?.week ?? period.until, until: period.until }, 'week').map((span) => ({
        ...span,
        complete: span.from >= known.from && span.until <= known.until,
        ...(byWeek.get(span.from) ?? noVisits),
      })),
      hours,
      by: dimensions.map((dimension, index) => ({
        dimension,
        rows: (bySegment[index] ?? []).map((row) => ({
          value: row.segment,
          label: labelOf(reading, dimension, row.segment),
          stat: figure('stage_wait_median@1', row.n, row.median_hours, row.median_low, row.median_high),
          starts_told: row.starts_told,
          stay_hours: row.stay_hours,
          extra_hours:
            row.before_mean_hours === null || row.before_n < fewestVisits
              ? null
              : (row.mean_hours - row.before_mean_hours) * row.n,
        })),
      })),
      came_from: came_from.map(({ quantiles: _, ...row }) => row),
    }
  })

const noVisits = {
  n: 0,
  starts_told: 0,
  mean_hours: null,
  median_hours: null,
  p90_hours: null,
  touch_hours: null,
  again_share: null,
  paused_share: null,
  same_day_share: null,
}
