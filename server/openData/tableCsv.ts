import { toCsv } from '../csv.ts'
import type { Cell, FlatTable } from './columns.ts'
import { shorthand } from './marks.ts'

/** What people read in a cell without a value: `[c]`, `[x]` or `[z]`. */
export const written = (cell: Cell): string | number | null =>
  cell !== null && typeof cell === 'object' ? shorthand(cell.gap) : cell

export const tableCsv = ({ columns, rows }: FlatTable): string =>
  toCsv({ columns: columns.map(({ name }) => name), rows: rows.map((row) => row.map(written)) })
