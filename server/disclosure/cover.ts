import type { Solver } from './solver.ts'
import { near, rise, rowsOver, type System } from './system.ts'

/** A shown cell that could be hidden so that others cannot be reckoned: what it costs, and the least it could then be. */
export type Candidate = { cost: number; low: number }

/** Cells looked at around those to be covered: few at first, more where these do not suffice. */
const sizes = [100, 400, 1600]
/** How far other cells may move, as a multiple of what is wanted; mostly no further than the cell itself. */
const reaches = [1, 3]
/** Unknowns of one program; more cells at once make it too slow. */
const unknownLimit = 1200

/**
 * The cheapest cells to hide so that none of `exposed` can be told closer than it may be. One program of whole numbers: for each exposed cell two tables that
 * fit what would then be published, far enough apart in it; a cell that differs by more than what is shown of it must be hidden.
 * Takes as many of the exposed cells as one program bears, the first one always. Null where nothing can cover the first.
 */
export function cover(
  system: System,
  truth: Float64Array,
  exposed: readonly number[],
  candidate: (cell: number) => Candidate | null,
  extra: (cell: number) => number,
  solver: Solver,
): number[] | null {
  const first = exposed[0]
  if (first === undefined) return []
  const rank = (cell: number): number | null => {
    if (system.guarded[cell]) return -1
    const cost = candidate(cell)?.cost
    return cost ?? ((system.high[cell] as number) > (system.low[cell] as number) ? 0 : null)
  }
  for (const far of reaches) {
    for (const size of sizes) {
      const { cells, whole } = near(system, [first], size, rank)
      const inside = new Set(cells)
      const most = Math.max(1, Math.floor(unknownLimit / 2 / cells.length))
      const together = exposed.filter((cell) => inside.has(cell)).slice(0, most)
      // together they may ask for more than there is: then the first alone
      for (const targets of together.length > 1 ? [together, [first]] : [together]) {
        const found = coverWithin(system, truth, cells, targets, far, candidate, extra, solver)
        if (found) return found
      }
      if (whole) break
    }
  }
  return null
}

function coverWithin(
  system: System,
  truth: Float64Array,
  cells: readonly number[],
  targets: readonly number[],
  far: number,
  candidate: (cell: number) => Candidate | null,
  extra: (cell: number) => number,
  solver: Solver,
): number[] | null {
  const candidates = cells.flatMap((cell, index) => {
    const one = candidate(cell)
    return one ? [{ cell, index, ...one }] : []
  })
  const hides = new Map(candidates.map(({ index }, place) => [index, place]))
  const program = {
    weight: candidates.map(({ cost }) => cost),
    low: candidates.map(() => 0),
    high: candidates.map(() => 1),
    rows: [] as { at: number[]; by: number[]; low: number; high: number }[],
    whole: candidates.map((_, place) => place),
  }
  const { rows } = program
  const bound = rowsOver(system, cells, truth)
  for (const target of targets) {
    const need = system.need[target] as System['need'][number]
    const value = truth[target] as number
    const wanted = rise(value, need) + extra(target)
    const reach = far * wanted
    const tables = ['low', 'high'].map(() => {
      const from = program.weight.length
      cells.forEach((cell, index) => {
        const hide = hides.get(index)
        const real = truth[cell] as number
        const open = hide === undefined ? null : candidates[hide]
        const [low, high] = [system.low[cell] as number, system.high[cell] as number]
        program.weight.push(0)
        program.low.push(Math.max(open ? open.low : low, real - reach))
        program.high.push(Math.min(open ? Infinity : high, real + reach))
        if (hide === undefined || !open) return
        // beyond what is shown of it only when hidden
        const at = [from + index, hide]
        if (real + reach > high) rows.push({ at, by: [1, -(real + reach - high)], low: -Infinity, high })
        if (real - reach < low) rows.push({ at, by: [1, low - (real - reach)], low, high: Infinity })
      })
      for (const row of bound) rows.push({ ...row, at: row.at.map((index) => from + index) })
      return from
    }) as [number, number]
    const place = cells.indexOf(target)
    const floor = Math.max(system.low[target] as number, need.floor)
    program.low[tables[0] + place] = Math.max(
      program.low[tables[0] + place] as number,
      Math.min(floor, value),
    )
    // what is wanted counts from the floor: to have been zero says nothing
    rows.push({ at: [tables[1] + place, tables[0] + place], by: [1, -1], low: wanted, high: Infinity })
  }
  const found = solver.solve(program, 'least')
  return found && candidates.filter((_, place) => (found[place] as number) > 0.5).map(({ cell }) => cell)
}
