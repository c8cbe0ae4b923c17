import type { Profile } from '../releases/published.ts'
import type { Earlier, Shown, Sum } from './cells.ts'
import { meaning, type Range } from './rounding.ts'

/** Everything outsiders know. */
export type View = {
  shown: ReadonlyMap<string, Shown>
  sums: readonly Sum[]
  profiles: ReadonlyMap<string, Profile>
  /** What earlier releases said, as far as it still holds. */
  earlier: Earlier
  /** Cells that are sums of amounts, not counts. */
  money?: ReadonlySet<string>
}

/** What is known as a system of equations: each cell an unknown within a range, each sum a row that adds up to zero. */
export type System = {
  ids: string[]
  /** Place of a cell by its id. */
  at: Map<string, number>
  low: Float64Array
  high: Float64Array
  /** Cells that must not be known closely. */
  guarded: Uint8Array
  need: Need[]
  sums: Row[]
  /** Of each cell: the sums it stands in. */
  sumsOf: number[][]
}
export type Row = { at: number[]; by: number[] }

/** How far apart the least and the most of a hidden cell must be. */
export type Need = { k: number; floor: number; money: boolean }

/** A sum of amounts is known too closely when it is known to a fifth: its largest part could be told to a tenth. */
const moneyShare = 0.2

export function wideEnough(low: number, high: number, { k, floor, money }: Need): boolean {
  const width = high - Math.max(low, floor)
  return width >= k && (!money || width >= moneyShare * high)
}

/** How much a cell must be able to rise from `value`, if it cannot fall. */
export function rise(value: number, { k, money }: Need): number {
  return money ? Math.max(k, Math.ceil((value * moneyShare) / (1 - moneyShare))) : k
}

/** What outsiders know of one cell, from what is and was said of it alone. */
export function rangeOf(now: Shown, profile: Profile, earlier: readonly Shown[]): Range {
  // what is repeated from an earlier release, though it no longer holds, tells nothing of today
  const unknown = now.hidden || now.frozen
  // what was hidden stays hidden, also when it has become zero since; what is frozen may be anything
  const least = profile.zeros_tell || (!now.hidden && now.frozen) || earlier.some((one) => one.hidden) ? 0 : 1
  let [low, high]: Range = unknown ? [least, Infinity] : meaning(now, profile)
  for (const one of earlier) {
    if (one.hidden) continue
    const [least, most] = meaning(one, profile)
    low = Math.max(low, least)
    high = Math.min(high, most)
  }
  return [low, high]
}

export function systemOf({ shown, sums, profiles, earlier, money }: View): System {
  const ids = [...shown.keys()]
  const at = new Map(ids.map((id, index) => [id, index]))
  const place = (id: string): number => {
    const found = at.get(id)
    if (found === undefined) throw new Error(`A sum names the cell ${id}, which is not among the cells.`)
    return found
  }
  const low = new Float64Array(ids.length)
  const high = new Float64Array(ids.length)
  const guarded = new Uint8Array(ids.length)
  const need = ids.map((id, index) => {
    const [now, profile] = [shown.get(id), profiles.get(id)]
    if (!now || !profile) throw new Error(`The cell ${id} has no profile.`)
    const said = earlier.get(id) ?? []
    const [least, most] = rangeOf(now, profile, said)
    low[index] = least
    high[index] = most
    if (now.hidden || (now.frozen && most === Infinity)) guarded[index] = 1
    return { k: profile.k, floor: profile.zeros_tell ? 0 : 1, money: money?.has(id) === true }
  })
  const rows = sums.map(({ total, parts, less = [] }) => ({
    at: [place(total), ...parts.map(place), ...less.map(place)],
    by: [-1, ...parts.map(() => 1), ...less.map(() => -1)],
  }))
  const sumsOf: number[][] = ids.map(() => [])
  rows.forEach((row, index) => {
    for (const cell of row.at) sumsOf[cell]?.push(index)
  })
  return { ids, at, low, high, guarded, need, sums: rows, sumsOf }
}

/** Narrows the ranges by each sum in turn until nothing moves: quick outer bounds, never narrower than the truth. */
export function propagate(
  { low: from, high: to, sums }: System,
  rounds = 30,
): { low: Float64Array; high: Float64Array } {
  const [low, high] = [from.slice(), to.slice()]
  for (let round = 0, moved = true; moved && round < rounds; round++) {
    moved = false
    for (const { at, by } of sums) {
      // range of the whole row; infinite ends are counted apart
      let [least, most, openLow, openHigh] = [0, 0, 0, 0]
      at.forEach((cell, index) => {
        const [a, b] = ends(low[cell] as number, high[cell] as number, by[index] as number)
        if (a === -Infinity) openLow++
        else least += a
        if (b === Infinity) openHigh++
        else most += b
      })
      at.forEach((cell, index) => {
        const sign = by[index] as number
        const [was, wasHigh] = [low[cell] as number, high[cell] as number]
        const [a, b] = ends(was, wasHigh, sign)
        const restLow = openLow === 0 ? least - a : openLow === 1 && a === -Infinity ? least : -Infinity
        const restHigh = openHigh === 0 ? most - b : openHigh === 1 && b === Infinity ? most : Infinity
        const [c, d] = sign > 0 ? [-restHigh, -restLow] : [restLow, restHigh]
        if (c > was) low[cell] = c
        if (d < wasHigh) high[cell] = d
        if (c > was || d < wasHigh) {
          moved = true
          const [e, f] = ends(low[cell] as number, high[cell] as number, sign)
          if (a === -Infinity && e !== -Infinity) openLow--
          if (b === Infinity && f !== Infinity) openHigh--
          least += (e === -Infinity ? 0 : e) - (a === -Infinity ? 0 : a)
          most += (f === Infinity ? 0 : f) - (b === Infinity ? 0 : b)
        }
      })
    }
  }
  return { low, high }
}

const ends = (low: number, high: number, sign: number): [number, number] =>
  sign > 0 ? [low, high] : [-high, -low]

/**
 * The cells near given ones, nearest first: those that share a sum with them, then those that share a sum with these, up to `size`; of those in a sum the
 * ones with the lowest `rank` first, and none without a rank. `whole` says that nothing more hangs together with them.
 */
export function near(
  { sums, sumsOf }: System,
  from: readonly number[],
  size: number,
  rank: (cell: number) => number | null,
): { cells: number[]; whole: boolean } {
  const seen = new Set(from)
  const done = new Set<number>()
  const cells = [...from]
  for (let next = 0; next < cells.length; next++) {
    for (const sum of sumsOf[cells[next] as number] ?? []) {
      if (done.has(sum)) continue
      done.add(sum)
      const others = (sums[sum] as Row).at.flatMap((cell) => {
        const of = seen.has(cell) ? null : rank(cell)
        return of === null ? [] : [{ cell, of }]
      })
      others.sort((a, b) => a.of - b.of || a.cell - b.cell)
      for (const { cell } of others) {
        if (cells.length >= size) return { cells, whole: false }
        seen.add(cell)
        cells.push(cell)
      }
    }
  }
  return { cells, whole: true }
}

/** For `near`: hidden cells first, then loose ones; what is known exactly cannot move. */
export const byLooseness =
  ({ low, high }: System) =>
  (cell: number): number | null => {
    const slack = (high[cell] as number) - (low[cell] as number)
    return slack > 0 ? -slack : null
  }

/** The rows that bind the given unknowns while all others stay as in `table`. */
export function rowsOver(system: System, cells: readonly number[], table: Float64Array) {
  const place = new Map(cells.map((cell, index) => [cell, index]))
  const touched = new Set(cells.flatMap((cell) => system.sumsOf[cell] ?? []))
  return [...touched].map((sum) => {
    const row = system.sums[sum] as Row
    const [at, by]: [number[], number[]] = [[], []]
    let fixed = 0
    row.at.forEach((cell, index) => {
      const here = place.get(cell)
      const sign = row.by[index] as number
      if (here === undefined) fixed += sign * (table[cell] as number)
      else {
        at.push(here)
        by.push(sign)
      }
    })
    return { at, by, low: -fixed, high: -fixed }
  })
}
