import type { Db } from '../../sql/db.ts'
import { parquetSettings, rowsAsQuery } from '../parquetRows.ts'
import { bare, type Column } from './columns.ts'
import type { Parquet } from './dataFiles.ts'

const types = { text: 'String', day: 'Date32', whole: 'Int64', number: 'Float64' } as const
const typeOf = ({ type, optional }: Column) => (optional ? `Nullable(${types[type]})` : types[type])

/** Lets the engine write rows as Parquet. */
export const parquetBy =
  (db: Pick<Db, 'exec'>): Parquet =>
  async (table) => {
    const { stream } = await db.exec({
      query: `${rowsAsQuery(table, typeOf, bare)} FORMAT Parquet`,
      clickhouse_settings: parquetSettings,
    })
    const parts: Buffer[] = []
    for await (const part of stream) parts.push(part as Buffer)
    return new Uint8Array(Buffer.concat(parts))
  }
