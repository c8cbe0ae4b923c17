import { expect, test } from 'vitest'
import { type Point, stepOf } from './step.ts'
import { testNoise } from './testNoise.ts'

function series(seed: number, options: { step?: number; at?: number; follows?: number; wave?: number } = {}) {
  const { step = 0, at = 60, follows = 0, wave = 0 } = options
  const draw = testNoise(seed)
  let last = draw()
  return Array.from({ length: 104 }, (_, week): Point => {
    last = follows * last + Math.sqrt(1 - follows ** 2) * draw()
    const season = wave * Math.cos((2 * Math.PI * week) / 52.18)
    return { at: 2_800 + week, value: last + season + (week >= at ? step : 0), weight: 50 }
  })
}
const seeds = Array.from({ length: 400 }, (_, seed) => seed + 1)

test('a step is found within two weeks in 9 of 10 seeds, with its size, and its interval holds it in 95 of 100', () => {
  const found = seeds.map((seed) => stepOf(series(seed, { step: 2 })))
  expect(found.filter((step) => step && Math.abs(step.at - 2_860) <= 2).length).toBeGreaterThan(360)
  expect(
    found.filter((step) => step && step.earliest <= 2_860 && step.latest >= 2_860).length,
  ).toBeGreaterThan(380)
  expect(found.filter((step) => step && Math.abs(step.change - 2) < 2 * step.error).length).toBeGreaterThan(
    370,
  )
  expect(found.filter((step) => step && step.z > 4.5).length).toBeGreaterThan(320)
})

test('noise, noise that hangs together and a yearly wave are hardly ever a step', () => {
  const alarms = (options: Parameters<typeof series>[1], season?: number) =>
    seeds.filter((seed) => Math.abs(stepOf(series(seed, options), season ? { season } : {})?.z ?? 0) > 4.5)
      .length
  expect(alarms({})).toBeLessThanOrEqual(2)
  expect(alarms({ follows: 0.5 })).toBeLessThanOrEqual(8)
  expect(alarms({ wave: 2 }, 52.18)).toBeLessThanOrEqual(2)
})

test('a series without noise is no proof of more than its floor allows', () => {
  const points = Array.from({ length: 20 }, (_, at): Point => ({ at, value: at < 10 ? 4 : 3, weight: 1 }))
  const step = stepOf(points, { floor: 0.5 })
  expect(step).toMatchObject({ at: 10, change: expect.closeTo(-1) })
  expect(step?.z).toBeCloseTo(-1 / (0.5 * Math.sqrt(1 / 10 + 1 / 10)), 0)
})

test('too few points say nothing', () => {
  expect(stepOf([])).toBeNull()
  expect(stepOf(series(1).slice(0, 7))).toBeNull()
})
