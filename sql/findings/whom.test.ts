import { expect, test } from 'vitest'
import { besideChange } from './price.ts'
import { testNoise } from './testNoise.ts'
import { whomOf } from './whom.ts'

const at = 2_860
const seeds = Array.from({ length: 200 }, (_, seed) => seed + 1)
const districts = { north: 30, south: 10, east: 20, west: 25, centre: 15 }

/** A year and a half of a stage: cases take a day and swing, and from a week on `longer` days more in some districts. */
function found(seed: number, longer: Partial<Record<keyof typeof districts, number>>, more = 1) {
  const noise = testNoise(seed)
  const groups = Object.entries(districts).map(([value, cases]) => {
    const stays = Array.from({ length: 78 }, (_, index) => {
      const week = at - 52 + index
      const extra = week < at ? 0 : (longer[value as keyof typeof districts] ?? 0)
      const came = week < at || !extra ? cases : cases * more
      return { week, came, net: noise(), hours: 24 * came * (1 + extra + 0.2 * noise()) }
    })
    return { dimension: 'district', value, weeks: besideChange(stays, at) }
  })
  return whomOf(groups, { at, inPeriod: () => 1, of: more === 1 ? 'hours' : 'cases' })
}

test('the districts that lost the hours are named, with their part of them and of the cases', () => {
  const named = seeds.map((seed) => found(seed, { east: 1 }))
  expect(named.filter((whom) => whom?.values.join() === 'east').length).toBeGreaterThan(195)
  expect(found(1, { east: 1 })).toMatchObject({ dimension: 'district', usual_share: 0.2 })
  expect(found(1, { east: 1 })?.share).toBeGreaterThan(0.8)
  const two = seeds.map((seed) => found(seed, { south: 1, east: 1 })?.values.toSorted().join())
  expect(two.filter((values) => values === 'east,south').length).toBeGreaterThan(195)
})

test('of more people who ask, those are named who ask', () => {
  const whom = found(1, { south: 1 }, 1.5)
  expect(whom).toMatchObject({ values: ['south'], share: 1 })
  expect(whom?.usual_share).toBeCloseTo(0.1)
})

test('what hits all alike names hardly ever anybody', () => {
  const all = { north: 0.3, south: 0.3, east: 0.3, west: 0.3, centre: 0.3 }
  expect(seeds.filter((seed) => found(seed, all)).length).toBeLessThanOrEqual(1)
  expect(seeds.filter((seed) => found(seed, {})).length).toBeLessThanOrEqual(1)
})
