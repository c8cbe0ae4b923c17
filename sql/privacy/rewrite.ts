import { setTimeout as wait } from 'node:timers/promises'
import { type Db, isAtLeast } from '../db.ts'

/** Readers may hold an old part as long as their question lasts. */
const longest = 15 * 60_000

/** Rows that were marked as gone are no longer in the parts people read. */
export async function dropMarked(db: Db, table: string): Promise<void> {
  // a mark lies beside its part until it is written into it
  if (isAtLeast(db.version, 25, 8)) await mutate(db, table, 'APPLY PATCHES')
  await mutate(db, table, 'APPLY DELETED MASK')
}

/** Rows go out of all parts that hold them. The condition may name nobody: the engine keeps its text. */
export const dropRows = (db: Db, table: string, condition: string): Promise<void> =>
  mutate(db, table, `DELETE WHERE ${condition}`)

/**
 * Rewrites the parts of a table. Told to wait, the engine would wait for ever on a full disk: so it is asked how far it is, and what it
 * cannot do is called off.
 */
export async function mutate(db: Db, table: string, what: string): Promise<void> {
  await db.command({ query: `ALTER TABLE ${table} ${what}`, clickhouse_settings: { mutations_sync: '0' } })
  const until = performance.now() + longest
  for (;;) {
    const query = `SELECT mutation_id, latest_fail_reason FROM system.mutations
                   WHERE database = currentDatabase() AND table = {table: String} AND NOT is_done`
    const answer = await db.query({ query, query_params: { table }, format: 'JSONEachRow' })
    const open = await answer.json<{ mutation_id: string; latest_fail_reason: string }>()
    if (open.length === 0) return
    const failed = open.find(({ latest_fail_reason }) => latest_fail_reason !== '')
    if (failed || performance.now() > until) {
      await db.command({
        query: `KILL MUTATION WHERE database = currentDatabase() AND table = '${table}' ASYNC`,
      })
      throw new Error(
        `The table ${table} could not be rewritten: ${failed?.latest_fail_reason ?? 'it took too long'}`,
      )
    }
    await wait(20)
  }
}

/**
 * What a table no longer shows is no longer on disk either: the engine would keep replaced parts for eight minutes. It takes away what is
 * overdue whenever a partition is dropped, also one there never was.
 */
export async function dropOldParts(db: Db, table: string): Promise<void> {
  await db.command({ query: `ALTER TABLE ${table} MODIFY SETTING old_parts_lifetime = 0` })
  try {
    const until = performance.now() + longest
    for (;;) {
      await db.command({ query: `ALTER TABLE ${table} DROP PARTITION ID 'never'` })
      const answer = await db.query({
        query: `SELECT count() AS parts FROM system.parts WHERE NOT active AND database = currentDatabase() AND table = {table: String}`,
        query_params: { table },
        format: 'JSONEachRow',
      })
      if ((await answer.json<{ parts: number }>())[0]?.parts === 0) return
      if (performance.now() > until)
        throw new Error(`Old parts of the table ${table} are still being read and could not be removed.`)
      await wait(100)
    }
  } finally {
    await db.command({ query: `ALTER TABLE ${table} RESET SETTING old_parts_lifetime` })
  }
}
