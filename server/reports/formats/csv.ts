import { literal } from '../../../pipelines/sqlText.ts'
import type { Db } from '../../../sql/db.ts'
import { csvLines, formulaStart } from '../../csv.ts'
import type { ReportTable } from '../content.ts'
import { isSelect, written } from '../select.ts'

const guarded = (cell: string) =>
  `if(match(${cell}, ${literal(formulaStart)}), concat('\\'', ${cell}), ${cell})`

/**
 * One table and nothing else, as RFC 4180: lines of a head block would break every program that reads it, so that block goes with the file
 * and not in it. Guarded against formulas, or `raw` and exact.
 */
export async function* csv(
  db: Pick<Db, 'exec'>,
  table: ReportTable,
  { raw = false }: { raw?: boolean | undefined },
) {
  if (isSelect(table))
    return yield* await written(db, table, {
      format: 'CSVWithNames',
      ...(!raw && { text: guarded }),
      settings: { output_format_csv_crlf_end_of_line: 1, format_csv_null_representation: '' },
    })
  const encoder = new TextEncoder()
  yield encoder.encode(csvLines([table.columns.map(({ name }) => name)]))
  yield encoder.encode(csvLines(table.rows, { guard: !raw }))
}
