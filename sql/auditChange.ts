import { setTimeout as wait } from 'node:timers/promises'
import type { Db } from './db.ts'

const deadlineMs = 600_000

/** Has the engine rewrite the audit, and waits: only what was written down as a deed before may be emptied or removed. */
export async function changeAudit(db: Db, change: string): Promise<void> {
  // waiting inside the engine would never end on a full disk
  await db.command({ query: `ALTER TABLE audit ${change}`, clickhouse_settings: { mutations_sync: '0' } })
  const until = Date.now() + deadlineMs
  for (;;) {
    const result = await db.query({
      query: `SELECT max(latest_fail_reason) AS failed, count() AS open FROM system.mutations
              WHERE database = currentDatabase() AND \`table\` = 'audit' AND NOT is_done`,
      format: 'JSONEachRow',
    })
    const [row] = await result.json<{ failed: string; open: number }>()
    if (!row || row.open === 0) return
    if (Date.now() > until)
      throw new Error(
        `The audit could not be rewritten in time. ${row.failed} Free some space and do it again.`,
      )
    await wait(50)
  }
}
