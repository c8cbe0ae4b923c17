const z = 1.959963984540054

/** Wilson score interval (95 %) of a share; null without a denominator. Wilson (1927). */
export function wilson(numerator: number, denominator: number): [number, number] | null {
  if (denominator <= 0) return null
  const p = numerator / denominator
  const spread = z * Math.sqrt((p * (1 - p)) / denominator + z ** 2 / (4 * denominator ** 2))
  const centre = p + z ** 2 / (2 * denominator)
  const scale = 1 + z ** 2 / denominator
  return [Math.max(0, (centre - spread) / scale), Math.min(1, (centre + spread) / scale)]
}

/** Interval (95 %) of a count taken as Poisson: Byar's approximation to the exact limits. */
export function poisson(count: number): [number, number] {
  const upper = (count + 1) * (1 - 1 / (9 * (count + 1)) + z / (3 * Math.sqrt(count + 1))) ** 3
  const lower = count === 0 ? 0 : count * (1 - 1 / (9 * count) - z / (3 * Math.sqrt(count))) ** 3
  return [lower, upper]
}
