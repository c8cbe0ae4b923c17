import { type CellValue, type WriteSheet, writeXlsx } from 'hucre/xlsx'
import type { Db } from '../../../sql/db.ts'
import { kpiIds, kpis } from '../../../sql/kpis.ts'
import { titledSheet } from '../../sheet.ts'
import { unitOf } from '../columns.ts'
import type { ReportCell, ReportColumn, ReportContent, ReportTable } from '../content.ts'
import { isSelect } from '../select.ts'
import { mostRows, tooLong } from './sheetLimit.ts'
import { streamInto } from './sheetStream.ts'

/**
 * All tables of a report as sheets, then what to know of them and what their columns mean. Cells are typed; text is never a formula. A
 * long list is streamed into its sheet as the engine answers.
 */
export async function xlsx(db: Pick<Db, 'exec'>, content: ReportContent): Promise<AsyncIterable<Uint8Array>> {
  const { document, tables } = content
  const at = new Date(content.as_of ?? '1980-01-01T00:00:00Z')
  const names = sheetNames(tables)
  for (const table of tables) if (!isSelect(table) && table.rows.length > mostRows) throw tooLong()
  const workbook = await writeXlsx({
    sheets: [
      ...tables.map((table, index) => tableSheet(names[index] ?? table.id, table)),
      notesSheet(content),
      definitionsSheet(tables),
    ],
    properties: { title: document.title, creator: document.subtitle, created: at, modified: at },
  })
  return streamInto(
    db,
    workbook,
    tables.map((table) => (isSelect(table) ? table : null)),
    at,
  )
}

/** At most 31 signs, each once, without those a spreadsheet forbids. */
function sheetNames(tables: readonly ReportTable[]): string[] {
  const taken = new Set(['notes', 'definitions'])
  return tables.map(({ title }, index) => {
    const name =
      title
        .replace(/[\\/?*[\]:']/g, ' ')
        .trim()
        .slice(0, 28) || 'Table'
    const own = taken.has(name.toLowerCase()) ? `${name} ${index + 1}` : name
    taken.add(own.toLowerCase())
    return own
  })
}

const formats: Partial<Record<ReportColumn['type'], string>> = {
  day: 'yyyy-mm-dd',
  moment: 'yyyy-mm-dd hh:mm:ss',
  whole: '#,##0',
}
const share = '0.0%'

const formatOf = (column: ReportColumn) => (column.unit === 'share' ? share : formats[column.type])

function tableSheet(name: string, table: ReportTable): WriteSheet {
  const { columns } = table
  const rows = isSelect(table)
    ? // a row that shows how each column is written; the list takes its place
      [columns.map(pattern)]
    : table.rows.map((row) => row.map((cell, index) => cellOf(cell, columns[index] as ReportColumn)))
  const sheet = titledSheet(
    name,
    columns.map((column) => column.name),
    rows,
    columns.map((column) => {
      const numFmt = formatOf(column)
      return {
        width: column.type === 'text' ? 22 : Math.max(12, column.name.length + 2),
        ...(numFmt && { numFmt }),
      }
    }),
  )
  if (isSelect(table)) return sheet
  const byRow = columns.flatMap((column, index) => (column.unit === 'by_row' ? [{ column, index }] : []))
  for (const [at, row] of table.rows.entries())
    for (const { column, index } of byRow) {
      const value = row[index] ?? null
      if (value !== null && unitOf(column, columns, row) === 'share')
        sheet.cells?.set(`${at + 1},${index}`, { value, style: { numFmt: share } })
    }
  return sheet
}

const pattern = ({ type }: ReportColumn): CellValue =>
  type === 'text' ? 'x' : type === 'yes_no' ? true : type === 'day' || type === 'moment' ? new Date(0) : 1

function cellOf(cell: ReportCell, { type }: ReportColumn): CellValue {
  if (cell === null || typeof cell !== 'string') return cell
  if (type === 'day') return new Date(`${cell}T00:00:00Z`)
  return type === 'moment' ? new Date(cell) : cell
}

const notesSheet = ({ document, tables }: ReportContent): WriteSheet =>
  titledSheet(
    'Notes',
    ['About this report', ''],
    [
      ['Title', document.title],
      ['Report', document.subtitle],
      ['In short', document.lead],
      ...document.head.map(({ label, value }) => [label, value]),
      ...document.notes.map((note, index) => [index === 0 ? 'To keep in mind' : '', note]),
      ...tables.map(({ title, means }, index) => [index === 0 ? 'Sheets' : '', `${title}: ${means}`]),
    ],
    [{ width: 26 }, { width: 120 }],
  )

/** Every column once, then the figures of the catalogue that the tables hold. */
function definitionsSheet(tables: readonly ReportTable[]): WriteSheet {
  const columns = new Map(
    tables.flatMap((table) => table.columns.map((column) => [column.name, column] as const)),
  )
  const told = new Set(
    tables.flatMap((table) => {
      const at = table.columns.findIndex(({ name }) => name === 'kpi' || name === 'figure')
      return isSelect(table) || at < 0
        ? table.columns.map(({ name }) => name)
        : table.rows.map((row) => String(row[at]))
    }),
  )
  return titledSheet(
    'Definitions',
    ['Name', 'Title', 'Meaning', 'Type', 'Unit', 'Formula', 'To keep in mind', 'Definition'],
    [
      ...[...columns.values()].map(({ name, title, means, type, unit }): CellValue[] => [
        ...[name, title, means, type, unit === 'by_row' ? 'as the row says' : unit],
        ...[null, null, null],
      ]),
      ...kpiIds
        .filter((id) => told.has(id))
        .map((id): CellValue[] => {
          const { label, means, unit, formula, caveats, version } = kpis[id]
          return [id, label, means, 'figure', unit, formula, caveats.join(' '), `${id}@${version}`]
        }),
    ],
    [24, 28, 60, 10, 14, 60, 60, 28].map((width) => ({ width })),
  )
}
