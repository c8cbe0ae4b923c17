import { isWhole, type Solver } from './solver.ts'
import { byLooseness, near, rise, rowsOver, type System, wideEnough } from './system.ts'

/** A table that fits everything published, told by what differs from the table the search began from. */
export type Witness = ReadonlyMap<number, number>
type Pair = { low: Witness; high: Witness }

/**
 * Looks for pairs of whole-number tables that fit everything published and lie far enough apart in a guarded cell: as long as there is such a pair,
 * nobody can tell the cell closer. Bounds of a linear program alone prove nothing in tables of three ways, where its corners are no whole numbers.
 * The search moves only the cells near by at first, since a few of them nearly always suffice.
 */
export class Witnesses {
  readonly #pairs = new Map<number, Pair>()

  constructor(
    readonly system: System,
    /** A table of whole numbers that fits. */
    readonly table: Float64Array,
    private readonly solver: Solver,
  ) {}

  pairOf(cell: number): Pair {
    return this.#pairs.get(cell) ?? { low: none, high: none }
  }

  /** Values of the cell in its two tables. */
  apart(cell: number): [number, number] {
    const { low, high } = this.pairOf(cell)
    const value = this.table[cell] as number
    return [value + (low.get(cell) ?? 0), value + (high.get(cell) ?? 0)]
  }

  safe(cell: number): boolean {
    const need = this.system.need[cell]
    return need !== undefined && wideEnough(...this.apart(cell), need)
  }

  /** Looks for a pair among the tables that move at most so many cells. */
  prove(cell: number, sizes: readonly number[]): boolean {
    for (const size of sizes) {
      if (this.safe(cell)) return true
      const { cells, whole } = near(this.system, [cell], size, byLooseness(this.system))
      this.#search(cell, cells)
      if (whole) break
    }
    return this.safe(cell)
  }

  /** Forgets the tables that no longer fit after the range of a cell was narrowed; answers whose they were. */
  narrowed(cell: number): number[] {
    const fits = (witness: Witness) => {
      const value = (this.table[cell] as number) + (witness.get(cell) ?? 0)
      return (this.system.low[cell] as number) <= value && value <= (this.system.high[cell] as number)
    }
    const lost: number[] = []
    for (const [of, { low, high }] of this.#pairs) {
      if (fits(low) && fits(high)) continue
      this.#pairs.set(of, { low: fits(low) ? low : none, high: fits(high) ? high : none })
      lost.push(of)
    }
    return lost
  }

  /** To come back to when a change is taken back. */
  remember(): () => void {
    const before = new Map(this.#pairs)
    return () => {
      this.#pairs.clear()
      for (const [cell, pair] of before) this.#pairs.set(cell, pair)
    }
  }

  /** The least and the most whole number of a cell while only the given ones move. */
  extremes(cell: number, cells: readonly number[]): [number, number] {
    const value = this.table[cell] as number
    const ranges = cells.map((one): [number, number] => [
      this.system.low[one] as number,
      Math.min(this.system.high[one] as number, (this.table[one] as number) + far),
    ])
    const weight = cells.map((one) => (one === cell ? 1 : 0))
    const [low, high] = (['least', 'most'] as const).map((sense) => {
      const loose = this.#solve(cells, ranges, weight, sense, 'none')
      const found = loose?.every(isWhole) ? loose : this.#solve(cells, ranges, weight, sense, 'all')
      if (found) this.#keep(cells, found)
      return found ? Math.round(found[cells.indexOf(cell)] as number) : value
    }) as [number, number]
    return [low, high >= value + far ? Infinity : high]
  }

  #search(cell: number, cells: readonly number[]): void {
    const { low, high, need, guarded } = this.system
    const value = (one: number) => this.table[one] as number
    const target = rise(value(cell), need[cell] as System['need'][number])
    // further than far enough is of no use
    const reach = (one: number) => 2 * Math.max(target, rise(value(one), need[one] as System['need'][number]))
    const ranges = cells.map((one): [number, number] => [
      Math.max(low[one] as number, value(one) - reach(one)),
      Math.min(high[one] as number, value(one) + (one === cell ? target : reach(one))),
    ])
    // others that still need a pair are moved on the way, some up and some down
    const weight = cells.map((one, index) =>
      one === cell ? 1 : guarded[one] && !this.safe(one) ? (index % 2 ? 0.001 : -0.001) : 0,
    )
    for (const sense of ['most', 'least'] as const) {
      if (this.safe(cell)) return
      const found = this.#solve(cells, ranges, weight, sense, 'none')
      if (!found) continue
      if (!this.#keep(cells, found) && cells.length <= wholeLimit) {
        const alone = cells.map((one) => (one === cell ? 1 : 0))
        const whole = this.#solve(cells, ranges, alone, sense, 'all')
        if (whole) this.#keep(cells, whole)
      }
    }
  }

  #solve(
    cells: readonly number[],
    ranges: readonly [number, number][],
    weight: number[],
    sense: 'most' | 'least',
    whole: 'all' | 'none',
  ): Float64Array | null {
    const rows = rowsOver(this.system, cells, this.table)
    const [low, high] = [ranges.map(([one]) => one), ranges.map(([, one]) => one)]
    return this.solver.solve({ weight, low, high, rows, whole }, sense)
  }

  /** Keeps a table for all cells it moves further than those before; false where it is not one of whole numbers. */
  #keep(cells: readonly number[], found: Float64Array): boolean {
    const moved = new Map<number, number>()
    for (const [index, cell] of cells.entries()) {
      const value = found[index] as number
      const nearest = Math.round(value)
      if (!isWhole(value)) return false
      if (nearest !== this.table[cell]) moved.set(cell, nearest - (this.table[cell] as number))
    }
    if (!this.#fits(moved)) return false
    for (const [cell, by] of moved) {
      if (!this.system.guarded[cell] || this.safe(cell)) continue
      const { low, high } = this.pairOf(cell)
      if (by > (high.get(cell) ?? 0)) this.#pairs.set(cell, { low, high: moved })
      else if (by < (low.get(cell) ?? 0)) this.#pairs.set(cell, { low: moved, high })
    }
    return true
  }

  /** Whether a table fits all that is published, reckoned in whole numbers and not by the solver. */
  #fits(moved: Witness): boolean {
    const { low, high, sums, sumsOf } = this.system
    for (const [cell, by] of moved) {
      const value = (this.table[cell] as number) + by
      if (value < (low[cell] as number) || value > (high[cell] as number)) return false
      for (const sum of sumsOf[cell] ?? []) {
        const row = sums[sum]
        if (
          row?.at.reduce((all, one, index) => all + (row.by[index] as number) * (moved.get(one) ?? 0), 0) !==
          0
        )
          return false
      }
    }
    return true
  }
}

/** Nobody asks further than this from a table that fits. */
const far = 1e7
const none: Witness = new Map()
/** Where corners are no whole numbers, whole ones are searched among so many cells. */
const wholeLimit = 1000
