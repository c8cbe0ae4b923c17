import { setTimeout as wait } from 'node:timers/promises'
import type { Db } from '../../sql/db.ts'
import { readJurisdiction } from '../../sql/reference.ts'
import arrivalsSql from './arrivals.sql?raw'
import { changedReleases, damagedBodies, lostReports } from './files.ts'
import type { Finding } from './finding.ts'
import { damagedParts } from './parts.ts'
import tablesSql from './tables.sql?raw'
import weeksSql from './weeks.sql?raw'

/**
 * Everything that is not as it was written down: ledgers against tables, tables against each other, files against their checksums. What a load
 * or a server is just changing looks wrong for a moment, so only what is found twice is told.
 */
export async function disagreements(db: Db, secret?: string): Promise<Finding[]> {
  const found = await lookOnce(db, secret)
  if (found.length === 0) return []
  await wait(1_000)
  const still = new Set((await lookOnce(db, secret)).map(({ subject, problem }) => `${subject}: ${problem}`))
  return found.filter(({ subject, problem }) => still.has(`${subject}: ${problem}`))
}

async function lookOnce(db: Db, secret?: string): Promise<Finding[]> {
  const damaged = await damagedParts(db)
  const { time_zone: zone } = await readJurisdiction(db)
  const compared = [tablesSql, arrivalsSql, weeksSql].map((sql) => compare(db, sql, { zone }))
  const files = [damagedBodies(db), lostReports(db), changedReleases(db, secret)]
  return [damaged, ...(await Promise.all([...compared, ...files]))].flat()
}

/** A table that cannot be read is told by its damaged parts, and again by the question that met it. */
async function compare(db: Db, query: string, query_params: Record<string, unknown>): Promise<Finding[]> {
  try {
    const result = await db.query({ query, query_params, format: 'JSONEachRow' })
    return await result.json<Finding>()
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/\s+/g, ' ').slice(0, 200) : String(error)
    return [
      {
        subject: 'the ledger',
        problem: `it cannot be compared with the tables (${why})`,
        remedy: 'Mend the damaged parts first, then check again.',
      },
    ]
  }
}
