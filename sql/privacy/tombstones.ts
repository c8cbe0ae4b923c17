import type { Db } from '../db.ts'
import { rowsOf } from '../rowsOf.ts'

/** One erasure: an id of its own, when it was asked for and by whom, and the keyed hashes of those it is about. */
export type Erasure = { erasure: string; at: string; by: string; hashes: string[] }
/** What was found and is gone, by place: rows of tables, files. */
export type Found = Record<string, number>

const settings = { async_insert: 0, date_time_input_format: 'best_effort' } as const

/** How often somebody was erased: it moves on when a load has somebody more to leave out. */
export async function countErased(db: Db): Promise<number> {
  return (await rowsOf<{ n: number }>(db, 'SELECT count() AS n FROM erased_subjects FINAL'))[0]?.n ?? 0
}

/** From here on no load brings these people back, and the erasure is to be brought to its end, whoever dies. Repeatable. */
export async function beginErasure(db: Db, { erasure, at, by, hashes }: Erasure): Promise<void> {
  await db.insert({
    table: 'erased_subjects',
    values: hashes.map((hash) => ({ hash, erasure, at })),
    format: 'JSONEachRow',
    clickhouse_settings: settings,
  })
  await note(db, { erasure, at, by, hashes, state: 'begun', found: '{}' })
}

/** The proof that it was done. */
export const endErasure = (db: Db, { erasure, by, hashes }: Erasure, found: Found, at = new Date()) =>
  note(db, { erasure, at: at.toISOString(), by, hashes, state: 'done', found: JSON.stringify(found) })

async function note(db: Db, row: Erasure & { state: 'begun' | 'done'; found: string }): Promise<void> {
  await db.insert({ table: 'erasures', values: [row], format: 'JSONEachRow', clickhouse_settings: settings })
}

/** Every erasure, the oldest first; `done_at` is null while it is not at its end. */
export async function listErasures(db: Db): Promise<(Erasure & { done_at: string | null; found: Found })[]> {
  const rows = await rowsOf<Erasure & { done_at: string | null; found: string }>(
    db,
    `SELECT erasure, min(e.at) AS at, any(by) AS by, any(hashes) AS hashes,
       nullIf(maxIf(e.at, state = 'done'), toDateTime64(0, 3, 'UTC')) AS done_at, argMax(found, e.at) AS found
     FROM erasures AS e GROUP BY erasure ORDER BY at, erasure`,
  )
  return rows.map((row) => ({ ...row, found: JSON.parse(row.found) as Found }))
}
