import type { Dimension, Measure, Published, Table } from '../releases/published.ts'
import { type Gap, gapOf, marksText } from './marks.ts'
import { periodDays } from './period.ts'
import { promiseCells, promiseColumns, tellsPromise } from './promise.ts'

/** A column as every format of a table declares it: the one dictionary behind CSVW, the data package, JSON and XLSX. */
export type Column = {
  /** The same in every file. */
  name: string
  title: string
  means: string
  type: 'text' | 'day' | 'whole' | 'number'
  /** Of numbers: what they are counted in. */
  unit: string | null
  least: number | null
  most: number | null
  /** Part of what names a row. */
  key: boolean
  /** A cell may be without a value. */
  optional: boolean
}

/** A value, or why there is none. */
export type Cell = string | number | { gap: Gap } | null

/** A table as rows of cells, in the order of its columns. */
export type FlatTable = Pick<Table, 'id' | 'title' | 'means' | 'framework'> & {
  columns: Column[]
  rows: Cell[][]
  /** The measures it holds. */
  measures: Measure[]
}

/** What a program reads of a cell: its value, or null. */
export const bare = (cell: Cell): string | number | null =>
  cell !== null && typeof cell === 'object' ? null : cell

/** The rows stand in the order of the values of the dimensions, never of figures, which would tell hidden ones. */
export function flatten(table: Table, published: Pick<Published, 'measures' | 'services'>): FlatTable {
  const { measures } = published
  const measured = table.measures.map((id) => {
    const found = measures.find((measure) => measure.id === id)
    if (!found)
      throw new Error(`The table ${table.id} names the measure ${id}, which the release does not describe.`)
    return found
  })
  return {
    id: table.id,
    title: table.title,
    means: table.means,
    framework: table.framework,
    measures: measured,
    columns: [
      ...table.dimensions.flatMap(dimensionColumns),
      ...measured.flatMap(measureColumns),
      ...(tellsPromise(table) ? promiseColumns : []),
    ],
    rows: inOrder(table).map(({ places, row }) => [
      ...table.dimensions.flatMap((dimension, index) => dimensionCells(dimension, places[index] as number)),
      ...measured.flatMap((measure) => measureCells(table, measure, row)),
      ...(tellsPromise(table) ? promiseCells(row, published) : []),
    ]),
  }
}

const column = (name: string, title: string, means: string, more: Partial<Column> = {}): Column => ({
  name,
  title,
  means,
  type: 'text',
  unit: null,
  least: null,
  most: null,
  key: false,
  optional: false,
  ...more,
})

function dimensionColumns({ id, label }: Dimension): Column[] {
  const name = label.toLowerCase()
  const total = id === 'period' ? '' : ` "all" is the total.`
  return [
    column(id, `${label} (code)`, `Code of the ${name}.${total}`, { key: true }),
    column(`${id}_label`, label, `Name of the ${name}.`),
    ...(id === 'period'
      ? [
          column('period_from', 'First day', 'First day of the period.', { type: 'day' }),
          column('period_until', 'Day after', 'The day after the last day of the period.', { type: 'day' }),
        ]
      : []),
  ]
}

function dimensionCells({ id, values }: Dimension, place: number): Cell[] {
  const value = values[place] as Dimension['values'][number]
  const days = id === 'period' ? periodDays(value.id) : null
  return [value.id, value.label, ...(days ? [days.from, days.until] : [])]
}

function measureColumns({ id, label, means, kind, unit }: Measure): Column[] {
  const type = unit === 'count' ? 'whole' : 'number'
  const most = unit === 'share' ? 1 : null
  const number = { type, unit, least: 0, most, optional: true } as const
  return [
    column(id, label, means, number),
    ...(kind === 'count'
      ? []
      : [
          column(`${id}_low`, `${label}, low end`, 'Low end of the 95 % interval.', {
            ...number,
            type: 'number',
          }),
          column(`${id}_high`, `${label}, high end`, 'High end of the 95 % interval.', {
            ...number,
            type: 'number',
          }),
        ]),
    column(`${id}_marks`, `${label}, marks`, 'Marks of the value, with a space between them.', {
      optional: true,
    }),
  ]
}

function measureCells(table: Table, { id, kind, unit }: Measure, row: Table['rows'][number]): Cell[] {
  const figure = row.figures[id]
  if (!figure) throw new Error(`A row of the table ${table.id} has no figure for ${id}: ${place(row)}.`)
  const { value, interval } = figure
  if (value !== null && unit === 'count' && !Number.isInteger(value))
    throw new Error(`${id} in the table ${table.id} is a count and not whole: ${value} at ${place(row)}.`)
  const gap = { gap: gapOf(figure) }
  // an interval belongs to a value: where that is hidden, so is what it could be guessed from
  const ends = value === null ? [gap, gap] : (interval ?? [{ gap: 'x' as const }, { gap: 'x' as const }])
  return [value ?? gap, ...(kind === 'count' ? [] : ends), marksText(figure)]
}

const place = (row: Table['rows'][number]) => Object.values(row.at).join(', ')

function inOrder(table: Table) {
  const orders = table.dimensions.map(({ values }) => new Map(values.map(({ id }, index) => [id, index])))
  const placed = table.rows.map((row) => ({
    row,
    places: table.dimensions.map(({ id }, index) => {
      const found = orders[index]?.get(row.at[id] ?? '')
      if (found === undefined)
        throw new Error(`A row of the table ${table.id} has no known ${id}: ${row.at[id] ?? 'none'}.`)
      return found
    }),
  }))
  placed.sort((one, other) => {
    const first = one.places.findIndex((at, index) => at !== other.places[index])
    return first < 0 ? 0 : (one.places[first] as number) - (other.places[first] as number)
  })
  const twice = placed.find(
    ({ places }, index) => index > 0 && String(placed[index - 1]?.places) === String(places),
  )
  if (twice) throw new Error(`The table ${table.id} holds a row twice: ${place(twice.row)}.`)
  return placed
}
