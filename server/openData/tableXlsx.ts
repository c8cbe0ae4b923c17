import { type CellValue, writeXlsx } from 'hucre/xlsx'
import type { Published } from '../releases/published.ts'
import { titledSheet } from '../sheet.ts'
import type { Cell, Column, FlatTable } from './columns.ts'
import { citation, publisherName, tableNotes } from './notes.ts'
import { written } from './tableCsv.ts'

/** The table as a spreadsheet: its rows, what to know of them, and what each column means. Text is never a formula. */
export function tableXlsx(table: FlatTable, published: Published): Promise<Uint8Array> {
  const at = new Date(published.release.published_at)
  return writeXlsx({
    sheets: [
      titledSheet(
        table.id.slice(0, 31),
        table.columns.map(({ name }) => name),
        table.rows.map((row) => row.map((cell, index) => value(cell, table.columns[index] as Column))),
        table.columns.map(({ name, type }) => ({
          width: Math.max(12, name.length + 2),
          ...(type === 'day' && { numFmt: 'yyyy-mm-dd' }),
        })),
      ),
      titledSheet(
        'Notes',
        ['Notes'],
        [
          [table.title],
          [table.means],
          ...tableNotes(table, published).map((note) => [note]),
          [citation(published)],
        ],
        [{ width: 110 }],
      ),
      titledSheet(
        'Definitions',
        ['Column', 'Title', 'Meaning', 'Type', 'Unit', 'Formula', 'To keep in mind', 'Definition'],
        table.columns.map((column) => definition(column, table)),
        [24, 30, 60, 10, 10, 60, 60, 28].map((width) => ({ width })),
      ),
    ],
    properties: { title: table.title, creator: publisherName(published), created: at, modified: at },
  })
}

function value(cell: Cell, { type }: Column): CellValue {
  return type === 'day' && typeof cell === 'string' ? new Date(`${cell}T00:00:00Z`) : written(cell)
}

function definition({ name, title, means, type, unit }: Column, { measures }: FlatTable): CellValue[] {
  const measure = measures.find(({ id }) => id === name)
  return [
    name,
    title,
    means,
    type,
    unit,
    measure?.formula ?? null,
    measure?.caveats.join(' ') ?? null,
    measure?.definition ?? null,
  ]
}
