import type { Db } from '../../../sql/db.ts'
import type { ReportTable } from '../content.ts'
import { engineType, isSelect, type RowsTable, type SelectTable, written } from '../select.ts'

/** One thread and plain encoding give the same bytes every time. */
const settings = {
  max_threads: 1,
  max_query_size: '1000000000',
  output_format_parquet_string_as_string: 1,
  output_format_parquet_compression_method: 'snappy',
  output_format_parquet_parallel_encoding: 0,
}

/** One table as the engine writes it, typed: rows at hand stand in the statement itself, a question is answered straight into the file. */
export async function* parquet(db: Pick<Db, 'exec'>, table: ReportTable) {
  yield* await written(db, isSelect(table) ? table : asked(table), { format: 'Parquet', settings })
}

const quoted = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`

function asked({ rows, ...table }: RowsTable): SelectTable {
  const structure = quoted(
    table.columns.map((column) => `\`${column.name}\` ${engineType(column)}`).join(', '),
  )
  const lines = rows
    .map((row) =>
      JSON.stringify(Object.fromEntries(table.columns.map(({ name }, at) => [name, row[at] ?? null]))),
    )
    .join('\n')
  const source = lines ? `format(JSONEachRow, ${structure}, ${quoted(lines)})` : `null(${structure})`
  return { ...table, select: { query: `SELECT * FROM ${source}`, params: {} } }
}
