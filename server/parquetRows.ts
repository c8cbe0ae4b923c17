import { literal } from '../pipelines/sqlText.ts'

/** One thread and plain encoding give the same bytes every time. Rows may stand in the statement, so it may be long. */
export const parquetSettings = {
  max_threads: 1,
  max_query_size: '1000000000',
  output_format_parquet_string_as_string: 1,
  output_format_parquet_compression_method: 'snappy',
  output_format_parquet_parallel_encoding: 0,
} as const

/** Rows at hand as a question to the engine: they stand in the statement itself, so nothing is read from the store or left in it. */
export function rowsAsQuery<Column extends { name: string }, Cell>(
  { columns, rows }: { columns: readonly Column[]; rows: readonly (readonly (Cell | null)[])[] },
  engineType: (column: Column) => string,
  bare: (cell: Cell | null) => unknown = (cell) => cell,
): string {
  const structure = literal(columns.map((column) => `\`${column.name}\` ${engineType(column)}`).join(', '))
  const lines = rows
    .map((row) =>
      JSON.stringify(Object.fromEntries(columns.map(({ name }, at) => [name, bare(row[at] ?? null)]))),
    )
    .join('\n')
  return `SELECT * FROM ${lines ? `format(JSONEachRow, ${structure}, ${literal(lines)})` : `null(${structure})`}`
}
