import { isWhole, type Solver, solver } from './solver.ts'
import {
  byLooseness,
  near,
  propagate,
  rowsOver,
  type System,
  systemOf,
  type View,
  wideEnough,
} from './system.ts'
import { type Witness, Witnesses } from './witnesses.ts'

/** What an outsider can find out of one guarded cell. */
export type Proof = {
  safe: boolean
  /**
   * The least and the most whole number that fit everything published. Of a safe cell it may be wider still, unless all were asked to be exact;
   * of an exposed one in a system too large for whole numbers it holds the true interval.
   */
  interval: [number, number]
  /** Two tables that both fit everything published: what differs in them from `Attack.table`. */
  witness: [ReadonlyMap<string, number>, ReadonlyMap<string, number>]
}
export type Attack = {
  /** One table that fits everything published. */
  table: ReadonlyMap<string, number>
  /** Of each hidden cell, whether it is small itself or hides another; and of frozen ones. */
  proofs: ReadonlyMap<string, Proof>
  exposed: string[]
}

/** So many cells are moved at first, then more; then all that hang together. */
const sizes = [60, 240, 1000]
/** Larger systems are not searched as a whole: what was not proven safe counts as exposed. */
const wholeLimit = 4000

/**
 * The gate: tries to find out every hidden cell from what outsiders see, and from nothing else. A cell is safe when two whole-number tables that fit
 * everything published are at least k apart in it; what cannot be proven safe counts as exposed.
 * `start` is a table to begin the search from; it is used only if it fits everything published.
 */
export async function attack(
  view: View,
  options: { start?: ReadonlyMap<string, number>; exact?: boolean } = {},
): Promise<Attack> {
  const system = systemOf(view)
  const solve = await solver()
  const outer = propagate(system)
  const table = startFrom(system, options.start) ?? anyTable(system, solve)
  const witnesses = new Witnesses(system, table, solve)
  const proofs = new Map<string, Proof>()
  for (let cell = 0; cell < system.ids.length; cell++) {
    if (!system.guarded[cell]) continue
    const bounds: [number, number] = [outer.low[cell] as number, outer.high[cell] as number]
    const hopeless = !wideEnough(...bounds, system.need[cell] as System['need'][number])
    if (!hopeless) witnesses.prove(cell, sizes)
    const interval =
      options.exact || !witnesses.safe(cell) ? exact(witnesses, cell, bounds) : witnesses.apart(cell)
    proofs.set(system.ids[cell] as string, {
      safe: witnesses.safe(cell),
      interval,
      witness: [new Map(), new Map()],
    })
  }
  // tables found for one cell may serve another: told at the end
  const named = (witness: Witness) =>
    new Map([...witness].map(([cell, by]) => [system.ids[cell] as string, by]))
  for (const [id, proof] of proofs) {
    const { low, high } = witnesses.pairOf(system.at.get(id) as number)
    proof.witness = [named(low), named(high)]
  }
  return {
    table: new Map(system.ids.map((id, index) => [id, table[index] as number])),
    proofs,
    exposed: [...proofs].filter(([, { safe }]) => !safe).map(([id]) => id),
  }
}

/** The exact interval; where too much hangs together, the quick bounds. */
function exact(witnesses: Witnesses, cell: number, bounds: [number, number]): [number, number] {
  const { cells, whole } = near(witnesses.system, [cell], wholeLimit, byLooseness(witnesses.system))
  return whole ? witnesses.extremes(cell, cells) : bounds
}

function startFrom(system: System, start: ReadonlyMap<string, number> | undefined): Float64Array | null {
  if (!start) return null
  const table = Float64Array.from(system.ids, (id) => start.get(id) ?? Number.NaN)
  const inside = table.every(
    (value, cell) => (system.low[cell] as number) <= value && value <= (system.high[cell] as number),
  )
  const adds = system.sums.every(
    ({ at, by }) =>
      at.reduce((all, cell, index) => all + (by[index] as number) * (table[cell] as number), 0) === 0,
  )
  return inside && adds ? table : null
}

/** Any table of whole numbers that fits, found piece by piece of what hangs together. */
function anyTable(known: System, solve: Solver): Float64Array {
  const system = { ...known, ...propagate(known) }
  const table = system.low.slice()
  const seen = new Set<number>()
  for (let cell = 0; cell < table.length; cell++) {
    if (seen.has(cell) || system.sumsOf[cell]?.length === 0) continue
    const { cells } = near(system, [cell], Infinity, byLooseness(system))
    for (const one of cells) seen.add(one)
    const program = {
      weight: cells.map(() => 0),
      low: cells.map((one) => system.low[one] as number),
      high: cells.map((one) => system.high[one] as number),
      rows: rowsOver(system, cells, table),
    }
    const loose = solve.solve({ ...program, whole: 'none' }, 'least')
    const found = loose?.every(isWhole) ? loose : loose && solve.solve({ ...program, whole: 'all' }, 'least')
    if (!found) throw new Error(contradiction(cells.slice(0, 3).map((one) => system.ids[one] as string)))
    for (const [index, one] of cells.entries()) table[one] = Math.round(found[index] as number)
  }
  return table
}

const contradiction = (ids: string[]) =>
  `No table fits everything published around ${ids.join(', ')}: a sum does not add up, or two releases contradict each other.`
