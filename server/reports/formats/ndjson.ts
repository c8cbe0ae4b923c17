import type { Db } from '../../../sql/db.ts'
import type { ReportTable } from '../content.ts'
import { isSelect, written } from '../select.ts'

/** One table, a row a line by the names of its columns. Text is never guarded: JSON is for programs. */
export async function* ndjson(db: Pick<Db, 'exec'>, table: ReportTable) {
  if (isSelect(table)) return yield* await written(db, table, { format: 'JSONEachRow' })
  const encoder = new TextEncoder()
  for (const row of table.rows)
    yield encoder.encode(
      `${JSON.stringify(Object.fromEntries(table.columns.map(({ name }, at) => [name, row[at] ?? null])))}\n`,
    )
}
