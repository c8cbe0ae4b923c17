import { expect, test } from 'vitest'
import { Random } from '../fixtures/city/random.ts'
import { chanceOf, type Interval, medianRanks, poisson, standOut, wilson } from './intervals.ts'

/** The chance of each count of n, by the logarithms of factorials. */
function binomial(n: number, p: number): number[] {
  const logs = [0]
  for (let k = 1; k <= n; k += 1) logs.push((logs[k - 1] ?? 0) + Math.log(k))
  const log = (k: number) => logs[k] ?? 0
  return Array.from({ length: n + 1 }, (_, k) =>
    Math.exp(log(n) - log(k) - log(n - k) + k * Math.log(p) + (n - k) * Math.log1p(-p)),
  )
}
const holds = (interval: Interval | null, value: number) =>
  interval !== null && interval[0] <= value && value <= interval[1]
const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
const shares = Array.from({ length: 37 }, (_, step) => 0.05 + step * 0.025)

test('intervals of shares hold the true share in 94 to 96.5 of 100, exactly counted over all outcomes', () => {
  for (const n of [10, 20, 50, 100, 300, 1000]) {
    const coverage = shares.map((p) =>
      binomial(n, p).reduce((sum, chance, k) => sum + (holds(wilson(k, n), p) ? chance : 0), 0),
    )
    expect(meanOf(coverage), `n = ${n}`).toBeGreaterThan(0.94)
    expect(meanOf(coverage), `n = ${n}`).toBeLessThan(0.965)
  }
})

test('the ranks around a median are those of the binomial or one further out, and hold it in 93 to 97 of 100', () => {
  let further = 0
  for (let n = 1; n <= 400; n += 1) {
    const chances = binomial(n, 0.5)
    let [below, exact] = [0, 0]
    while (below + (chances[exact] ?? 0) <= 0.025) below += chances[exact++] ?? 0
    const [low = 0, high = n + 1] = medianRanks(n) ?? []
    expect(low + high, `n = ${n}`).toBe(n + 1)
    expect([exact, exact - 1], `n = ${n}`).toContain(low)
    if (low < exact) further += 1
  }
  expect(further).toBeLessThan(20)
  const random = new Random('medians')
  const coverage = [12, 25, 60, 200].map((n) => {
    let held = 0
    for (let round = 0; round < 3000; round += 1) {
      const waits = Array.from({ length: n }, () => random.logNormal(5, 1)).sort((a, b) => a - b)
      const [low = 1, high = n] = medianRanks(n) ?? []
      if (holds([waits[low - 1] ?? 0, waits[high - 1] ?? 0], 5)) held += 1
    }
    return held / 3000
  })
  expect(Math.min(...coverage)).toBeGreaterThan(0.93)
  expect(meanOf(coverage)).toBeLessThan(0.97)
})

test('intervals of counts hold the true mean in 94 to 97 of 100', () => {
  const coverage = [3, 8, 20, 60, 150].map((mean) => {
    let [sum, chance] = [0, Math.exp(-mean)]
    for (let k = 0; k < mean * 4 + 30; k += 1) {
      if (holds(poisson(k), mean)) sum += chance
      chance *= mean / (k + 1)
    }
    return sum
  })
  expect(meanOf(coverage)).toBeGreaterThan(0.94)
  expect(meanOf(coverage)).toBeLessThan(0.97)
})

test('among many comparisons without a difference hardly one stands out, and large ones are found', () => {
  expect(chanceOf(1.959964)).toBeCloseTo(0.05, 6)
  expect(chanceOf(0)).toBeCloseTo(1, 6)
  const random = new Random('comparisons')
  const quiet = Array.from({ length: 1000 }, () =>
    standOut(Array.from({ length: 12 }, () => chanceOf(random.normal()))),
  )
  expect(quiet.filter((found) => found.size > 0).length / 1000).toBeLessThan(0.065)
  expect([...standOut([0.4, 0.001, 0.04, 0.004, 0.9])].sort()).toEqual([1, 3])
})
