import type { Actor, Audit } from './audit.ts'
import type { Db } from './db.ts'
import { mutate } from './privacy/rewrite.ts'

/** Marks that one deed of trimming names. */
const most = 1_000

/** Last entries of chains up to a moment, and where chains that are still held were trimmed earlier, as chain:no:hash. */
const marksSql = `
WITH old AS
(
  SELECT concat(chain, ':', toString(no), ':', hash) AS mark, chain FROM audit
  WHERE (chain, no) IN (SELECT chain, max(no) FROM audit WHERE at < {before: DateTime64(3, 'UTC')} GROUP BY chain)
)
SELECT mark FROM old
UNION ALL
SELECT mark FROM (SELECT arrayJoin(JSONExtract(detail, 'entries', 'Array(String)')) AS mark FROM audit WHERE deed = 'audit_trim')
WHERE splitByChar(':', mark)[1] NOT IN (SELECT chain FROM old) AND splitByChar(':', mark)[1] IN (SELECT chain FROM audit)`

/**
 * Removes entries whose time is over. Up to where each chain goes is written down before, so that what is left is still whole; a rule of the
 * engine (TTL) would look like somebody had cut it. Repeatable: what was interrupted is completed.
 */
export async function trimAudit(
  db: Db,
  { audit, actor }: { audit: Audit; actor: Actor },
  before: Date,
): Promise<void> {
  const found = await db.query({
    query: marksSql,
    query_params: { before: before.toISOString().replace('T', ' ').replace('Z', '') },
    format: 'JSONEachRow',
  })
  const marks = (await found.json<{ mark: string }>()).map(({ mark }) => mark)
  for (let from = 0; from < marks.length; from += most) {
    const detail = { before: before.toISOString(), entries: marks.slice(from, from + most) }
    await audit.note({ actor, deed: 'audit_trim', detail })
  }
  if (marks.length === 0) return
  await mutate(
    db,
    'audit',
    `DELETE WHERE (chain, no) IN
     (
       SELECT one.chain, one.no
       FROM audit AS one
       INNER JOIN
       (
         SELECT splitByChar(':', mark)[1] AS chain, max(toUInt64OrZero(splitByChar(':', mark)[2])) AS until_no
         FROM (SELECT arrayJoin(JSONExtract(detail, 'entries', 'Array(String)')) AS mark FROM audit WHERE deed = 'audit_trim')
         GROUP BY chain
       ) AS trimmed ON one.chain = trimmed.chain
       WHERE one.no <= trimmed.until_no
     )`,
  )
}
