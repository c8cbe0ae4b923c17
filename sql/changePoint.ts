/** A rise of less than one per cent (in logarithms) is none. */
const smallestRise = 0.01

/** One week of waits at a stage: how many, and the sum of the logarithms of their seconds. */
export type Week = { week: string; n: number; log_sum: number }

/**
 * The Monday on which the level of a weekly series rose for good: the split in two levels that explains most of the
 * squared deviation, each side at least four weeks. Weights are the cases of a week; levels are means of logarithms,
 * so a few very long waits do not decide. Null when no rise stands out (less than a fifth of the deviation explained).
 */
export function riseOf(weeks: readonly Week[]): string | null {
  const fewest = 4
  if (weeks.length < 2 * fewest) return null
  const total = sumOf(weeks)
  const mean = total.log / total.n
  const deviation = weeks.reduce((sum, { n, log_sum }) => sum + n * (log_sum / n - mean) ** 2, 0)
  let best: { week: string; explained: number } | null = null
  const before = { n: 0, log: 0 }
  for (const [index, { week, n, log_sum }] of weeks.entries()) {
    if (index >= fewest && index <= weeks.length - fewest) {
      const after = { n: total.n - before.n, log: total.log - before.log }
      const [low, high] = [before.log / before.n, after.log / after.n]
      const explained = before.n * (low - mean) ** 2 + after.n * (high - mean) ** 2
      if (high - low > smallestRise && explained > (best?.explained ?? 0)) best = { week, explained }
    }
    before.n += n
    before.log += log_sum
  }
  return best && deviation > 0 && best.explained / deviation >= 0.2 ? best.week : null
}

const sumOf = (weeks: readonly Week[]) =>
  weeks.reduce((sum, { n, log_sum }) => ({ n: sum.n + n, log: sum.log + log_sum }), { n: 0, log: 0 })
