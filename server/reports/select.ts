import type { Db } from '../../sql/db.ts'
import type { ReportColumn, ReportTable } from './content.ts'

export type SelectTable = Extract<ReportTable, { select: unknown }>
export type RowsTable = Extract<ReportTable, { rows: unknown }>
export const isSelect = (table: ReportTable): table is SelectTable => 'select' in table

const types: Record<ReportColumn['type'], string> = {
  text: 'String',
  day: 'Date32',
  moment: "DateTime64(6, 'UTC')",
  whole: 'Int64',
  number: 'Float64',
  yes_no: 'Bool',
}

/** What the engine keeps a column as. */
export const engineType = ({ type, optional }: Pick<ReportColumn, 'type' | 'optional'>) =>
  optional ? `Nullable(${types[type]})` : types[type]

type Written = {
  format: 'Parquet' | 'CSVWithNames' | 'JSONEachRow' | 'JSONCompactEachRow'
  /** Text columns as this expression of them. */
  text?: (column: string) => string
  settings?: Record<string, string | number>
}

/** The bytes of a question as the engine writes them, typed by the columns; they come in pieces and are never rows here. */
export async function written(
  db: Pick<Db, 'exec'>,
  { columns, select }: SelectTable,
  { format, text = (column) => column, settings = {} }: Written,
): Promise<AsyncIterable<Uint8Array>> {
  const cells = columns.map((column) => {
    const name = `\`${column.name}\``
    const cell = `CAST(${name} AS ${engineType(column)})`
    return `${column.type === 'text' ? text(cell) : cell} AS ${name}`
  })
  const { stream } = await db.exec({
    query: `SELECT ${cells.join(', ')} FROM (\n${select.query}\n) FORMAT ${format}`,
    query_params: select.params,
    clickhouse_settings: { log_comment: 'report', ...settings },
  })
  return stream as AsyncIterable<Uint8Array>
}
