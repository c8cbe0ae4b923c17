import { rm } from 'node:fs/promises'
import type { Db } from '../sql/db.ts'
import { clock, entriesIn, type LedgerEntry, readEntry, writeEntry } from './ledger.ts'
import { withLock } from './lock.ts'
import { locks, publish, spoolOf } from './publish.ts'
import { dropLoadTables } from './stage.ts'

/**
 * For a start: completes loads that died while publishing, and marks those that died before as failed. Loads of processes that
 * are alive are left alone. Returns the entries it changed.
 */
export async function recoverLoads(db: Db): Promise<LedgerEntry[]> {
  const changed: LedgerEntry[] = []
  for (const { load_id } of await entriesIn(db, ['checking', 'staging', 'publishing'])) {
    const recover = async (): Promise<void> => {
      const entry = await readEntry(db, load_id)
      if (entry?.state === 'publishing') changed.push(await publish(db, entry))
      if (entry?.state !== 'checking' && entry?.state !== 'staging') return
      await dropLoadTables(db, load_id)
      await rm(spoolOf(db, load_id), { recursive: true, force: true })
      const error = 'The load was interrupted before it was published. Load the file again.'
      changed.push(await writeEntry(db, entry, { state: 'failed', error, finished_at: clock() }))
    }
    await withLock(locks(db), `load-${load_id}`, recover, { wait: false })
  }
  return changed
}
