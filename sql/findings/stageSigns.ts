import type { Evidence } from './evidence.ts'
import { onsetOf } from './onset.ts'
import { grouped, levels, means, type Sign, sum, yearOfWeeks } from './sign.ts'
import { type Point, stepOf } from './step.ts'

type Visits = Evidence['visits'][number]

/**
 * How many standard errors a change must measure, after its place was searched for: about a hundred stages, each with a dozen
 * segments and half a dozen things that can change, are looked at, so chance alone must stay below one in a hundred thousand.
 */
const surely = 5
/** Waits hang together for months in a busy queue, in a way that a series of a year or two does not show in full. */
const surelyOfWaits = 8
/** Work that takes a tenth longer is worth a sentence; less is not. */
const smallestFactor = Math.log(1.1)
const fewestWeeks = 3

/** A stage where the work itself takes longer: for all cases, or for one segment of them. Where only completions are told, the stay is looked at, for segments only. */
export function paceSigns(visits: Evidence['visits'], bar = surely): Sign[] {
  return ofStages(visits).flatMap(({ rows, whole }) => {
    const touch = isTold(whole)
      ? [...segmentSign(rows, whole, touched), ...wholeSign(whole, touched, bar)]
      : []
    return touch.length > 0 ? touch : segmentSign(rows, whole, stayed)
  })
}

/**
 * Segments whose people may stay longer than the others where only completions are told: surely longer than before, and likely more so than the
 * others.
 */
export function segmentsToProve(visits: Evidence['visits']): Sign[] {
  return ofStages(visits).flatMap(({ rows, whole }) =>
    isTold(whole)
      ? []
      : segmentSign(rows, whole, stayed, likely).map((sign) => ({ ...sign, toProve: true as const })),
  )
}

/** A stage where people wait longer, and whether more cases are done there than before. */
export type WaitSign = Sign & { busier: boolean }

/**
 * A stage where people wait longer, for whatever reason: surely by the whole stay, or by the stay and, as far, by that of the quickest.
 * Where only completions are told, slower work and fewer people look alike.
 */
export function waitSigns({ visits, stays }: Pick<Evidence, 'visits' | 'stays'>): WaitSign[] {
  return ofStages(visits).flatMap(({ whole }) => {
    const quickest = stays.find((row) => row.service === whole.service && row.stage === whole.stage)
    return wholeSign(whole, stayed, surelyWithQuickest).flatMap((sign) => {
      if (sign.step.z < surelyOfWaits && !(quickest && isSlowFor(quickest))) return []
      const told = quickest && !isTold(whole) ? bySpeed(sign, quickest) : sign
      return { ...told, busier: handledMore(whole, sign.step.at) }
    })
  })
}

/** In a queue that only swings some are always served at once. */
function isSlowFor(row: Evidence['stays'][number]): boolean {
  return (stepOf(pointsOfStays(row, row.quickest), { fewest: fewestWeeks })?.z ?? 0) >= surelyWithQuickest
}

const pointsOfStays = ({ week, visits }: Evidence['stays'][number], values: readonly number[]): Point[] =>
  week.map((at, index) => ({ at, value: values[index] ?? 0, weight: visits[index] ?? 0 }))
const surelyWithQuickest = 6.5

const isTold = (whole: Visits) => sum(whole.told) >= 0.5 * sum(whole.visits)

function ofStages(visits: Evidence['visits']) {
  return [...grouped(visits, ({ service, stage }) => `${service}\n${stage}`).values()].flatMap((rows) => {
    const whole = rows.find(({ dimension }) => dimension === '')
    return whole ? [{ rows, whole }] : []
  })
}

/** More cases are done at a stage than before a change. */
function handledMore({ week, visits }: Visits, at: number): boolean {
  const points = week.map((each, index) => ({ at: each, value: visits[index] ?? 0, weight: 1 }))
  const { before, after } = levels(points, at)
  return after > 1.06 * before
}

/**
 * Where only completions are told, slower work and fewer people look alike: both make people wait. But slower work is slower for
 * everybody, while with fewer people those who come in a good week are served as fast as ever: the quickest tenth of the best
 * weeks tells them apart, beside what the middle of all visits lost.
 */
function bySpeed(sign: Sign, row: Evidence['stays'][number]): Sign {
  const { week, quickest, middle } = row
  const best = (chosen: (at: number) => boolean) => {
    const values = quickest.filter((_, index) => chosen(week[index] ?? 0)).sort((a, b) => a - b)
    return values[Math.floor(values.length / 5)] ?? 0
  }
  const { at } = sign.step
  const usual = levels(pointsOfStays(row, middle), at)
  const gained = best((each) => each >= at) - best((each) => each < at)
  return gained < slowerForAll * (usual.after - usual.before) ? { ...sign, kind: 'capacity' } : sign
}
const slowerForAll = 0.6

type Measure = { value: 'touch' | 'stay'; number: 'told' | 'stays'; of: 'work' | 'stay'; sure: Bars }
/** So many standard errors a segment must have changed by itself, and against the others. */
type Bars = { own: number; apart: number }
const touched: Measure = { value: 'touch', number: 'told', of: 'work', sure: { own: 4.8, apart: 3.5 } }
/** What swings the queue of all is taken out of a part by the others. */
const stayed: Measure = { value: 'stay', number: 'stays', of: 'stay', sure: { own: 0, apart: 6 } }
const likely: Bars = { own: 6, apart: 2.5 }

/** A queue goes on growing after a change: the noise is that of half a year before it. */
const optionsOf = (measure: Measure) =>
  measure === stayed ? { fewest: fewestWeeks, calm: 26 } : { fewest: fewestWeeks, family: 'mean' as const }

const pointsOf = (row: Visits, { value, number }: Measure) => means(row.week, row[value], row[number])

/** The stage as a whole. */
function wholeSign(whole: Visits, measure: Measure, bar: number): Sign[] {
  const { service, stage } = whole
  const found = stepOf(pointsOf(whole, measure), optionsOf(measure))
  if (!found || found.z < bar || found.change < smallestFactor) return []
  const onset = measure === stayed ? onsetOf(pointsOf(whole, measure), found) : null
  const step = onset === null ? found : { ...found, at: onset, earliest: Math.min(found.earliest, onset) }
  const about = { service, stage, from_stage: null, segment: null, measure: measure.of }
  return [{ ...about, kind: 'slower_stage', step, bar, before: 1, after: Math.exp(step.change) }]
}

/** The one segment that became slower while the others did not. */
function segmentSign(rows: readonly Visits[], whole: Visits, measure: Measure, bars = measure.sure): Sign[] {
  const { service, stage } = whole
  // a change that another value of the dimension shows by half is not one of this segment
  const isShared = ({ dimension, value }: Visits, change: number, at: number) =>
    rows.some((row) => {
      if (row.dimension !== dimension || row.value === value) return false
      if (sum(row.visits) < 0.05 * sum(whole.visits)) return false
      const other = levels(pointsOf(row, measure), at)
      return other.after - other.before > 0.5 * change
    })
  const found = rows
    .filter(({ dimension }) => dimension !== '')
    .flatMap((row) => {
      const own = pointsOf(row, measure)
      const rest = without(whole, row, measure)
      const apart = stepOf(difference(own, rest), optionsOf(measure))
      if (!apart || apart.z < bars.apart) return []
      const alone = stepOf(own, optionsOf(measure))
      // work takes as long whoever waits; a queue swings for all who stand in it
      const [step, bar] = measure === touched ? [alone, bars.own] : [apart, bars.apart]
      if (!step || step.change < smallestFactor || (alone?.z ?? 0) < bars.own) return []
      const [ownLevel, restLevel] = [levels(own, step.at), levels(rest, step.at)]
      const change = ownLevel.after - ownLevel.before
      if (restLevel.after - restLevel.before > 0.4 * change || isShared(row, change, step.at)) return []
      const segment = { dimension: row.dimension, value: row.value }
      const about = { service, stage, from_stage: null, segment }
      return [
        {
          ...{ ...about, kind: 'segment' as const, measure: measure.of, step, bar },
          ...{ before: 1, after: Math.exp(change) },
        },
      ]
    })
    .sort((a, b) => b.step.z - a.step.z)
  const best = preferred(found)
  return best ? [best] : []
}

/** Of segments that explain a change alike, the one people can see comes first. */
const order = ['district', 'channel', 'subtype', 'team']

function preferred<Found extends Sign & { segment: { dimension: string } }>(
  found: readonly Found[],
): Found | undefined {
  const [first] = found
  if (!first) return undefined
  return found
    .filter(({ step }) => step.z > 0.95 * first.step.z)
    .sort((a, b) => order.indexOf(a.segment.dimension) - order.indexOf(b.segment.dimension))[0]
}

/** The weekly means of everybody else. */
function without(whole: Visits, part: Visits, { value, number }: Measure): Point[] {
  const places = new Map(part.week.map((week, index) => [week, index]))
  const less = (all: readonly number[], own: readonly number[]) =>
    all.map((each, index) => each - (own[places.get(whole.week[index] ?? 0) ?? -1] ?? 0))
  return means(whole.week, less(whole[value], part[value]), less(whole[number], part[number]))
}

/** One series less another, in the weeks that both have. */
function difference(own: readonly Point[], rest: readonly Point[]): Point[] {
  const others = new Map(rest.map((point) => [point.at, point]))
  return own.flatMap(({ at, value, weight }) => {
    const other = others.get(at)
    return other
      ? [{ at, value: value - other.value, weight: (weight * other.weight) / (weight + other.weight) }]
      : []
  })
}

/** A team with fewer people at work than before, told by how many cases it works on at a time when somebody waits. */
export function serverSigns(
  servers: Evidence['servers'],
  heaviest: (service: string, stage: string) => number,
  bar = surely,
): Sign[] {
  const teams = grouped(servers, ({ service, stage, team }) => (team === '' ? `${service}\n${stage}` : team))
  return [...teams.values()].flatMap((rows) => {
    const points = together(rows)
    const step = stepOf(points, { fewest: fewestWeeks, floor: 0.15, family: 'mean' })
    if (!step || step.z > -bar) return []
    const { before, after } = levels(points, step.at)
    if (before - after < Math.max(0.5, 0.1 * before)) return []
    const [row] = [...rows].sort((a, b) => heaviest(b.service, b.stage) - heaviest(a.service, a.stage))
    if (!row) return []
    const { service, stage, team } = row
    const isOnly = !servers.some(
      (other) => other.service === service && other.stage === stage && other.team !== team,
    )
    const segment = isOnly ? null : { dimension: 'team', value: team }
    return [
      {
        ...{ kind: 'capacity', measure: 'people', service, stage, from_stage: null, segment },
        ...{ step, bar, before, after },
      },
    ]
  })
}

/**
 * A stage that gets less done on a day than it did, although there is work for more than a week: told by the cases done a day on the days on
 * which any were done, in weeks that began with more cases waiting than were done. The yearly wave is taken out.
 */
export function throughputSigns({ batches, occupancy }: Pick<Evidence, 'batches' | 'occupancy'>): Sign[] {
  return batches.flatMap(({ service, stage, week, visits, days }) => {
    const there = waitingAt(
      occupancy.find((row) => row.service === service && row.stage === stage && row.dimension === ''),
    )
    const busy = week.flatMap((at, index): Point[] => {
      const [done, used] = [visits[index] ?? 0, days[index] ?? 0]
      // a log begins with the few cases that came after its first day
      const isBusy = used > 0 && index >= fillingUp && (there.get(at) ?? 0) > done
      return isBusy ? [{ at, value: Math.log(done / used), weight: used }] : []
    })
    if (busy.length < 0.6 * week.length) return []
    const step = stepOf(busy, { fewest: fewestWeeks, season: yearOfWeeks, floor: 0.02, family: 'mean' })
    if (!step || step.z > -surely || step.change > -smallestFactor / 2) return []
    const { before, after } = levels(busy, step.at)
    const about = { service, stage, from_stage: null, segment: null }
    return [
      {
        ...about,
        kind: 'capacity',
        measure: 'cases',
        step,
        bar: surely,
        before: Math.exp(before),
        after: Math.exp(after),
      },
    ]
  })
}
const fillingUp = 8

/** How many cases are at a stage at the beginning of every week. */
function waitingAt(row: Evidence['occupancy'][number] | undefined): Map<number, number> {
  const found = new Map<number, number>()
  let there = 0
  for (const [index, at] of row?.week.entries() ?? []) {
    found.set(at, there)
    there += (row?.came[index] ?? 0) - (row?.went[index] ?? 0)
  }
  return found
}

/** The weekly means of several rows as one. */
function together(rows: Evidence['servers']): Point[] {
  const weeks = new Map<number, { sum: number; number: number }>()
  for (const { week, starts, servers } of rows)
    for (const [index, at] of week.entries()) {
      const known = weeks.get(at) ?? { sum: 0, number: 0 }
      known.sum += (starts[index] ?? 0) * (servers[index] ?? 0)
      known.number += starts[index] ?? 0
      weeks.set(at, known)
    }
  return [...weeks]
    .sort(([a], [b]) => a - b)
    .map(([at, { sum, number }]) => ({ at, value: sum / number, weight: number }))
}

/** A stage whose work is handed on in fewer, larger batches. */
export function batchSigns(batches: Evidence['batches']): Sign[] {
  return batches.flatMap(({ service, stage, week, visits, pairs }) => {
    const most = visits.map((n) => n * (n - 1))
    const points = means(week, pairs, most).map((point, index) => ({ ...point, weight: visits[index] ?? 0 }))
    const step = stepOf(points, { fewest: fewestWeeks, floor: 0.02, family: 'mean' })
    if (!step || step.z < surely || step.change < 0.15) return []
    const { before, after } = levels(points, step.at)
    return [
      {
        kind: 'batching',
        measure: 'share',
        service,
        stage,
        from_stage: null,
        segment: null,
        step,
        bar: surely,
        before,
        after,
      },
    ]
  })
}

/** A stage at which the clock is stopped more often, or for longer, told by the weeks in which cases came to it. */
export function pauseSigns(pauses: Evidence['pauses']): Sign[] {
  return pauses.flatMap(({ service, stage, ...row }) => {
    // of those who came last only the quick ones have left
    const known = row.week.filter((week) => week <= (row.week.at(-1) ?? 0) - stillOut)
    const share = means(known, row.paused, row.visits)
    const length = means(known, row.pause, row.paused)
    const options = { fewest: fewestWeeks, floor: 0.01 }
    const often = stepOf(share, { ...options, family: 'share' })
    const long = stepOf(length, { ...options, family: 'mean' })
    const real = [
      often && often.z > surely && often.change > 0.05 ? often : null,
      long && long.z > surely && long.change > smallestFactor ? long : null,
    ].flatMap((step) => (step ? [step] : []))
    const [step] = real.sort((a, b) => b.z - a.z)
    if (!step) return []
    const about = { service, stage, from_stage: null, segment: null }
    return [{ ...about, kind: 'clock_stops', measure: 'share', step, bar: surely, ...levels(share, step.at) }]
  })
}
const stillOut = 3
