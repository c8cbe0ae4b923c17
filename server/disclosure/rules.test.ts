import { assert, integer, property } from 'fast-check'
import { expect, test } from 'vitest'
import { publication } from '../../sql/publication.ts'
import type { Cell, Shown } from './cells.ts'
import { fewChanged, type Overlap, refuseSlivers } from './difference.ts'
import { mergedCategories } from './merge.ts'
import { primaryCells } from './primary.ts'
import { profileOf, strictest } from './profiles.ts'
import { averageMayBeShown, quantileMayBeShown } from './quantiles.ts'
import { shareIsSafe, shareShown } from './ratios.ts'
import { meaning, rounded } from './rounding.ts'

const named = (profile: 'low' | 'standard' | 'health' | 'education') =>
  profileOf({ profile, profiles: {} }, null)
const standard = named('standard')
const shown = (value: number): Shown => ({ hidden: false, value: rounded(value, 5) })

test('each service has its profile; a total over services is as strict as the strictest', () => {
  const given = publication.parse({
    profiles: { clinics: 'health', schools: 'education' },
    custom: { k: 20, base: 10 },
  })
  expect(profileOf(given, 'permits')).toEqual({ name: 'standard', k: 8, base: 5, zeros_tell: false })
  expect(
    strictest([profileOf(given, 'permits'), profileOf(given, 'clinics'), profileOf(given, 'schools')]),
  ).toEqual({
    name: 'health',
    k: 11,
    base: 5,
    zeros_tell: true,
  })
  expect(profileOf({ ...given, profile: 'custom' }, null)).toEqual({
    name: 'custom',
    k: 20,
    base: 10,
    zeros_tell: false,
  })
  expect(() => profileOf(publication.parse({ profile: 'custom' }), null)).toThrow(
    /publication\.custom does not say its numbers/,
  )
})

test('what is rounded means every count that is rounded to it, and no other', () => {
  assert(
    property(
      integer({ min: 3, max: 400 }),
      integer({ min: 3, max: 12 }),
      integer({ min: 0, max: 3 }),
      (count, k, which) => {
        const profile = { ...standard, k, base: [1, 3, 5, 10][which] ?? 5 }
        if (count < k) return
        const value = rounded(count, profile.base)
        const [low, high] = meaning({ hidden: false, value }, profile)
        const alike = Array.from({ length: 500 }, (_, one) => one).filter(
          (one) => one >= k && rounded(one, profile.base) === value,
        )
        expect([low, high]).toEqual([alike[0], alike.at(-1)])
      },
    ),
  )
})

test('where zeros tell, nobody and everybody of a group are hidden, but not the nothing of an empty group', () => {
  const profile = named('education')
  const cell = (id: string, value: number): Cell => ({ id, value, profile })
  const cells = [
    ...[cell('a', 40), cell('a yes', 40), cell('a no', 0)],
    ...[cell('b', 0), cell('b yes', 0), cell('b no', 0)],
    ...[cell('c', 40), cell('c yes', 25), cell('c no', 15)],
  ]
  const sums = ['a', 'b', 'c'].map((total) => ({ total, parts: [`${total} yes`, `${total} no`] }))
  expect([...primaryCells(cells, sums).keys()]).toEqual(['a yes', 'a no'])
})

test('a sum of amounts is hidden when few give to it, or two give nearly all', () => {
  const paid = (id: string, value: number, n: number, ...largest: [number, number]): Cell => ({
    id,
    value,
    profile: standard,
    amounts: { n, largest },
  })
  const cells = [
    paid('few', 700, 7, 100, 100),
    paid('two', 1000, 30, 800, 120),
    paid('close', 1000, 30, 700, 240),
    paid('many', 1000, 30, 100, 90),
  ]
  expect([...primaryCells(cells, [])]).toEqual([
    ['few', 'small'],
    ['two', 'dominated'],
    ['close', 'dominated'],
  ])
})

test('a share says nothing that its published parts do not say', () => {
  const counts = integer({ min: 8, max: 120 })
  assert(
    property(counts, counts, counts, counts, (a, b, c, d) => {
      const [one, other] = [
        [Math.min(a, b), Math.max(a, b)],
        [Math.min(c, d), Math.max(c, d)],
      ].map(([part = 0, all = 0]) => ({
        parts: [shown(part), shown(all)] as const,
        share: shareShown(shown(part), shown(all), standard),
      })) as [{ parts: unknown; share: unknown }, { parts: unknown; share: unknown }]
      if (JSON.stringify(one.parts) === JSON.stringify(other.parts)) expect(one.share).toEqual(other.share)
    }),
  )
  expect(shareShown({ hidden: true }, shown(50), standard)).toEqual({ hidden: true })
  expect(shareShown({ hidden: false, value: 10, frozen: true }, shown(50), standard)).toEqual({
    hidden: true,
  })
  expect(shareShown(shown(0), shown(0), standard)).toEqual({ hidden: false, value: null, coded: null })
  expect(shareShown(shown(98), shown(99), named('education'))).toEqual({
    hidden: false,
    value: 0.95,
    coded: 'top',
  })
  expect([
    shareIsSafe(0, 8, standard),
    shareIsSafe(3, 40, standard),
    shareIsSafe(37, 40, standard),
    shareIsSafe(0, 7, standard),
  ]).toEqual([true, false, false, false])
})

test('a median needs k, a quantile five beyond it; the ends are never shown', () => {
  expect([averageMayBeShown(shown(8), standard), averageMayBeShown({ hidden: true }, standard)]).toEqual([
    true,
    false,
  ])
  const allowed = (n: number, q: number) => quantileMayBeShown(shown(n), q, standard)
  // 55 means 53 and more, 50 may mean 48
  expect([
    allowed(55, 0.9),
    allowed(50, 0.9),
    allowed(105, 0.95),
    allowed(95, 0.95),
    allowed(10, 0.5),
  ]).toEqual([true, false, true, false, true])
  expect([allowed(10_000, 0), allowed(10_000, 1)]).toEqual([false, false])
})

test('the smallest categories become one other where that hides clearly less; what is published stays as it is', () => {
  const line = (north: number, south: number, east: number, west: number) => ({
    profile: standard,
    counts: { north, south, east, west },
  })
  const lines = [line(40, 30, 5, 4), line(60, 20, 3, 6), line(50, 25, 6, 7)]
  const districts = ['north', 'south', 'east', 'west']
  expect(mergedCategories(districts, lines)).toEqual(['east', 'west'])
  // published by themselves, merging hides nothing
  expect(mergedCategories(districts, lines, { apart: ['east'], merged: [] })).toEqual(['south', 'west'])
  expect(mergedCategories(districts, lines, { apart: districts, merged: [] })).toEqual([])
  // published merged, it stays so
  expect(
    mergedCategories(districts, [line(40, 30, 20, 20)], { apart: [], merged: ['east', 'west'] }),
  ).toEqual(['east', 'west'])
  // for the sake of one figure of many nothing is merged
  expect(
    mergedCategories(districts, [line(40, 30, 20, 4), line(40, 30, 20, 14), line(40, 30, 20, 14)]),
  ).toEqual([])
})

test('new districts are refused for periods published by the old ones when few people stand between them', () => {
  const overlap = (before: string, after: string, count: number, period = '2026-Q1'): Overlap => ({
    before,
    after,
    period,
    count,
    profile: standard,
  })
  const good = [
    overlap('north', 'north', 5),
    overlap('old town', 'centre', 60),
    overlap('south', 'centre', 8),
  ]
  expect(() => refuseSlivers(good)).not.toThrow()
  expect(() => refuseSlivers([...good, overlap('south', 'south bank', 4)])).toThrow(
    /few people stand in both south and south bank in 2026-Q1/,
  )
})

test('exact figures that changed by a few since the release before are named', () => {
  const cell = (id: string, value: number, base: number): Cell => ({
    id,
    value,
    profile: { ...standard, base },
  })
  const said = (value: number) => [{ hidden: false as const, value }]
  const earlier = new Map([
    ['exact', said(50)],
    ['same', said(50)],
    ['rounded', said(50)],
  ])
  expect(fewChanged([cell('exact', 52, 1), cell('same', 50, 1), cell('rounded', 53, 5)], earlier)).toEqual([
    'exact',
  ])
})
