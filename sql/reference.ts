import type { Db } from './db.ts'

export type Jurisdiction = {
  name: string
  time_zone: string
  reopen_days: number
  repeat_days: number
  sample: boolean
}

/** The jurisdiction of the store; before any configuration: nameless, UTC, 30 days to count a case as reopened, 14 for a repeat contact. */
export async function readJurisdiction(db: Db): Promise<Jurisdiction> {
  const result = await db.query({
    query: 'SELECT name, time_zone, reopen_days, repeat_days, sample FROM jurisdiction FINAL',
    format: 'JSONEachRow',
  })
  const [row] = await result.json<Omit<Jurisdiction, 'sample'> & { sample: number }>()
  return row
    ? { ...row, sample: row.sample === 1 }
    : { name: '', time_zone: 'UTC', reopen_days: 30, repeat_days: 14, sample: false }
}
