import type { Db } from '../sql/db.ts'
import { factTables } from './facts.ts'
import { loadTables, type Rule } from './plan.ts'
import type { StreamName } from './streams.ts'

/** What a load would do beyond its counts. */
export type DryRunReport = {
  rejected_by_rule: { field: string; rule: string; reason: string; rows: number; first_line: number }[]
  /** The first rows that do not fit, one entry for each rule broken. */
  rejected_rows: { line: number; field: string; rule: string; reason: string; raw: string }[]
  /** The first accepted rows as they would be stored. */
  first_rows: Record<string, unknown>[]
}

const shownRows = 20
const internal = ['event_key', 'seq', 'version', 'load_no', 'respondent']

/** Reads the report off the tables of a staged load, before they are dropped. */
export async function dryRunReport(
  db: Db,
  loadId: string,
  stream: StreamName,
  rules: readonly Rule[],
): Promise<DryRunReport> {
  const { stage, rejects } = loadTables(loadId)
  const rowsOf = async <Row>(query: string): Promise<Row[]> =>
    (await db.query({ query, format: 'JSONEachRow' })).json<Row>()
  const ruleAt = (bit: number) => {
    const { field, rule, reason } = rules[bit] ?? { field: '', rule: '', reason: '' }
    return { field, rule, reason }
  }
  const byRule = await rowsOf<{ bit: number; rows: number; first_line: number }>(
    `SELECT arrayJoin(bitPositionsToArray(broken)) AS bit, count() AS rows, min(line) AS first_line
     FROM ${rejects} GROUP BY bit ORDER BY rows DESC, bit`,
  )
  const broken = await rowsOf<{ line: number; bits: number[]; raw: string }>(
    `SELECT line, bitPositionsToArray(broken) AS bits, raw FROM ${rejects} ORDER BY line LIMIT ${shownRows}`,
  )
  const { columns } = factTables[stream]
  const shown = columns.filter((column) => !internal.includes(column))
  const first_rows = await rowsOf<Record<string, unknown>>(
    `SELECT ${shown.join(', ')} FROM ${stage} LIMIT ${shownRows}`,
  )
  return {
    rejected_by_rule: byRule.map(({ bit, ...counted }) => ({ ...ruleAt(bit), ...counted })),
    rejected_rows: broken.flatMap(({ line, bits, raw }) =>
      bits.map((bit) => ({ line, ...ruleAt(bit), raw })),
    ),
    first_rows,
  }
}
