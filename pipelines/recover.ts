import { readdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { type Db, DbError } from '../sql/db.ts'
import { inRounds } from './inRounds.ts'
import { clock, entriesIn, type LedgerEntry, readEntry, writeEntry } from './ledger.ts'
import { withLock } from './lock.ts'
import { locks, publish, publishHeld, spoolOf } from './publish.ts'
import { dropLoadTables } from './stage.ts'

/**
 * For a start, and every minute after it: completes loads that died while publishing, marks those that died before as failed, and removes tables and
 * files that dead loads left. Loads of processes that are alive are left alone, and so is, for a later try, what cannot be
 * mended now: a full disk stops no start. Returns the entries it changed.
 */
export async function recoverLoads(db: Db): Promise<LedgerEntry[]> {
  const changed: LedgerEntry[] = []
  const unfinished = (await entriesIn(db, ['checking', 'staging', 'publishing'])).map(
    ({ load_id }) => load_id,
  )
  const left = [...(await loadsWithTables(db)), ...(await loadsWithFiles(db))]
  for (const loadId of new Set([...unfinished, ...left])) {
    const recover = async (): Promise<void> => {
      const entry = await readEntry(db, loadId)
      if (entry?.state === 'publishing') changed.push(await publish(db, entry))
      else await dropLoadTables(db, loadId)
      await rm(spoolOf(db, loadId), { recursive: true, force: true })
      if (entry?.state !== 'checking' && entry?.state !== 'staging') return
      const error = 'The load was interrupted before it was published. Load the file again.'
      changed.push(await writeEntry(db, entry, { state: 'failed', error, finished_at: clock() }))
    }
    await withLock(locks(db), `load-${loadId}`, recover, { wait: false }).catch(() => {})
  }
  return changed
}

export type RecoverEvery = {
  /** Milliseconds between two rounds; a minute when not given. */
  everyMs?: number
  /** Whether a load runs in this process; then the round is left out. */
  isBusy: () => boolean
  /** Told of the entries a round changed. */
  onRecovered: (changed: LedgerEntry[]) => void
  onTrouble: (error: unknown) => void
}

/** While a server runs: recovers again and again what commands beside it leave when they die. Ends, after the round at hand, when told to. */
export function recoverEvery(
  db: Db,
  { everyMs = 60_000, isBusy, onRecovered, onTrouble }: RecoverEvery,
): { close: () => Promise<void> } {
  const round = async () => {
    const changed = await recoverLoads(db)
    if (changed.length > 0) onRecovered(changed)
  }
  return inRounds(() => (isBusy() ? undefined : round()), { everyMs, onTrouble })
}

/**
 * Completes loads that died while publishing, so that nothing of them is seen half beside what comes next. The caller
 * holds the publish lock. Throws when the disk is full or the engine is away; another failure leaves the load for later.
 */
export async function completeDead(db: Db): Promise<void> {
  for (const { load_id } of await entriesIn(db, ['publishing'])) {
    const complete = async (): Promise<void> => {
      const entry = await readEntry(db, load_id)
      if (entry?.state === 'publishing') await publishHeld(db, entry)
    }
    try {
      await withLock(locks(db), `load-${load_id}`, complete, { wait: false })
    } catch (error) {
      const isFull = error instanceof Error && 'code' in error && String(error.code) === '243'
      if (isFull || error instanceof DbError) throw error
    }
  }
}

async function loadsWithFiles(db: Db): Promise<string[]> {
  const names = await readdir(path.dirname(spoolOf(db, 'any'))).catch(() => [])
  return names.filter((name) => /^[0-9a-f]{16}$/.test(name))
}

async function loadsWithTables(db: Db): Promise<string[]> {
  const result = await db.query({
    query: `SELECT DISTINCT extract(name, '^[a-z][a-z_]*_([0-9a-f]{16})$') AS load_id
            FROM system.tables WHERE database = currentDatabase() AND load_id != ''`,
    format: 'JSONEachRow',
  })
  return (await result.json<{ load_id: string }>()).map(({ load_id }) => load_id)
}
