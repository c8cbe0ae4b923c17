import { expect, test } from 'vitest'
import { Random } from '../fixtures/city/random.ts'
import { type DayOfWait, waitCurve } from './breakPoint.ts'

const logistic = (x: number) => 1 / (1 + Math.exp(-x))

/** People who answered, by the days they waited: about two weeks, some of them much longer. */
function answers(seed: string, people: number, satisfied: (day: number) => number): DayOfWait[] {
  const random = new Random(seed)
  const rows = new Map<number, DayOfWait>()
  for (let person = 0; person < people; person += 1) {
    const day = Math.floor(random.exponential(12) + random.exponential(6))
    const row = rows.get(day) ?? { day, answered: 0, satisfied: 0 }
    row.answered += 1
    if (random.chance(satisfied(day))) row.satisfied += 1
    rows.set(day, row)
  }
  return [...rows.values()]
}
const seeds = Array.from({ length: 100 }, (_, seed) => `${seed}`)

test.each([
  ['a sudden drop', (day: number) => (day <= 12 ? 0.85 : 0.65)],
  ['a drop that goes on', (day: number) => logistic(day <= 12 ? 1.7 : 0.8 - 0.05 * (day - 12))],
  ['a slow fall', (day: number) => logistic(1.7 - 0.1 * Math.max(0, day - 12))],
])('%s after day 12 is recovered within its interval in 95 of 100 seeds', (name, satisfied) => {
  const found = seeds.map((seed) => waitCurve(answers(`${name}/${seed}`, 4000, satisfied))?.break?.interval)
  const held = found.filter((interval) => interval && interval[0] <= 12 && 12 <= interval[1])
  expect(held.length).toBeGreaterThanOrEqual(95)
  const widths = found.map((interval) => (interval ? interval[1] - interval[0] : 100)).sort((a, b) => a - b)
  expect(widths[50]).toBeLessThanOrEqual(14)
})

test.each([
  ['no fall', () => 0.7],
  ['a steady fall', (day: number) => logistic(2.2 - 0.08 * day)],
  ['a fall that slows', (day: number) => logistic(2 - 0.5 * Math.log1p(day))],
])('%s has no break in 95 of 100 seeds, few people or many', (name, satisfied) => {
  for (const people of [300, 3000]) {
    const found = seeds.map((seed) => waitCurve(answers(`${name}/${people}/${seed}`, people, satisfied)))
    expect(found.filter((curve) => curve?.break).length, `${people} people`).toBeLessThanOrEqual(5)
  }
})

test('few answers, or one day of wait, say nothing; all alike is flat', () => {
  expect(waitCurve([])).toBeNull()
  expect(waitCurve([{ day: 3, answered: 500, satisfied: 400 }])).toBeNull()
  expect(waitCurve([1, 2].map((day) => ({ day, answered: 20, satisfied: 10 })))).toBeNull()
  const all = waitCurve([1, 2, 3, 40].map((day) => ({ day, answered: 50, satisfied: 50 })))
  expect(all).toMatchObject({ shape: 'flat', break: null })
  expect(all?.points.map(({ day, share }) => [day, share])).toEqual([1, 2, 3, 40].map((day) => [day, 1]))
})

test('where nobody waited the break may lie on any day', () => {
  const days = [1, 2, 3, 4, 5, 6, 9, 10, 11, 12, 13, 14]
  const gap = days.map((day) => ({ day, answered: 400, satisfied: day < 7 ? 360 : 200 }))
  expect(waitCurve(gap)?.break).toMatchObject({ day: 6, interval: [6, 8], before: { share: 0.9 } })
})
