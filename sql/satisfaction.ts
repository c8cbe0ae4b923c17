import { z } from 'zod'
import { rowsOnce } from './askOnce.ts'
import { waitCurve } from './breakPoint.ts'
import type { Db } from './db.ts'
import { type Filters, segmentParams } from './filters.ts'
import type { Interval } from './intervals.ts'
import { figuresOf, labelOf } from './kpiFigures.ts'
import { changeOf, statOf } from './kpiStats.ts'
import { segments } from './kpis/queries.ts'
import { completeness, daysBefore, earlierOf } from './period.ts'
import answerGroupsSql from './queries/answer_groups.sql?raw'
import driverSharesSql from './queries/driver_shares.sql?raw'
import ratingsSql from './queries/ratings.sql?raw'
import ratingsOfCasesSql from './queries/ratings_of_cases.sql?raw'
import { defineQuery } from './query.ts'
import { answering, coverageOf, type Reading } from './reader.ts'
import type { Stat } from './stat.ts'
import { biasOf, weightedShare } from './weighting.ts'

const flow = { ...segments, from: z.string(), until: z.string(), zone: z.string() }
const number = z.number()
const text = z.string()
const ratings = defineQuery(
  'ratings',
  ratingsSql,
  z.object(flow),
  z.object({
    one: number,
    two: number,
    three: number,
    four: number,
    five: number,
    all_answered: number,
    asked: number,
    customers: number,
    without_opinion: number,
    respondents: number,
    recommend_told: number,
    promoters: number,
    detractors: number,
    thumbs_up: number,
    thumbs_down: number,
  }),
)
const driverShares = defineQuery(
  'driver_shares',
  driverSharesSql,
  z.object(flow),
  z.object({ id: text, told: number, positive: number }),
)
const answerGroups = defineQuery(
  'answer_groups',
  answerGroupsSql,
  z.object(flow),
  z.object({
    service: text,
    channel: text,
    intended: text,
    customers: number,
    answered: number,
    rated: number,
    satisfied: number,
  }),
)
const ratingsOfCases = defineQuery(
  'ratings_of_cases',
  ratingsOfCasesSql,
  z.object({ ...flow, since: text }),
  z.object({ dimension: text, value: text, rated: number, satisfied: number }),
)

/** The seven drivers of the federal model (OMB Circular A-11, section 280), in its order. */
export const driverIds = [
  'effectiveness',
  'ease',
  'speed',
  'transparency',
  'humanity',
  'employee',
  'trust',
] as const

/** Days from asking to the outcome at which the bands end; the last one is open. */
const bands = [1, 3, 7, 14, 30, 60, 90, 180, 365]

/** The smallest group of answers whose share is shown. */
const fewestAnswers = 10

/**
 * What people said: share satisfied as answered and weighted, with response, drivers and recommendation; and joined to the case: by wait
 * with the day after which it changes, by outcome, channel, district and the stage that took longest beyond its usual time.
 */
export const satisfaction = (db: Db, filters: Filters) =>
  answering(db, filters, async (reading) => {
    const { period } = reading
    const asked = { ...segmentParams(filters), ...period, zone: reading.jurisdiction.time_zone }
    const ids = ['satisfied_share', 'response_rate'] as const
    const since = earlierOf(period.from, daysBefore(period.until, 365))
    const [{ now, before }, [counted], driven, groups, joined] = await Promise.all([
      figuresOf(db, reading, ids),
      rowsOnce(db, reading, ratings, asked),
      rowsOnce(db, reading, driverShares, asked),
      rowsOnce(db, reading, answerGroups, asked),
      rowsOnce(db, reading, ratingsOfCases, { ...asked, since }),
    ])
    const [share, coverage] = [shares(reading), coverages(reading)]
    const satisfied = enough(now('satisfied_share'))
    const satisfied_compare = before('satisfied_share')
    const rated = now('satisfied_share').n
    const daysOf = (dimension: string) =>
      joined
        .filter((row) => row.dimension === dimension && row.value !== '-1')
        .map((row) => ({ day: Number(row.value), answered: row.rated, satisfied: row.satisfied }))
    const known = daysOf('day')
    // a refusal is often quick: those who were refused would look like people whom a short wait does not please
    const intended = daysOf('day_of_intended')
    const onlyIntended = intended.length > 0
    const sum = (rows: readonly { answered: number; satisfied: number }[], of: 'answered' | 'satisfied') =>
      rows.reduce((total, row) => total + row[of], 0)
    const by = (dimension: string, label = (value: string) => labelOf(reading, dimension, value)) =>
      joined
        .filter((row) => row.dimension === dimension)
        .map(({ value, rated: n, satisfied: content }) => ({
          value,
          label: label(value),
          stat: share('satisfied_share@1', content, n),
        }))
    return {
      ...reading.head,
      satisfied,
      satisfied_compare,
      change: changeOf('satisfied_share', satisfied, satisfied_compare && enough(satisfied_compare)),
      weighted: weightedStat(reading, groups),
      bias: biasOf(groups, (dimension, value) => groupLabel(reading, dimension, value)),
      response: now('response_rate'),
      coverage: coverage('answers_of_customers@1', counted?.all_answered ?? 0, counted?.customers ?? 0),
      counts: counted
        ? [counted.one, counted.two, counted.three, counted.four, counted.five]
        : [0, 0, 0, 0, 0],
      customers: counted?.customers ?? 0,
      offered: counted?.asked ?? 0,
      answered: counted?.all_answered ?? 0,
      respondents: counted?.respondents ?? 0,
      rated,
      no_opinion: counted?.without_opinion ?? 0,
      recommendation: recommendation(reading, counted),
      thumbs_up: share(
        'thumbs_up@1',
        counted?.thumbs_up ?? 0,
        (counted?.thumbs_up ?? 0) + (counted?.thumbs_down ?? 0),
      ),
      drivers: driverIds.map((id) => {
        const row = driven.find((one) => one.id === id)
        return { id, stat: share(`driver_${id}@1`, row?.positive ?? 0, row?.told ?? 0) }
      }),
      by_wait: [...bands, null]
        .map((until_days, index) => {
          const from_days = index === 0 ? 0 : (bands[index - 1] ?? 0)
          const own = known.filter(({ day }) => day >= from_days && (until_days === null || day < until_days))
          const stat = share('satisfied_share@1', sum(own, 'satisfied'), sum(own, 'answered'))
          return { from_days, until_days, stat }
        })
        .filter(({ stat }) => stat.n > 0),
      wait_curve: waitCurve(onlyIntended ? intended : known),
      curve_of: onlyIntended ? ('intended' as const) : ('all' as const),
      by_outcome: by('outcome').filter(({ value }) => value !== ''),
      by_channel: by('channel'),
      by_district: by('district'),
      by_stage: by('stage', (value) => value.split('\n')[1] ?? '').map(({ value, label, stat }) => ({
        service: value.split('\n')[0] ?? '',
        /** Empty: at no stage longer than usual. */
        stage: label,
        stat,
      })),
      joined: coverage('joined@1', sum(known, 'answered'), rated),
    }
  })

const enough = (stat: Stat): Stat =>
  stat.n > 0 && stat.n < fewestAnswers
    ? { ...stat, value: null, interval: null, numerator: null, status: 'too_few' }
    : stat

/** Makes shares of counts, by the definition given: of opinions only where enough answered, of coverage always. */
const coverages = (reading: Reading) => {
  const context = contextOf(reading)
  return (definition: string, satisfied: number, rated: number): Stat => ({
    ...statOf('satisfied_share', { counts: { rated, satisfied } }, context),
    definition,
  })
}
const shares = (reading: Reading) => {
  const coverage = coverages(reading)
  return (definition: string, satisfied: number, rated: number) =>
    enough(coverage(definition, satisfied, rated))
}

const contextOf = (reading: Reading) => ({
  complete: completeness(reading.period, coverageOf(reading, 'outcomes')),
  as_of: reading.held?.as_of ?? null,
  collected: true,
})

type GroupRow = Awaited<ReturnType<typeof answerGroups>>[number]

function groupLabel(reading: Reading, dimension: 'service' | 'channel' | 'intended', value: string): string {
  if (dimension !== 'intended') return labelOf(reading, dimension, value)
  return value === 'yes'
    ? 'got what they came for'
    : value === 'no'
      ? 'did not get what they came for'
      : 'end not told'
}

/** The share satisfied with everybody's weight, as a figure; how it came about stands beside it. */
function weightedStat(reading: Reading, groups: readonly GroupRow[]) {
  const found = weightedShare(groups)
  const n = groups.reduce((sum, { rated }) => sum + rated, 0)
  const stat = enough({
    value: found?.share ?? null,
    unit: 'share',
    n,
    numerator: null,
    denominator: null,
    interval: found?.interval ?? null,
    method: 'estimate',
    error: null,
    status: found ? 'ok' : 'not_applicable',
    complete: contextOf(reading).complete,
    as_of: contextOf(reading).as_of,
    definition: 'satisfied_share_weighted@1',
  })
  return {
    stat,
    effective: found?.effective ?? 0,
    largest_weight: found?.largest ?? 0,
    merged: found?.merged ?? 0,
    trimmed: found?.trimmed ?? false,
  }
}

type Counted = Awaited<ReturnType<typeof ratings>>[number] | undefined

/**
 * Share of 9 and 10 less share of 0 to 6, from -1 to 1. Interval: Wald with three answers added, 3/4, 3/2 and 3/4 of them (Rocks 2016).
 */
function recommendation(reading: Reading, counted: Counted): Stat {
  const n = counted?.recommend_told ?? 0
  const [up, down] = [counted?.promoters ?? 0, counted?.detractors ?? 0]
  const [high, low] = [(up + 0.75) / (n + 3), (down + 0.75) / (n + 3)]
  const reach = 1.96 * Math.sqrt((high + low - (high - low) ** 2) / (n + 3))
  const interval: Interval = [Math.max(-1, high - low - reach), Math.min(1, high - low + reach)]
  return enough({
    ...shares(reading)('recommend_balance@1', up, n),
    value: n > 0 ? (up - down) / n : null,
    numerator: n > 0 ? up - down : null,
    interval: n > 0 ? interval : null,
    status: n > 0 ? 'ok' : 'not_applicable',
  })
}
