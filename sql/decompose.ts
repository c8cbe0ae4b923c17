import { z } from 'zod'
import { askOf, compared, comparing } from './comparing.ts'
import type { Db } from './db.ts'
import type { Dimension, Filters } from './filters.ts'
import { labelOf } from './kpiFigures.ts'
import { changeOf } from './kpiStats.ts'
import { completeness } from './period.ts'
import changeSegmentsSql from './queries/change_segments.sql?raw'
import { defineQuery } from './query.ts'
import { answering, coverageOf, type Reading } from './reader.ts'
import type { Stat } from './stat.ts'

const number = z.number()
const changeSegments = defineQuery(
  'change_segments',
  changeSegmentsSql,
  z.object({ ...compared, dimensions: z.array(z.string()) }),
  z.object({
    dimension: z.string(),
    segment: z.string(),
    n: number,
    hours: number,
    squares: number,
    before_n: number,
    before_hours: number,
    before_squares: number,
  }),
)
/** Cases of one value and the hours they took, in two periods. */
export type SegmentHours = {
  segment: string
  n: number
  hours: number
  before_n: number
  before_hours: number
}
type Row = Awaited<ReturnType<typeof changeSegments>>[number]

const usualDimensions: Dimension[] = ['service', 'department', 'district', 'channel', 'team', 'subtype']
/** So much of a change must be explained by the values that are named. */
const explained = 0.8

/**
 * Why the mean hours from asking to outcome changed: cases closed in the period against those of the earlier one, divided by the values of
 * one dimension (or of each) into a change of mix and a change of pace. The dimension whose values explain most comes first.
 */
export const change = (db: Db, dimension: Dimension | undefined, filters: Filters) =>
  answering(db, filters, async (asked) => {
    const reading = comparing(asked)
    const { period, compare } = reading
    const dimensions = dimension ? [dimension] : usualDimensions
    const rows = await changeSegments(db, { ...askOf(reading), dimensions })
    const of = (one: string) => rows.filter((row) => row.dimension === one)
    const whole = of(dimensions[0] ?? '')
    const mean = meanStat(reading, period, whole, 'n', 'hours', 'squares')
    const before = compare
      ? meanStat(reading, compare, whole, 'before_n', 'before_hours', 'before_squares')
      : null
    const changed = changeOf('time_to_outcome_mean', mean, before)
    const clear = changed.verdict === 'better' || changed.verdict === 'worse'
    return {
      ...reading.head,
      period,
      compare_period: compare,
      mean,
      before,
      change: changed,
      dimensions: dimensions
        .map((one) => {
          const parts = decompose(of(one))
          return {
            dimension: one,
            mix: parts?.mix ?? null,
            rate: parts?.rate ?? null,
            explained_by: parts && clear ? smallestSet(parts.rows) : null,
            rows: (parts?.rows ?? []).map((row) => ({
              ...row,
              label: labelOf(reading, one, row.value),
            })),
          }
        })
        .filter((one) => dimension !== undefined || one.rows.length > 1)
        .sort((a, b) => (b.explained_by?.surprise ?? 0) - (a.explained_by?.surprise ?? 0)),
    }
  })

/**
 * A change of a mean, divided over values: mix is the change of a value's share of the cases, at how far it lies from the mean of both
 * periods; rate the change of its own mean, at its share in both. They add up to the change: Kitagawa (1955). A value that is new, or gone,
 * has no change of its own mean. Null without cases in both periods.
 */
export function decompose(rows: readonly SegmentHours[]) {
  const sum = (of: (row: SegmentHours) => number) => rows.reduce((all, row) => all + of(row), 0)
  const [n, beforeN] = [sum((row) => row.n), sum((row) => row.before_n)]
  if (n === 0 || beforeN === 0) return null
  const centre = (sum((row) => row.hours) / n + sum((row) => row.before_hours) / beforeN) / 2
  const total = sum((row) => row.hours)
  const beforeTotal = sum((row) => row.before_hours)
  const parts = rows.map((row) => {
    const [weight, weight_before] = [row.n / n, row.before_n / beforeN]
    const own = row.n > 0 ? row.hours / row.n : null
    const earlier = row.before_n > 0 ? row.before_hours / row.before_n : null
    const level = ((own ?? earlier ?? 0) + (earlier ?? own ?? 0)) / 2
    const mix = (weight - weight_before) * (level - centre)
    const rate = own === null || earlier === null ? 0 : ((own - earlier) * (weight + weight_before)) / 2
    return {
      value: row.segment,
      n: row.n,
      before_n: row.before_n,
      weight,
      weight_before,
      mean_hours: own,
      before_mean_hours: earlier,
      mix,
      rate,
      effect: mix + rate,
      surprise: surprise(
        beforeTotal > 0 ? row.before_hours / beforeTotal : 0,
        total > 0 ? row.hours / total : 0,
      ),
    }
  })
  const [mix, rate] = [
    parts.reduce((all, part) => all + part.mix, 0),
    parts.reduce((all, part) => all + part.rate, 0),
  ]
  const change = mix + rate
  return {
    mix,
    rate,
    change,
    /** Explanatory power: the part of the change a value makes; they add up to 1. Null when nothing changed. */
    rows: parts
      .map((part) => ({ ...part, share: change === 0 ? null : part.effect / change }))
      .sort((a, b) => (b.share ?? 0) - (a.share ?? 0) || b.surprise - a.surprise),
  }
}

/** How much a share of the whole surprises: half of the Jensen-Shannon divergence, as Adtributor (Bhagwan et al., NSDI 2014) has it. */
export function surprise(p: number, q: number): number {
  const part = (of: number) => (of > 0 ? of * Math.log((2 * of) / (p + q)) : 0)
  return 0.5 * (part(p) + part(q))
}

type Part = { value: string; share: number | null; surprise: number }

/** The fewest values that make four fifths of the change; null when nothing changed. */
export function smallestSet(rows: readonly Part[]) {
  const values: string[] = []
  let share = 0
  let surprising = 0
  for (const row of [...rows].sort((a, b) => (b.share ?? 0) - (a.share ?? 0) || b.surprise - a.surprise)) {
    if (row.share === null) return null
    values.push(row.value)
    share += row.share
    surprising += row.surprise
    if (share >= explained) break
  }
  return { values, share, surprise: surprising }
}

/** A mean of hours with its 95 % interval (normal approximation), from the sums of its parts. */
function meanStat(
  reading: Reading,
  period: { from: string; until: string },
  rows: readonly Row[],
  count: 'n' | 'before_n',
  total: 'hours' | 'before_hours',
  square: 'squares' | 'before_squares',
): Stat {
  const n = rows.reduce((sum, row) => sum + row[count], 0)
  const hours = rows.reduce((sum, row) => sum + row[total], 0)
  const squares = rows.reduce((sum, row) => sum + row[square], 0)
  const mean = n > 0 ? hours / n : null
  const spread = mean === null || n < 2 ? null : Math.sqrt(Math.max(0, squares - n * mean ** 2) / (n - 1) / n)
  return {
    value: mean,
    unit: 'hours',
    n,
    numerator: null,
    denominator: null,
    interval: mean === null || spread === null ? null : [mean - 1.96 * spread, mean + 1.96 * spread],
    method: 'exact',
    error: null,
    status: mean === null ? 'not_applicable' : 'ok',
    complete: completeness(period, coverageOf(reading, 'case_events')),
    as_of: reading.held?.as_of ?? null,
    definition: 'time_to_outcome_mean@1',
  }
}
