import { describe, expect, test } from 'vitest'
import { outsider } from '../../fixtures/disclosure/attacker.ts'
import { cross, flat, kinds, makeTable } from '../../fixtures/disclosure/tables.ts'
import { attack } from './attack.ts'
import type { Cell, Earlier, Shown, Sum } from './cells.ts'
import { profileOf } from './profiles.ts'
import { protect } from './protect.ts'
import { rounded } from './rounding.ts'

const nothing: Earlier = new Map()
const standard = profileOf({ profile: 'standard', profiles: {} }, null)
const viewOf = (
  cells: readonly Cell[],
  sums: readonly Sum[],
  shown: ReadonlyMap<string, Shown>,
  earlier = nothing,
) => ({
  shown,
  sums,
  profiles: new Map(cells.map(({ id, profile }) => [id, profile])),
  money: new Set(cells.filter(({ amounts }) => amounts).map(({ id }) => id)),
  earlier,
})

describe('seeded leaks are found', () => {
  test.each(kinds)(
    '%s: every cell hidden for others is needed, and missed when it is shown',
    async (kind) => {
      for (const round of [1, 2, 3]) {
        const { cells, sums } = makeTable(kind, `leak ${round}`, round !== 1)
        const { shown, why } = await protect({ cells, sums, earlier: nothing })
        const linked = cells.filter(({ id }) => why.get(id) === 'linked').slice(0, 4)
        for (const { id, value, profile } of linked) {
          const leaked = new Map(shown).set(id, { hidden: false, value: rounded(value, profile.base) })
          expect(
            (await attack(viewOf(cells, sums, leaked))).exposed,
            `${kind} ${round}: ${id} shown`,
          ).not.toEqual([])

          // the same cell shown by an earlier release
          const earlier: Earlier = new Map([[id, [{ hidden: false, value: rounded(value, profile.base) }]]])
          expect(
            (await attack(viewOf(cells, sums, shown, earlier))).exposed,
            `${kind} ${round}: ${id} said`,
          ).not.toEqual([])
        }
      }
    },
  )

  test('another format that holds the totals unrounded', async () => {
    let [exposed, tables] = [0, 0]
    for (let round = 0; round < 8; round++) {
      const { cells, sums } = makeTable('hierarchy', `formats ${round}`, true)
      const { shown } = await protect({ cells, sums, earlier: nothing })
      const exact = new Map(
        cells.map(({ id, value }) => {
          const now = shown.get(id) as Shown
          return [id, now.hidden ? now : { hidden: false as const, value, base: 1 }]
        }),
      )
      const profiles = viewOf(cells, sums, shown).profiles
      const told = [...outsider(exact, sums, profiles)].filter(
        ([id, [low, high]]) => high - low < (profiles.get(id)?.k ?? 0),
      )
      const found = new Set((await attack(viewOf(cells, sums, exact))).exposed)
      expect(told.filter(([id]) => !found.has(id))).toEqual([])
      tables++
      if (told.length > 0) exposed++
    }
    expect([tables, exposed > 2]).toEqual([8, true])
  })

  test('a share from exact parts, which tells its numerator', async () => {
    // 3 of 24 late: shown is 25, the share 12.5 % would tell 3
    const count = (id: string, value: number): Cell => ({ id, value, profile: standard })
    const cells = [count('due', 24), count('on time', 21), count('late', 3)]
    const sums: Sum[] = [{ total: 'due', parts: ['on time', 'late'], share: true }]
    const { shown } = await protect({ cells, sums, earlier: nothing })
    expect((await attack(viewOf(cells, sums, shown))).exposed).toEqual([])
    const leaked = new Map(shown)
      .set('due', { hidden: false, value: 24, base: 1 })
      .set('on time', { hidden: false, value: 21, base: 1 })
    const { exposed, proofs } = await attack(viewOf(cells, sums, leaked))
    expect([exposed, proofs.get('late')?.interval]).toEqual([['late'], [3, 3]])
  })

  test('rows of districts by two sets, of which one lies in the other but for a few', async () => {
    // the new district holds the old one and 4 people more
    const exactly = { ...standard, base: 1 }
    const count = (id: string, value: number): Cell => ({ id, value, profile: exactly })
    const cells = [count('new', 54), count('old', 50), count('between', 4)]
    const sums: Sum[] = [{ total: 'new', parts: ['old', 'between'] }]
    const shown = new Map<string, Shown>([
      ['new', { hidden: false, value: 54 }],
      ['old', { hidden: false, value: 50 }],
      ['between', { hidden: true }],
    ])
    const { exposed, proofs } = await attack(viewOf(cells, sums, shown))
    expect([exposed, proofs.get('between')?.interval]).toEqual([['between'], [4, 4]])
  })
})

test('the gate comes to the very intervals of the outsider', async () => {
  for (const kind of ['two ways', 'hierarchy', 'linked'] as const) {
    for (const round of [1, 2]) {
      const { cells, sums } = makeTable(kind, `same ${round}`, round === 1)
      // only the small ones hidden: many are exposed
      const shown = new Map(
        cells.map(({ id, value, profile }): [string, Shown] => [
          id,
          value > 0 && value < profile.k
            ? { hidden: true }
            : { hidden: false, value: rounded(value, profile.base) },
        ]),
      )
      const view = viewOf(cells, sums, shown)
      const { proofs } = await attack(view, { exact: true })
      const intervals = new Map([...proofs].map(([id, { interval }]) => [id, interval]))
      expect(intervals).toEqual(outsider(shown, sums, view.profiles))
    }
  }
})

test('a table of three ways where fractions leave room and whole numbers do not is exposed', async () => {
  const exactly = { ...standard, k: 3, base: 1 }
  for (let round = 0; round < 3; round++) {
    const { cells, sums } = cross('n', [flat('a', 2), flat('b', 2), flat('c', 3)], exactly, (at) =>
      at.join().length % 2 === round % 2 ? 1 : 2,
    )
    const shown = new Map(
      cells.map(({ id, value }): [string, Shown] => [
        id,
        value < 3 ? { hidden: true } : { hidden: false, value },
      ]),
    )
    const { exposed, proofs } = await attack(viewOf(cells, sums, shown))
    for (const id of exposed) {
      const [low, high] = proofs.get(id)?.interval ?? [0, 9]
      expect(high - low).toBeLessThan(3)
      expect(cells.find((cell) => cell.id === id)?.value).toSatisfy(
        (value: number) => low <= value && value <= high,
      )
    }
    expect(exposed.length).toBeGreaterThan(0)
  }
})

test('what cannot be true is refused', async () => {
  const count = (id: string): Cell => ({ id, value: 0, profile: standard })
  const shown = new Map<string, Shown>([
    ['all', { hidden: false, value: 50 }],
    ['a', { hidden: false, value: 20 }],
    ['b', { hidden: false, value: 20 }],
  ])
  const sums: Sum[] = [{ total: 'all', parts: ['a', 'b'] }]
  await expect(attack(viewOf(['all', 'a', 'b'].map(count), sums, shown))).rejects.toThrow(
    /No table fits everything published around all: a sum does not add up/,
  )
})
