import { around, type Estimate, errorOf, type Interval, wilson, z } from './intervals.ts'

/** One service (or kind of case) in a group and in what it is compared with, and the weight it has in the mix of all. */
export type Pair = { weight: number; own: Estimate; reference: Estimate }

export type Adjusted = {
  absolute: number
  interval: Interval
  /** The two levels at the same mix. */
  own: number
  reference: number
  /** Own level by reference level, at the same mix; null when there is nothing to divide by. */
  ratio: number | null
  ratio_interval: Interval | null
  /** How many standard errors the gap measures, by the side of its interval that looks to zero. */
  errors: number
}

/** A share as an estimate; null without cases. */
export function shareOf(numerator: number, denominator: number): Estimate | null {
  const interval = wilson(numerator, denominator)
  return interval && { value: numerator / denominator, interval }
}

/**
 * How far a group lies from its reference when both have the same mix of services: direct standardisation, sum of w (R_group - R_reference)
 * with the mix of all as weights, scaled to 1 over the services that can be compared. Interval of the gap: from those of its parts, MOVER
 * for a sum (Zou and Donner 2008); for shares it is the stratified score interval of Yan and Su (2010). Interval of the ratio: delta method on
 * the log scale. Null when there is nothing to compare.
 */
export function standardise(pairs: readonly Pair[]): Adjusted | null {
  const all = pairs.reduce((sum, { weight }) => sum + weight, 0)
  if (all <= 0) return null
  const sum = (of: (pair: Pair) => number) =>
    pairs.reduce((total, pair) => total + (pair.weight / all) * of(pair), 0)
  const reach = (of: (pair: Pair) => number) =>
    Math.hypot(...pairs.map((pair) => (pair.weight / all) * of(pair)))
  const [own, reference] = [sum((pair) => pair.own.value), sum((pair) => pair.reference.value)]
  const absolute = own - reference
  const below = Math.hypot(
    reach(({ own }) => own.value - own.interval[0]),
    reach(({ reference }) => reference.interval[1] - reference.value),
  )
  const above = Math.hypot(
    reach(({ own }) => own.interval[1] - own.value),
    reach(({ reference }) => reference.value - reference.interval[0]),
  )
  const toZero = (absolute > 0 ? below : above) / z
  const divisible = own > 0 && reference > 0
  const logError = Math.hypot(
    reach((pair) => errorOf(pair.own.interval)) / own,
    reach((pair) => errorOf(pair.reference.interval)) / reference,
  )
  const [low, high] = around(divisible ? Math.log(own / reference) : 0, logError)
  return {
    absolute,
    interval: [absolute - below, absolute + above],
    own,
    reference,
    ratio: reference > 0 ? own / reference : null,
    ratio_interval: divisible ? [Math.exp(low), Math.exp(high)] : null,
    errors: toZero > 0 ? absolute / toZero : 0,
  }
}
