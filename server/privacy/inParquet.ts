import { randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readParquetFooter } from '../../pipelines/decoders/parquet.ts'
import type { Db } from '../../sql/db.ts'
import { dropTables } from '../../sql/dropTables.ts'

const words = `extractAll(formatRow('TSV', *), '[\\\\pL\\\\pN]+(?:[-_.][\\\\pL\\\\pN]+)*')`

/** Whether a Parquet file holds one of these ids, as a word of any column; on a server not in lists and records, which no load reads either. */
export async function inParquet(db: Db, file: string, ids: readonly string[]): Promise<boolean> {
  const isIn = async (rows: string) => {
    const answer = await db.query({
      query: `SELECT 1 FROM ${rows} WHERE hasAny(${words}, {ids: Array(String)}) LIMIT 1`,
      query_params: { file, ids },
      format: 'JSONEachRow',
    })
    return (await answer.json()).length > 0
  }
  if (db.kind === 'embedded') return isIn(`file({file: String}, 'Parquet')`)
  // a server does not read our files: it is sent the rows, and forgets them
  const { columns } = await readParquetFooter(file)
  const table = `erasing_file_${randomBytes(8).toString('hex')}`
  const named = columns.map((column) => `\`${column.replace(/[\\`]/g, '\\$&')}\` Nullable(String)`)
  await db.command({
    query: `CREATE TABLE ${table} (${named.join(', ')}) ENGINE = MergeTree ORDER BY tuple()`,
  })
  try {
    await db.insert({ table, values: createReadStream(file), format: 'Parquet' })
    return await isIn(table)
  } finally {
    await dropTables(db, [table])
  }
}
