import { setTimeout as wait } from 'node:timers/promises'
import { verifyAudit } from '../../sql/auditRead.ts'
import type { Db } from '../../sql/db.ts'
import { readJurisdiction } from '../../sql/reference.ts'
import { faultSentence } from '../words/deeds.ts'
import arrivalsSql from './arrivals.sql?raw'
import { changedReleases, damagedBodies, lostReports } from './files.ts'
import type { Finding } from './finding.ts'
import { damagedParts } from './parts.ts'
import tablesSql from './tables.sql?raw'
import weeksSql from './weeks.sql?raw'

/**
 * Everything that is not as it was written down: ledgers against tables, tables against each other, files against their checksums, the audit
 * against its hashes. What a load or a server is just changing looks wrong for a moment, so only what is found twice is told.
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
  const compared = [
    ...[tablesSql, arrivalsSql, weeksSql].map((query) =>
      orUnread('the ledger', async () => {
        const result = await db.query({ query, query_params: { zone }, format: 'JSONEachRow' })
        return result.json<Finding>()
      }),
    ),
    orUnread('the audit', () => changedEntries(db)),
  ]
  const files = [damagedBodies(db), lostReports(db), changedReleases(db, secret)]
  return [damaged, ...(await Promise.all([...compared, ...files]))].flat()
}

/** Entries of the audit that are not as they were written. */
async function changedEntries(db: Db): Promise<Finding[]> {
  const { faults } = await verifyAudit(db)
  return faults.map((fault) => ({
    subject: 'the audit',
    problem: faultSentence(fault).replace(/\.$/, ''),
    remedy:
      'Keep the store as it is, and compare with a backup or an export of the audit: somebody or a fault changed it.',
  }))
}

/** A table that cannot be read is told by its damaged parts, and again by whoever met it. */
async function orUnread(subject: string, look: () => Promise<Finding[]>): Promise<Finding[]> {
  try {
    return await look()
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/\s+/g, ' ').slice(0, 200) : String(error)
    return [
      {
        subject,
        problem: `it cannot be read to the end (${why})`,
        remedy: 'Mend the damaged parts first, then check again.',
      },
    ]
  }
}
