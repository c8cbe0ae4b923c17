import { expect, test } from 'vitest'
import { Random } from '../fixtures/city/random.ts'
import { shareOf, standardise } from './standardise.ts'

const level = (numerator: number, n: number) => {
  const share = shareOf(numerator, n)
  if (!share) throw new Error('no cases')
  return share
}

test('what looks worse may be better service by service: the gap turns round once the mix is the same', () => {
  // the harbour has many hard permits, the rest of the city many easy repairs
  const repairs = { weight: 1000, own: level(92, 100), reference: level(810, 900) }
  const permits = { weight: 500, own: level(160, 400), reference: level(30, 100) }
  const raw = (92 + 160) / 500 - (810 + 30) / 1000
  expect(raw).toBeCloseTo(-0.336, 12)
  const adjusted = standardise([repairs, permits])
  // two thirds repairs, one third permits: 0.02 * 2/3 + 0.1 * 1/3
  expect(adjusted?.absolute).toBeCloseTo(0.14 / 3, 12)
  expect(adjusted?.ratio).toBeCloseTo((0.92 * 2 + 0.4) / (0.9 * 2 + 0.3), 12)
  expect(standardise([])).toBeNull()
})

test('the interval of an adjusted gap holds the true one in 94 to 96.5 of 100', () => {
  const random = new Random('gaps')
  const draw = (n: number, p: number) => {
    let count = 0
    for (let one = 0; one < n; one += 1) if (random.chance(p)) count += 1
    return level(count, n)
  }
  const truth = 0.7 * (0.8 - 0.7) + 0.3 * (0.4 - 0.45)
  const rounds = 2000
  let held = 0
  for (let round = 0; round < rounds; round += 1) {
    const gap = standardise([
      { weight: 70, own: draw(80, 0.8), reference: draw(300, 0.7) },
      { weight: 30, own: draw(60, 0.4), reference: draw(100, 0.45) },
    ])
    if (gap && gap.interval[0] <= truth && truth <= gap.interval[1]) held += 1
  }
  expect(held / rounds).toBeGreaterThan(0.94)
  expect(held / rounds).toBeLessThan(0.965)
})

test('a plain gap and ratio of two shares hold the true ones in 94 to 96.5 of 100', () => {
  const random = new Random('two shares')
  const draw = (n: number, p: number) => {
    let count = 0
    for (let one = 0; one < n; one += 1) if (random.chance(p)) count += 1
    return level(count, n)
  }
  const held = { gap: 0, ratio: 0, all: 0 }
  for (const [n, m] of [
    [40, 60],
    [30, 150],
    [100, 100],
  ] as const)
    for (const [p, q] of [
      [0.2, 0.3],
      [0.5, 0.5],
      [0.85, 0.7],
      [0.6, 0.9],
    ] as const)
      for (let round = 0; round < 500; round += 1) {
        const gap = standardise([{ weight: 1, own: draw(n, p), reference: draw(m, q) }])
        held.all += 1
        if (gap && gap.interval[0] <= p - q && p - q <= gap.interval[1]) held.gap += 1
        const ratio = gap?.ratio_interval
        if (ratio && ratio[0] <= p / q && p / q <= ratio[1]) held.ratio += 1
      }
  for (const what of ['gap', 'ratio'] as const) {
    expect(held[what] / held.all, what).toBeGreaterThan(0.94)
    expect(held[what] / held.all, what).toBeLessThan(0.965)
  }
})
