import type { Db } from '../db.ts'
import type { Retention } from './privacyConfig.ts'

/** What the engine forgets by itself: of which table, how long after which moment; a column alone is emptied. */
const forgotten: { of: keyof Retention; table: string; column?: string; after: string }[] = [
  { of: 'rejected_rows', table: 'rejected_rows', after: 'rejected_at' },
  { of: 'comments', table: 'comments', after: 'toDateTime(at)' },
  { of: 'comments', table: 'outcomes', column: 'comment', after: 'toDateTime(at)' },
  { of: 'readings', table: 'comment_readings', after: 'toDateTime(at)' },
]

/** Lets the engine forget after as many days as the configuration says, where it does not do so already. */
export async function applyRetention(db: Db, retention: Retention): Promise<void> {
  const answer = await db.query({
    query:
      'SELECT name, create_table_query AS definition FROM system.tables WHERE database = currentDatabase() AND name IN {names: Array(String)}',
    query_params: { names: forgotten.map(({ table }) => table) },
    format: 'JSONEachRow',
  })
  const tables = await answer.json<{ name: string; definition: string }>()
  for (const { of, table, column, after } of forgotten) {
    const days = retention[of]
    const definition = tables.find(({ name }) => name === table)?.definition ?? ''
    const before = /\bTTL (.+?) \+ (?:toIntervalDay\((\d+)\)|INTERVAL (\d+) DAY)/.exec(definition)
    const held = before ? Number(before[2] ?? before[3]) : null
    if (held === days) continue
    const ttl = days === null ? 'REMOVE TTL' : `TTL ${after} + INTERVAL ${days} DAY`
    const change = column ? `MODIFY COLUMN ${column} ${ttl}` : days === null ? ttl : `MODIFY ${ttl}`
    // what is over already goes with the next merges, which come by themselves
    await db.command({
      query: `ALTER TABLE ${table} ${change}`,
      clickhouse_settings: { mutations_sync: '0' },
    })
  }
}
