import { expect, test } from 'vitest'
import { draw } from './draw.ts'
import type { Evidence } from './evidence.ts'
import { testNoise } from './testNoise.ts'

const [first, at, end] = [2_800, 2_878, 2_904]
const week = Array.from({ length: end - first }, (_, index) => first + index)
const districts = { north: 35, south: 15, east: 20, west: 30 }

/** A stage whose work takes `longer` (a logarithm) in some districts from a week on, with the hours it leads to. */
function evidenceOf(longer: Partial<Record<string, number>>): Evidence {
  const noise = testNoise(7)
  const about = { service: 'permits', stage: 'Review' }
  const parts = Object.entries(districts).map(([value, n]) => {
    const change = week.map((one) => (one < at ? 0 : (longer[value] ?? 0)))
    const touch = change.map((more) => n * (more + 0.05 * noise()))
    const hours = change.map((more) => n * 24 * (Math.exp(more) + 0.05 * noise()))
    return { value, n, touch, hours }
  })
  const added = (of: (part: (typeof parts)[number]) => number[]) =>
    week.map((_, index) => parts.reduce((sum, part) => sum + (of(part)[index] ?? 0), 0))
  const whole = { value: '', n: 100, touch: added(({ touch }) => touch), hours: added(({ hours }) => hours) }
  const rows = [whole, ...parts].map(({ n, ...row }) => {
    const dimension = row.value === '' ? '' : 'district'
    return { ...about, ...row, dimension, week, each: week.map(() => n), none: week.map(() => 0) }
  })
  return {
    visits: rows.map(({ each, none, ...row }) => ({
      ...row,
      visits: each,
      told: each,
      stays: none,
      stay: none,
    })),
    occupancy: rows.map(({ each, ...row }) => ({ ...row, came: each, went: each })),
    demand: rows.map(({ each, ...row }) => ({ ...row, cases: each })),
    ...{ edges: [], batches: [], servers: [], stays: [], pauses: [] },
  }
}
const found = (longer: Partial<Record<string, number>>) =>
  draw(evidenceOf(longer), (one) => Number(one >= at), end - 1)

test('two districts of four that became slower are one finding, which names them with their part of it', () => {
  const findings = found({ south: 0.6, east: 0.6 })
  expect(findings).toMatchObject([
    {
      kind: 'slower_stage',
      stage: 'Review',
      segment: null,
      whom: { dimension: 'district', usual_share: 0.35 },
    },
  ])
  expect(findings[0]?.whom?.values.toSorted()).toEqual(['east', 'south'])
  expect(findings[0]?.whom?.share).toBeGreaterThan(0.95)
})

test('one district is the group itself; all of them are no group', () => {
  expect(found({ south: 0.6 })).toMatchObject([
    { kind: 'segment', segment: { dimension: 'district', value: 'south' }, whom: null },
  ])
  expect(found({ north: 0.6, south: 0.6, east: 0.6, west: 0.6 })).toMatchObject([
    { kind: 'slower_stage', segment: null, whom: null },
  ])
  expect(found({})).toEqual([])
})
