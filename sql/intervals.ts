/** Half the width of a 95 % interval in standard errors. */
export const z = 1.959963984540054

export type Interval = [low: number, high: number]

/** Wilson score interval (95 %) of a share; null without a denominator. Wilson (1927). The denominator may be a fraction. */
export function wilson(numerator: number, denominator: number): Interval | null {
  if (denominator <= 0) return null
  const p = numerator / denominator
  const spread = z * Math.sqrt((p * (1 - p)) / denominator + z ** 2 / (4 * denominator ** 2))
  const centre = p + z ** 2 / (2 * denominator)
  const scale = 1 + z ** 2 / denominator
  return [Math.max(0, (centre - spread) / scale), Math.min(1, (centre + spread) / scale)]
}

/** Interval (95 %) of a count taken as Poisson: Byar's approximation to the exact limits. */
export function poisson(count: number): Interval {
  const upper = (count + 1) * (1 - 1 / (9 * (count + 1)) + z / (3 * Math.sqrt(count + 1))) ** 3
  const lower = count === 0 ? 0 : count * (1 - 1 / (9 * count) - z / (3 * Math.sqrt(count))) ** 3
  return [lower, upper]
}

/** A value with its own 95 % interval. */
export type Estimate = { value: number; interval: Interval }

/**
 * The places (from 1) of the two cases, in order of size, between which the median of all lies with at least 95 % certainty, whatever
 * the distribution; null below 6 cases. Conover (1999): the ranks of the binomial with a half by its normal approximation, now and then one
 * rank further out than the exact ones. The SQL of gaps has the same formula.
 */
export function medianRanks(n: number): Interval | null {
  const low = Math.floor((n + 1) / 2 - (z * Math.sqrt(n)) / 2)
  return low < 1 ? null : [low, n + 1 - low]
}

/** How large the error of an estimate is, told by the width of its 95 % interval; for a median: McKean and Schrader (1984). */
export const errorOf = ([low, high]: Interval): number => (high - low) / (2 * z)

/** The 95 % interval of an estimate with a normal error. */
export const around = (value: number, error: number): Interval => [value - z * error, value + z * error]

/** How often chance alone goes at least so many standard errors astray, to either side: Abramowitz and Stegun (1964), 26.2.17. */
export function chanceOf(errors: number): number {
  const x = Math.abs(errors)
  const t = 1 / (1 + 0.2316419 * x)
  const series =
    t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
  return Math.min(1, (2 * Math.exp((-x * x) / 2) * series) / Math.sqrt(2 * Math.PI))
}

/**
 * Which of many comparisons stand out when at most one in twenty of those told shall be false: Benjamini and Hochberg (1995). The places
 * of the chances given.
 */
export function standOut(chances: readonly number[], falseShare = 0.05): Set<number> {
  const order = chances.map((chance, index) => ({ chance, index })).sort((a, b) => a.chance - b.chance)
  const last = order.findLastIndex(({ chance }, rank) => chance <= (falseShare * (rank + 1)) / order.length)
  return new Set(order.slice(0, last + 1).map(({ index }) => index))
}
