import { attack } from './attack.ts'
import type { Cell, Earlier, Shown, Sum } from './cells.ts'
import { type Candidate, cover } from './cover.ts'
import { type Primary, primaryCells } from './primary.ts'
import { fits, rounded } from './rounding.ts'
import { solver } from './solver.ts'
import { rangeOf, systemOf, type View } from './system.ts'
import { Witnesses } from './witnesses.ts'

/**
 * Why a cell is hidden: few people, one or two that make nearly all of a sum, everybody or nobody, the counterpart of a small rest of a share, or that
 * others cannot be reckoned from it. Never published: outsiders must not tell which is which.
 */
export type Why = Primary | 'ratio' | 'linked'

export type Protected = {
  shown: Map<string, Shown>
  why: Map<string, Why>
  /** Hidden cells, of how many, and the share of all that is counted that stands in them, 0 to 1. */
  loss: { cells: number; of: number; share: number }
}

/** A release that would tell of single people whatever else is hidden. */
export class ExposedCellError extends Error {
  override name = 'ExposedCellError'
  constructor(
    readonly cell: string,
    readonly interval: readonly [number, number],
  ) {
    super(
      `The release cannot be made: ${inWords(cell)} is a number that must stay hidden, and from all that is published anybody could reckon that it is ` +
        `${interval[0] === interval[1] ? `exactly ${interval[0]}` : `from ${interval[0]} to ${interval[1]}`}. ` +
        'Merge its category with another one, leave the table or the measure out, or wait for the next period; then build the release again.',
    )
  }
}

/** A cell by its id, as a sentence names it. */
export const inWords = (id: string) => `"${id.split('|').join(', ').replaceAll(/[-_]/g, ' ')}"`

/**
 * Hides what is small, rounds the rest, and hides as little more as is needed so that no hidden cell can be reckoned from sums, margins, linked tables and
 * earlier releases. What comes out has stood the attack of `attack.ts`; otherwise an ExposedCellError is thrown.
 *
 * What an earlier release hid stays hidden. What it showed is of no use for hiding others. A cell that was shown and is to be hidden now (a correction made it
 * small, or the profile became stricter) repeats what was said: to hide it would point at it, to say the new number would tell it.
 */
export async function protect({
  cells,
  sums,
  earlier,
}: {
  cells: readonly Cell[]
  sums: readonly Sum[]
  earlier: Earlier
}): Promise<Protected> {
  check(cells, sums)
  const solve = await solver()
  const primary = withCounterparts(primaryCells(cells, sums), cells, sums)
  const shown = new Map(cells.map((cell) => [cell.id, firstShown(cell, primary, earlier)]))
  const view: View = {
    shown,
    sums,
    earlier: stillTrue(earlier, cells),
    profiles: new Map(cells.map(({ id, profile }) => [id, profile])),
    money: new Set(cells.filter(({ amounts }) => amounts).map(({ id }) => id)),
  }
  const system = systemOf(view)
  const truth = Float64Array.from(cells, ({ value }) => value)
  const witnesses = new Witnesses(system, truth, solve)
  const candidates = cells.map((cell) => candidateOf(cell, view, hiddenBefore(earlier)))
  const added = new Set<number>()

  const show = (index: number, now: Shown) => {
    const { id, profile } = cells[index] as Cell
    shown.set(id, now)
    const [low, high] = rangeOf(now, profile, view.earlier.get(id) ?? [])
    system.low[index] = low
    system.high[index] = high
    system.guarded[index] = now.hidden ? 1 : 0
  }

  // hide more until nothing is exposed; what is hidden in addition must not be exposed either
  const asked = new Map<number, number>()
  const open = cells.flatMap((_, cell) =>
    system.guarded[cell] && !witnesses.prove(cell, searched) ? [cell] : [],
  )
  for (let first = open[0]; first !== undefined; first = open[0]) {
    if (witnesses.prove(first, searched)) {
      open.shift()
      continue
    }
    const found = cover(
      system,
      truth,
      open.filter((cell) => !witnesses.safe(cell)),
      (cell) => (system.guarded[cell] ? null : (candidates[cell] ?? null)),
      (cell) => asked.get(cell) ?? 0,
      solve,
    )
    // what fractions cover may hang on many cells, or not be there in whole numbers: then more is asked for
    if (found?.length === 0) {
      if (witnesses.prove(first, searchedFar)) continue
      asked.set(first, Math.max(1, 2 * (asked.get(first) ?? 0)))
    }
    if (found === null || (asked.get(first) ?? 0) > mostAsked) break
    for (const cell of found) {
      show(cell, { hidden: true })
      added.add(cell)
      open.push(cell)
    }
  }

  // show again what is not needed after all, the largest first
  const back = [...added].sort((a, b) => costOf(b) - costOf(a) || a - b)
  function costOf(cell: number): number {
    return candidates[cell]?.cost ?? 0
  }
  for (const cell of back) {
    if (open.length > 0) break
    const undo = witnesses.remember()
    show(cell, plain(cells[cell] as Cell))
    const lost = witnesses.narrowed(cell).filter((one) => system.guarded[one] === 1)
    if (lost.every((one) => witnesses.prove(one, searchedAgain))) added.delete(cell)
    else {
      show(cell, { hidden: true })
      undo()
    }
  }

  const { exposed, proofs } = await attack(view, {
    start: new Map(cells.map(({ id, value }) => [id, value])),
  })
  const worst = exposed[0]
  if (worst !== undefined) throw new ExposedCellError(worst, proofs.get(worst)?.interval ?? [0, 0])
  return { shown, why: whyOf(shown, primary), loss: lossOf(cells, shown) }
}

const searched = [60, 240, 1000]
const searchedAgain = [60, 240]
const searchedFar = [4000]
const mostAsked = 64

/** Statements of earlier releases that do not contradict the figures of today. */
export function stillTrue(earlier: Earlier, cells: readonly Cell[]): Earlier {
  const kept = new Map<string, Shown[]>()
  for (const { id, value, profile } of cells) {
    const said = earlier.get(id)?.filter((one) => one.hidden || fits(one, value, profile)) ?? []
    if (said.length > 0) kept.set(id, said)
  }
  return kept
}

const plain = ({ value, profile }: Cell): Shown => ({ hidden: false, value: rounded(value, profile.base) })

function firstShown(cell: Cell, primary: ReadonlyMap<string, Why>, earlier: Earlier): Shown {
  const said = earlier.get(cell.id) ?? []
  const last = said.findLast((one) => !one.hidden)
  if (primary.has(cell.id)) return last ? { ...last, frozen: true } : { hidden: true }
  const known = said.some((one) => fits(one, cell.value, cell.profile))
  return !known && said.at(-1)?.hidden ? { hidden: true } : plain(cell)
}

/** Places (ids without their last part, the period) where something was hidden before: there it disturbs the least. */
function hiddenBefore(earlier: Earlier): ReadonlySet<string> {
  const places = new Set<string>()
  for (const [id, said] of earlier) if (said.some((one) => one.hidden)) places.add(placeOf(id))
  return places
}
const placeOf = (id: string) => id.slice(0, Math.max(0, id.lastIndexOf('|')))

/** Hiding costs what is counted in the cell, and the cell. Zeros cannot hide anything; nor can what was told before. */
function candidateOf(cell: Cell, view: View, before: ReadonlySet<string>): Candidate | null {
  const now = view.shown.get(cell.id)
  if (!now || now.hidden || now.frozen || (cell.value === 0 && !cell.profile.zeros_tell)) return null
  const said = view.earlier.get(cell.id) ?? []
  if (said.some((one) => !one.hidden)) return null
  const [low] = rangeOf({ hidden: true }, cell.profile, said)
  const counted = cell.amounts ? cell.amounts.n : cell.value
  return { cost: (counted + cell.profile.k) * (before.has(placeOf(cell.id)) ? 0.5 : 1), low }
}

function check(cells: readonly Cell[], sums: readonly Sum[]): void {
  const values = new Map<string, number>()
  for (const { id, value } of cells) {
    if (values.has(id)) throw new Error(`The cell ${id} is there twice.`)
    if (!Number.isSafeInteger(value) || value < 0)
      throw new Error(`The cell ${id} is ${value}; cells are whole numbers from 0.`)
    values.set(id, value)
  }
  for (const { total, parts, less = [] } of sums) {
    const countOf = (id: string) => {
      const value = values.get(id)
      if (value === undefined)
        throw new Error(`A sum of ${total} names the cell ${id}, which is not among the cells.`)
      return value
    }
    const added =
      parts.reduce((sum, id) => sum + countOf(id), 0) - less.reduce((sum, id) => sum + countOf(id), 0)
    if (added !== countOf(total))
      throw new Error(
        `The parts of ${total} add up to ${added}, not to ${countOf(total)}: leave the sum out or give the part that is missing.`,
      )
  }
}

/** The other part of a share of which one part is small: hidden alone, the small one would be told by the share that is missing. */
function withCounterparts(primary: ReadonlyMap<string, Why>, cells: readonly Cell[], sums: readonly Sum[]) {
  const why = new Map(primary)
  const empty = new Set(
    cells.filter(({ value, profile }) => value === 0 && !profile.zeros_tell).map(({ id }) => id),
  )
  for (const { parts, share } of sums) {
    if (!share || !parts.some((part) => primary.has(part))) continue
    for (const part of parts) if (!why.has(part) && !empty.has(part)) why.set(part, 'ratio')
  }
  return why
}

function whyOf(shown: ReadonlyMap<string, Shown>, primary: ReadonlyMap<string, Why>) {
  const why = new Map<string, Why>()
  for (const [id, now] of shown) if (now.hidden) why.set(id, primary.get(id) ?? 'linked')
  return why
}

function lossOf(cells: readonly Cell[], shown: ReadonlyMap<string, Shown>): Protected['loss'] {
  const counted = (some: readonly Cell[]) =>
    some.reduce((sum, { value, amounts }) => sum + (amounts ? amounts.n : value), 0)
  const hidden = cells.filter(({ id }) => shown.get(id)?.hidden)
  return { cells: hidden.length, of: cells.length, share: counted(hidden) / Math.max(1, counted(cells)) }
}
