import type { Db } from '../../../sql/db.ts'
import { parquetSettings, rowsAsQuery } from '../../parquetRows.ts'
import type { ReportTable } from '../content.ts'
import { engineType, isSelect, type RowsTable, type SelectTable, written } from '../select.ts'

/** One table as the engine writes it, typed: rows at hand stand in the statement itself, a question is answered straight into the file. */
export async function* parquet(db: Pick<Db, 'exec'>, table: ReportTable) {
  yield* await written(db, isSelect(table) ? table : asked(table), {
    format: 'Parquet',
    settings: parquetSettings,
  })
}

const asked = (table: RowsTable): SelectTable => ({
  ...table,
  select: { query: rowsAsQuery(table, engineType), params: {} },
})
