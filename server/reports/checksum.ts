import { createHash } from 'node:crypto'
import type { Db } from '../../sql/db.ts'
import type { ReportTable } from './content.ts'
import { isSelect, written } from './select.ts'

/** SHA-256 of all rows of all tables in their order, each row a line of JSON. */
export async function figuresSha256(db: Pick<Db, 'exec'>, tables: readonly ReportTable[]): Promise<string> {
  const sum = createHash('sha256')
  for (const table of tables)
    if (isSelect(table))
      for await (const piece of await written(db, table, { format: 'JSONCompactEachRow' })) sum.update(piece)
    else for (const row of table.rows) sum.update(`${JSON.stringify(row)}\n`)
  return sum.digest('hex')
}
