/**
 * Which points of a series are more than chance: XmR chart with the four rules of NHS England's Making Data Count
 * (outside the limits, 7 on one side of the mean, 7 rising or falling, 2 of 3 beyond two thirds of a limit).
 */
export type Rule = 'outside_limits' | 'shift' | 'trend' | 'two_of_three'
export type Limits = { mean: number; lower: number; upper: number; trial: boolean }
export type Signal = { index: number; rule: Rule; side: 'high' | 'low' }

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

/** Mean plus and minus 2.66 mean moving ranges; ranges above 3.267 times their mean are left out. Null below 3 points. */
export function limitsOf(values: readonly number[]): Limits | null {
  if (values.length < 3) return null
  const ranges = values.slice(1).map((value, index) => Math.abs(value - (values[index] ?? value)))
  const screened = ranges.filter((range) => range <= 3.267 * mean(ranges))
  const width = 2.66 * mean(screened.length > 0 ? screened : ranges)
  const centre = mean(values)
  return { mean: centre, lower: centre - width, upper: centre + width, trial: values.length < 12 }
}

/** The points that break a rule, with the side on which they lie. */
export function signalsOf(values: readonly number[], limits: Limits): Signal[] {
  const found: Signal[] = []
  const side = (value: number): 'high' | 'low' => (value > limits.mean ? 'high' : 'low')
  const within = (start: number, length: number) => values.slice(start, start + length)
  values.forEach((value, index) => {
    if (value > limits.upper || value < limits.lower)
      found.push({ index, rule: 'outside_limits', side: side(value) })
    if (index < 6) return
    const seven = within(index - 6, 7)
    if (seven.every((v) => v > limits.mean) || seven.every((v) => v < limits.mean))
      found.push({ index, rule: 'shift', side: side(value) })
    const steps = seven.slice(1).map((v, i) => v - (seven[i] ?? v))
    if (steps.every((step) => step > 0)) found.push({ index, rule: 'trend', side: 'high' })
    if (steps.every((step) => step < 0)) found.push({ index, rule: 'trend', side: 'low' })
  })
  values.forEach((value, index) => {
    if (index < 2) return
    const three = within(index - 2, 3)
    const far = (v: number) => Math.abs(v - limits.mean) > (2 / 3) * (limits.upper - limits.mean)
    const sameSide = three.filter((v) => far(v) && side(v) === side(value)).length
    if (far(value) && sameSide >= 2) found.push({ index, rule: 'two_of_three', side: side(value) })
  })
  return found.sort((a, b) => a.index - b.index)
}
