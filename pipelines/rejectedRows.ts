import type { Db } from '../sql/db.ts'
import { csvLine } from './template.ts'

type Rejected = { line: number; raw: string; reasons: string[] }

/**
 * The rejected rows of a load as CSV under their own header, to be mended and loaded again: values exactly as they came, then the line
 * and why it was rejected in two columns that a load passes over.
 */
export async function* rejectedCsv(db: Db, loadId: string): AsyncGenerator<string> {
  const result = await db.query({
    query: `SELECT name FROM (SELECT line, JSONExtractKeys(raw) AS names FROM rejected_rows FINAL WHERE load_id = {id: String})
            ARRAY JOIN names AS name, arrayEnumerate(names) AS place GROUP BY name ORDER BY min((line, place))`,
    query_params: { id: loadId },
    format: 'JSONEachRow',
  })
  const names = (await result.json<{ name: string }>()).map(({ name }) => name)
  yield csvLine([...names, 'rejected_line', 'rejected_because'])
  for await (const rows of rejected(db, loadId)) {
    const lines = rows.map(({ line, raw, reasons }) => {
      const row = parsed(raw)
      return csvLine([...names.map((name) => textOf(row[name])), String(line), reasons.join(' ')])
    })
    yield lines.join('')
  }
}

/** The rejected rows of a load as JSON lines, exactly as they came or, where the source was CSV, as objects of its columns. */
export async function* rejectedLines(db: Db, loadId: string): AsyncGenerator<string> {
  for await (const rows of rejected(db, loadId)) yield rows.map(({ raw }) => `${raw}\n`).join('')
}

async function* rejected(db: Db, loadId: string): AsyncGenerator<Rejected[]> {
  const result = await db.query({
    query: `SELECT line, any(raw) AS raw, groupArray(reason) AS reasons FROM rejected_rows FINAL
            WHERE load_id = {id: String} GROUP BY line ORDER BY line`,
    query_params: { id: loadId },
    format: 'JSONEachRow',
  })
  for await (const rows of result.stream<Rejected>()) yield rows.map((row) => row.json())
}

/** A line that is no object has no values to show. */
function parsed(raw: string): Record<string, unknown> {
  try {
    const row: unknown = JSON.parse(raw)
    return typeof row === 'object' && row !== null ? { ...row } : {}
  } catch {
    return {}
  }
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}
