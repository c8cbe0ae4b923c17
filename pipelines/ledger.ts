import type { Db } from '../sql/db.ts'
import { withLock } from './lock.ts'
import type { StreamName } from './streams.ts'

export type LoadState = 'checking' | 'staging' | 'publishing' | 'done' | 'failed' | 'cancelled'

/** A load's entry in the ledger, as stored. Counts are rows of the source; `facts` are rows published. */
export type LedgerEntry = {
  load_id: string
  load_no: number
  stream: StreamName
  source: string
  mapping: string
  service: string
  file_name: string
  file_sha256: string
  bytes: number
  state: LoadState
  read: number
  accepted: number
  rejected: number
  duplicates: number
  corrected: number
  facts: number
  first_time: string | null
  last_time: string | null
  error: string
  started_at: string
  finished_at: string | null
  version: number
}

/** The present entry of a load, if there is one. */
export async function readEntry(db: Db, loadId: string): Promise<LedgerEntry | undefined> {
  const result = await db.query({
    query: 'SELECT * FROM loads FINAL WHERE load_id = {id: String}',
    query_params: { id: loadId },
    format: 'JSONEachRow',
  })
  return (await result.json<LedgerEntry>())[0]
}

/** Entries of loads in one of the states. */
export async function entriesIn(db: Db, states: readonly LoadState[]): Promise<LedgerEntry[]> {
  const result = await db.query({
    query: 'SELECT * FROM loads FINAL WHERE toString(state) IN {states: Array(String)} ORDER BY load_no',
    query_params: { states },
    format: 'JSONEachRow',
  })
  return result.json<LedgerEntry>()
}

/** Writes the next version of an entry and gives it back. */
export async function writeEntry(
  db: Db,
  entry: LedgerEntry,
  change: Partial<LedgerEntry> = {},
): Promise<LedgerEntry> {
  const next = { ...entry, ...change, version: Math.max(entry.version + 1, Date.now()) }
  await db.insert({
    table: 'loads',
    values: [next],
    format: 'JSONEachRow',
    clickhouse_settings: db.kind === 'embedded' ? { ...loadSettings, ...lastRoom } : loadSettings,
  })
  return next
}

/** Opens an entry with the next number: nothing of an earlier try was published, so the load counts from now. */
export async function openEntry(
  db: Db,
  lockDir: string,
  entry: Omit<LedgerEntry, 'load_no' | 'version'>,
): Promise<LedgerEntry> {
  return withLock(lockDir, 'ledger', async () => {
    const earlier = await readEntry(db, entry.load_id)
    return writeEntry(db, { ...entry, load_no: await nextNumber(db), version: earlier?.version ?? 0 })
  })
}

async function nextNumber(db: Db): Promise<number> {
  const result = await db.query({
    query: 'SELECT max(load_no) + 1 AS next FROM loads',
    format: 'JSONEachRow',
  })
  return (await result.json<{ next: number }>())[0]?.next ?? 1
}

/** On a disk too full for loads there is still room to say so. */
const lastRoom = { min_free_disk_bytes_to_perform_insert: '0' } as const

/** A time as the ledger's columns read it. */
export const clock = (time = new Date()): string => time.toISOString().replace('T', ' ').replace('Z', '')

/** Ledger entries are small and must be stored when the insert returns. */
export const loadSettings = { async_insert: 0, date_time_input_format: 'best_effort' } as const
