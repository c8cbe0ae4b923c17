import { assert, integer, property } from 'fast-check'
import { expect, test } from 'vitest'
import { publication } from '../../sql/publication.ts'
import type { Cell, Shown } from './cells.ts'
import { fewChanged, regrouped } from './difference.ts'
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

test('periods that were told are told by the same districts and channels again', () => {
  const cells = (counts: Record<string, number>, part = 'district') =>
    Object.entries(counts).map(
      ([name, value]): Cell => ({ id: `received|permits|${part} ${name}|2026-Q1`, value, profile: standard }),
    )
  const said = (counts: Record<string, number | null>, part = 'district') =>
    new Map(
      Object.entries(counts).map(([name, value]): [string, Shown[]] => [
        `received|permits|${part} ${name}|2026-Q1`,
        [value === null ? { hidden: true } : { hidden: false, value }],
      ]),
    )
  const told = said({ north: 50, south: 40, island: null, harbour: 0, '': 10 })
  const same = { north: 47, south: 43, island: 4 }
  // harbour had nobody, and who was of no district has one now
  expect(regrouped(cells(same), told)).toEqual([])
  expect(regrouped(cells({ ...same, harbour: 3, hill: 0, '': 2 }), told)).toEqual([])
  const at = { by: 'district', service: 'permits', period: '2026-Q1' }
  expect(regrouped(cells({ north: 47, south: 43, hill: 4 }), told)).toEqual([
    { ...at, gone: ['island'], added: ['hill'] },
  ])
  // another service, period or way to divide was not told
  expect(regrouped(cells({ online: 47 }, 'channel'), told)).toEqual([])
  expect(regrouped(cells({ fax: 47, online: 5 }, 'channel'), said({ online: 50 }, 'channel'))).toEqual([
    { ...at, by: 'channel', gone: [], added: ['fax'] },
  ])
})

test('exact figures that a few came to or left since they were told are named, and so is the rest of a share', () => {
  const cell = (id: string, value: number, base = 1): Cell => ({ id, value, profile: { ...standard, base } })
  const told = new Map([
    ['a few more', 52],
    ['few less', 48],
    ['the same', 50],
    ['many more', 58],
    ['rounded', 53],
    ['repeated', 45],
    ['was rounded', 52],
    ['due', 70],
    ['on time', 61],
    ['late', 9],
  ])
  const cells = [...told].map(([id, value]) => cell(id, value, id === 'rounded' ? 5 : 1))
  const shownNow = new Map(
    cells.map(({ id, value, profile }): [string, Shown] => [
      id,
      id === 'repeated'
        ? { hidden: false, value: 50, frozen: true }
        : { hidden: false, value: rounded(value, profile.base) },
    ]),
  )
  const earlier = new Map(
    [...told.keys()].filter((id) => id !== 'late').map((id) => [id, [{ hidden: false as const, value: 50 }]]),
  )
  earlier.set('due', [{ hidden: false, value: 60 }])
  const sums = [{ total: 'due', parts: ['on time', 'late'], share: true as const }]
  const found = fewChanged(cells, sums, shownNow, earlier, ({ id }) => id !== 'was rounded')
  expect(found).toEqual([
    { id: 'a few more', before: 50, now: 52 },
    { id: 'few less', before: 50, now: 48 },
    { id: 'late', before: 10, now: 9 },
  ])
})
