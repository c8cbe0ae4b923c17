import { type Family, placeOf } from './place.ts'

/** One value of a series: `at` counts weeks (or days), `weight` is how much it is worth against the others, as a number of cases. */
export type Point = { at: number; value: number; weight: number }

/** A lasting change of the level of a series. */
export type Step = {
  /** The first `at` of the new level, and the first and last it may be (about 95 %). */
  at: number
  earliest: number
  latest: number
  /** The day of that week on which it began: 0 is Monday. */
  day: number
  /** New level less old level, its standard error, and the one by the other. */
  change: number
  error: number
  z: number
}

export type StepOptions = {
  /**
   * What the points are: the place of the step is then the likeliest one to the working day. Counts are looked at as logarithms, so
   * that the change is a factor.
   */
  family?: Family
  /** What else moves the points, a number for each: as the days on which an office was open. */
  beside?: readonly number[]
  /** So many points at least on each side. */
  fewest?: number
  /** Points to a year: then a yearly wave (a wave and its half) is no step. */
  season?: number
  /** The error of one point of weight 1 is at least this: a series without noise is no proof. */
  floor?: number
  /** The error is that of the old level, where it has so many points: what is new may go on changing, as a queue that grows does. */
  calm?: number
}

/**
 * The step that explains a series best, with or without a yearly wave beside it: weighted least squares over all places for
 * the step. The error is widened for residuals that hang together, (1 + r) / (1 - r) with r their first autocorrelation.
 * Null when there are too few points. Whether the step is real is for the caller to judge: the place was searched for, so z
 * must be far above 2.
 */
export function stepOf(points: readonly Point[], options: StepOptions = {}): Step | null {
  const { fewest = 4, season, floor = 0, calm = Number.POSITIVE_INFINITY, family, beside } = options
  const count = points.length
  if (count < 2 * fewest) return null
  const weights = scaled(points.map(({ weight }) => weight))
  const values = points.map(({ value }) => (family === 'count' ? Math.log(value + 0.5) : value))
  const basis = orthonormal(covariates(points, season, beside), weights)
  const free = count - basis.length - 2
  if (free < 3) return null
  const rest = without(values, basis, weights)
  const total = dot(rest, rest, weights)
  // the step without what the basis explains, for every place at once: sums from the end
  const tried: { index: number; change: number; size: number; unexplained: number }[] = []
  let [mass, pull] = [0, 0]
  const along = basis.map(() => 0)
  for (let index = count - 1; index >= fewest; index--) {
    const weight = weights[index] ?? 0
    mass += weight
    pull += weight * (rest[index] ?? 0)
    for (const [which, column] of basis.entries())
      along[which] = (along[which] ?? 0) + weight * (column[index] ?? 0)
    if (index > count - fewest) continue
    const size = mass - along.reduce((sum, each) => sum + each ** 2, 0)
    // a step that the wave can imitate tells nothing
    if (size < 0.005 * count) continue
    tried.push({ index, change: pull / size, size, unexplained: total - pull ** 2 / size })
  }
  const best = tried.reduce<(typeof tried)[number] | null>(
    (found, each) => (found && found.unexplained <= each.unexplained ? found : each),
    null,
  )
  if (!best) return null
  const shape = without(
    points.map((_, place) => (place < best.index ? 0 : 1)),
    basis,
    weights,
  )
  const left = rest.map((value, place) => value - best.change * (shape[place] ?? 0))
  const old = best.index >= calm ? best.index : count
  const oldLeft = left.slice(0, old)
  const oldSpread = dot(oldLeft, oldLeft, weights) / (old < count ? old - basis.length : free)
  const spread = Math.max(oldSpread, floor ** 2)
  const hanging = hangingTogether(oldLeft, weights, floor)
  const widened = (1 + hanging) / (1 - hanging)
  const error = Math.sqrt((spread / best.size) * widened)
  // the place of a change is less sure than a level: the bound of Yao (1987) for 95 %
  const near = tried.filter(({ unexplained }) => unexplained - best.unexplained <= 7.7 * spread * widened)
  const atOf = (index: number) => points[index]?.at ?? 0
  const found = {
    at: atOf(middle(tried, best.unexplained, 2 * spread * widened) ?? best.index),
    day: 0,
    earliest: atOf(Math.min(...near.map(({ index }) => index))),
    latest: atOf(Math.max(...near.map(({ index }) => index))),
    change: best.change,
    error,
    z: error > 0 ? best.change / error : 0,
  }
  if (!family || Math.abs(found.z) < worthPlacing) return found
  const level = left.map(
    (each, place) => (values[place] ?? 0) - each - (place < best.index ? 0 : best.change),
  )
  const mean = dot(level, ones(count), weights) / count
  return { ...found, ...placeOf(points, family, { wave: level.map((each) => each - mean), fewest }) }
}

/** A change of fewer standard errors is nobody's finding: its place need not be known closely. */
const worthPlacing = 2.5

const ones = (count: number): number[] => Array.from({ length: count }, () => 1)

/** The place with as much likelihood before it as after it. */
function middle(tried: readonly { index: number; unexplained: number }[], least: number, unit: number) {
  const places = [...tried].sort((a, b) => a.index - b.index)
  const likelihoods = places.map(({ unexplained }) => (unit > 0 ? Math.exp((least - unexplained) / unit) : 0))
  let left = likelihoods.reduce((sum, each) => sum + each, 0) / 2
  return places.find((_, place) => {
    left -= likelihoods[place] ?? 0
    return left <= 0
  })?.index
}

/** The level, and the yearly wave where the series is long enough to show one. */
function covariates(
  points: readonly Point[],
  season: number | undefined,
  beside: readonly number[] | undefined,
): number[][] {
  const columns = [points.map(() => 1), ...(beside ? [[...beside]] : [])]
  const span = (points.at(-1)?.at ?? 0) - (points[0]?.at ?? 0)
  if (season === undefined || span < season / 2) return columns
  for (const harmonic of span < season ? [1] : [1, 2])
    for (const wave of [Math.sin, Math.cos])
      columns.push(points.map(({ at }) => wave((2 * Math.PI * harmonic * at) / season)))
  return columns
}

/** Weights with a mean of 1. */
function scaled(weights: readonly number[]): number[] {
  const mean = weights.reduce((sum, weight) => sum + weight, 0) / weights.length
  return weights.map((weight) => (mean > 0 ? weight / mean : 1))
}

function dot(a: readonly number[], b: readonly number[], weights: readonly number[]): number {
  let sum = 0
  for (let place = 0; place < a.length; place++)
    sum += (a[place] ?? 0) * (b[place] ?? 0) * (weights[place] ?? 0)
  return sum
}

/** Gram and Schmidt; columns that add nothing are left out. */
function orthonormal(columns: readonly number[][], weights: readonly number[]): number[][] {
  const basis: number[][] = []
  for (const column of columns) {
    const rest = without(column, basis, weights)
    const size = dot(rest, rest, weights)
    if (size > 1e-9 * column.length) basis.push(rest.map((value) => value / Math.sqrt(size)))
  }
  return basis
}

/** What of a column the basis does not explain. */
function without(
  column: readonly number[],
  basis: readonly number[][],
  weights: readonly number[],
): number[] {
  const rest = [...column]
  for (const each of basis) {
    const share = dot(rest, each, weights)
    for (let place = 0; place < rest.length; place++)
      rest[place] = (rest[place] ?? 0) - share * (each[place] ?? 0)
  }
  return rest
}

/** First autocorrelation of weighted residuals, corrected for the length of the series, from 0 to 0.9. */
export function hangingTogether(
  residuals: readonly number[],
  weights: readonly number[],
  floor: number,
): number {
  const noise = residuals.map((value, place) => value * Math.sqrt(weights[place] ?? 0))
  let [own, next] = [0, 0]
  for (let place = 0; place < noise.length; place++) {
    own += (noise[place] ?? 0) ** 2
    if (place > 0) next += (noise[place] ?? 0) * (noise[place - 1] ?? 0)
  }
  const size = Math.max(own, floor ** 2 * noise.length)
  const found = size > 0 ? next / size : 0
  return Math.min(0.9, Math.max(0, found + (1 + 3 * found) / noise.length))
}
