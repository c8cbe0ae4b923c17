import type { Db } from '../../sql/db.ts'
import { bare, type Column } from './columns.ts'
import type { Parquet } from './dataFiles.ts'

const types = { text: 'String', day: 'Date32', whole: 'Int64', number: 'Float64' } as const
const typeOf = ({ type, optional }: Column) => (optional ? `Nullable(${types[type]})` : types[type])
const quoted = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`

/**
 * Lets the engine write rows as Parquet. They stand in the statement itself, so nothing is read from the store or left in
 * it; one thread and plain encoding give the same bytes every time.
 */
export const parquetBy =
  (db: Pick<Db, 'exec'>): Parquet =>
  async ({ columns, rows }) => {
    const structure = columns.map((column) => `\`${column.name}\` ${typeOf(column)}`).join(', ')
    const lines = rows
      .map((row) =>
        JSON.stringify(Object.fromEntries(columns.map(({ name }, at) => [name, bare(row[at] ?? null)]))),
      )
      .join('\n')
    const source = lines
      ? `format(JSONEachRow, ${quoted(structure)}, ${quoted(lines)})`
      : `null(${quoted(structure)})`
    const { stream } = await db.exec({
      query: `SELECT * FROM ${source} FORMAT Parquet`,
      clickhouse_settings: {
        max_threads: 1,
        max_query_size: '1000000000',
        output_format_parquet_string_as_string: 1,
        output_format_parquet_compression_method: 'snappy',
        output_format_parquet_parallel_encoding: 0,
      },
    })
    const parts: Buffer[] = []
    for await (const part of stream) parts.push(part as Buffer)
    return new Uint8Array(Buffer.concat(parts))
  }
