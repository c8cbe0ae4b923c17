import type { Highs } from 'highs'

/** Least or most of a weighted sum of unknowns, where each keeps within its range and each row within its own. */
export type Program = {
  /** Of each unknown: weight in what is sought, least and most. */
  weight: number[]
  low: number[]
  high: number[]
  rows: { at: number[]; by: number[]; low: number; high: number }[]
  /** Unknowns that must be whole numbers: all, none, or those named. */
  whole: 'all' | 'none' | readonly number[]
}

export type Solver = {
  /** The unknowns at the optimum, or null where nothing fits (or none was found within the limit of steps). */
  solve(program: Program, sense: 'most' | 'least'): Float64Array | null
}

/** Whole but for what the solver rounds. */
export const isWhole = (value: number) => Math.abs(value - Math.round(value)) < 1e-5

/** Steps of the search for whole numbers; counted, not timed, so that every machine finds the same. */
const nodes = 2000

let loading: Promise<Solver> | null = null
/** HiGHS, compiled to WebAssembly; loaded when the first release needs it. */
export const solver = (): Promise<Solver> => {
  loading ??= import('highs').then(async ({ default: load }) => solverOf(await load()))
  return loading
}

function solverOf(highs: Highs): Solver {
  const { modelStatus, objectiveSense } = highs.constants
  return {
    solve({ weight, low, high, rows, whole }, sense) {
      const [numCols, numRows] = [weight.length, rows.length]
      const starts = [0]
      for (const { at } of rows) starts.push((starts.at(-1) ?? 0) + at.length)
      const integers = new Int32Array(numCols)
      if (whole === 'all') integers.fill(1)
      else if (whole !== 'none') for (const at of whole) integers[at] = 1
      const model = highs.createModel({
        numCols,
        numRows,
        sense: sense === 'most' ? objectiveSense.maximize : objectiveSense.minimize,
        colCost: weight,
        colLower: low,
        colUpper: high.map((one) => (one === Infinity ? highs.infinity : one)),
        rowLower: rows.map((row) => (row.low === -Infinity ? -highs.infinity : row.low)),
        rowUpper: rows.map((row) => (row.high === Infinity ? highs.infinity : row.high)),
        matrix: {
          format: 'csr',
          numRows,
          numCols,
          starts,
          indices: rows.flatMap(({ at }) => at),
          values: rows.flatMap(({ by }) => by),
        },
        ...(whole === 'none' ? {} : { integrality: integers }),
      })
      try {
        model.options.set({ output_flag: false, mip_max_nodes: nodes, mip_rel_gap: 0 })
        model.run()
        const status = model.getModelStatus()
        // stopped at the limit of steps: the best so far, if there is any
        const stopped = status === modelStatus.solutionLimit && model.info.get('primal_solution_status') === 2
        if (status !== modelStatus.optimal && !stopped) return null
        return Float64Array.from(model.getSolution().colValue)
      } finally {
        model.dispose()
      }
    },
  }
}
