import type { Db } from '../sql/db.ts'
import type { Mapping } from './mapping.ts'
import { loadTables } from './plan.ts'

/** Whether a staged log tells when activities were started and never that one ended: taken literally nothing was ever done. */
export async function tellsOnlyStarts(db: Db, loadId: string): Promise<boolean> {
  const result = await db.query({
    query: `SELECT countIf(lifecycle = 'start') > 0 AND countIf(lifecycle NOT IN ('start', 'schedule', 'assign', 'suspend', 'resume')) = 0 AS only
            FROM ${loadTables(loadId).stage}`,
    format: 'JSONEachRow',
  })
  return (await result.json<{ only: number }>())[0]?.only === 1
}

/** The mapping under which a start is all that is told of an activity. */
export function startsStandFor(mapping: Mapping): Mapping {
  const { table = {}, ...others } = mapping.values.lifecycle ?? {}
  const lifecycle = { ...others, table: { ...table, start: 'complete' } }
  return { ...mapping, values: { ...mapping.values, lifecycle } }
}
