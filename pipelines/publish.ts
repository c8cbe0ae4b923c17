import path from 'node:path'
import { noteArrivals } from '../sql/arrivals.ts'
import type { Db } from '../sql/db.ts'
import { derive } from '../sql/derive.ts'
import { clock, type LedgerEntry, writeEntry } from './ledger.ts'
import { withLock } from './lock.ts'
import { loadTables } from './plan.ts'
import { dropLoadTables } from './stage.ts'

/** Where the locks of loads are. */
export const locks = (db: Db): string => path.join(db.dataDir, 'locks')

/** Where one load puts decompressed bytes. */
export const spoolOf = (db: Db, loadId: string): string => path.join(db.dataDir, 'incoming', loadId)

/** Goes on with a load whose rows are staged and counted: makes them visible and derives. Repeatable. */
export const publish = (db: Db, entry: LedgerEntry): Promise<LedgerEntry> =>
  withLock(locks(db), 'publish', () => publishHeld(db, entry))

/** The same for a caller that holds the publish lock. */
export async function publishHeld(db: Db, entry: LedgerEntry): Promise<LedgerEntry> {
  const { stage, fresh } = loadTables(entry.load_id)
  if (entry.facts > 0) {
    const table = (await tableExists(db, fresh)) ? fresh : stage
    await noteArrivals(db, entry, table)
    await derive(db, { stream: entry.stream, stage: table })
  }
  const done = await writeEntry(db, entry, { state: 'done', error: '', finished_at: clock() })
  await dropLoadTables(db, entry.load_id)
  return done
}

async function tableExists(db: Db, table: string): Promise<boolean> {
  const result = await db.query({
    query: 'SELECT 1 FROM system.tables WHERE database = currentDatabase() AND name = {table: String}',
    query_params: { table },
    format: 'JSONEachRow',
  })
  return (await result.json()).length > 0
}
