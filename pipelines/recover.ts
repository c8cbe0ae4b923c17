import { rm } from 'node:fs/promises'
import type { Db } from '../sql/db.ts'
import { clock, entriesIn, type LedgerEntry, readEntry, writeEntry } from './ledger.ts'
import { withLock } from './lock.ts'
import { locks, publish, spoolOf } from './publish.ts'
import { dropLoadTables } from './stage.ts'

/**
 * For a start: completes loads that died while publishing, marks those that died before as failed, and removes tables that
 * dead loads left. Loads of processes that are alive are left alone. Returns the entries it changed.
 */
export async function recoverLoads(db: Db): Promise<LedgerEntry[]> {
  const changed: LedgerEntry[] = []
  const unfinished = (await entriesIn(db, ['checking', 'staging', 'publishing'])).map(
    ({ load_id }) => load_id,
  )
  for (const loadId of new Set([...unfinished, ...(await loadsWithTables(db))])) {
    const recover = async (): Promise<void> => {
      const entry = await readEntry(db, loadId)
      if (entry?.state === 'publishing') {
        changed.push(await publish(db, entry))
        return
      }
      await dropLoadTables(db, loadId)
      await rm(spoolOf(db, loadId), { recursive: true, force: true })
      if (entry?.state !== 'checking' && entry?.state !== 'staging') return
      const error = 'The load was interrupted before it was published. Load the file again.'
      changed.push(await writeEntry(db, entry, { state: 'failed', error, finished_at: clock() }))
    }
    await withLock(locks(db), `load-${loadId}`, recover, { wait: false })
  }
  return changed
}

async function loadsWithTables(db: Db): Promise<string[]> {
  const result = await db.query({
    query: `SELECT DISTINCT extract(name, '^(?:(?:raw|stage|rejects)(?:_view)?|landing|fresh)_([0-9a-f]{16})$') AS load_id
            FROM system.tables WHERE database = currentDatabase() AND load_id != ''`,
    format: 'JSONEachRow',
  })
  return (await result.json<{ load_id: string }>()).map(({ load_id }) => load_id)
}
