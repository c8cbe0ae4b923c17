import type { Actor, Audit } from './audit.ts'
import { changeAudit } from './auditChange.ts'
import type { Db } from './db.ts'

/** Entries that one deed of emptying names. */
const most = 1_000

/**
 * Takes out of the audit which cases were opened, for persons with a right to be forgotten. The chain knows only the seal of a case, so it stays
 * whole; which entries are emptied is written down before. Repeatable: what was interrupted is completed. Resolves with the number of entries
 * emptied; parts of the table that still hold the ids are removed by the engine within its usual minutes.
 */
export async function emptyAudit(
  db: Db,
  { audit, actor }: { audit: Audit; actor: Actor },
  cases: readonly { source: string; case_id: string }[],
): Promise<number> {
  const found = await db.query({
    query: `SELECT concat(chain, ':', toString(no)) AS entry FROM audit
            WHERE salt != '' AND (JSONExtractString(detail, 'source'), object) IN (SELECT arrayJoin(arrayZip({sources: Array(String)}, {ids: Array(String)})))
            ORDER BY at, chain, no`,
    query_params: { sources: cases.map(({ source }) => source), ids: cases.map(({ case_id }) => case_id) },
    format: 'JSONEachRow',
  })
  const entries = (await found.json<{ entry: string }>()).map(({ entry }) => entry)
  for (let from = 0; from < entries.length; from += most)
    await audit.note({ actor, deed: 'audit_empty', detail: { entries: entries.slice(from, from + most) } })
  await changeAudit(
    db,
    `UPDATE object = '', salt = ''
     WHERE salt != '' AND concat(chain, ':', toString(no)) IN (SELECT arrayJoin(JSONExtract(detail, 'entries', 'Array(String)')) FROM audit WHERE deed = 'audit_empty')`,
  )
  return entries.length
}
