import { expect, test } from 'vitest'
import { extraOf, type Stay } from './price.ts'
import { testNoise } from './testNoise.ts'

const seeds = Array.from({ length: 200 }, (_, seed) => seed + 1)
const at = 2_860

/** A queue of a year and a half, cases by cases, of which `there` tells the length. */
function queue(seed: number, there: (week: number) => number): Stay[] {
  const noise = testNoise(seed)
  let [last, swing] = [there(-53), 0]
  return Array.from({ length: 78 }, (_, index) => {
    swing = 0.8 * swing + 4 * noise()
    const now = Math.max(0, there(index - 52) + swing)
    const stay = { week: at - 52 + index, came: 20, net: now - last, hours: 84 * (now + last) }
    last = now
    return stay
  })
}
const extra = (stays: Stay[]) => extraOf(stays, at, () => 1)

test('what a steady queue became longer by is the price of the change', () => {
  const truth = 26 * 168 * 40
  const found = seeds.map((seed) => extra(queue(seed, (week) => (week < 0 ? 60 : 100))).extra / truth)
  expect(found.filter((ratio) => Math.abs(ratio - 1) < 0.25).length).toBeGreaterThan(190)
})

test('a queue that grew all the year before goes on growing without any change', () => {
  for (const seed of seeds) {
    const { extra: found, spent } = extra(queue(seed, (week) => 10 + 5 * (week + 53)))
    expect(Math.abs(found)).toBeLessThan(0.1 * spent)
  }
  // and what is added to its growth is still seen
  const faster = seeds.map((seed) =>
    extra(queue(seed, (week) => 10 + 5 * (week + 53) + (week < 0 ? 0 : 10 * week))),
  )
  const truth = 168 * 10 * 12.5 * 26
  expect(faster.filter((each) => Math.abs(each.extra / truth - 1) < 0.25).length).toBeGreaterThan(190)
})
