import type { Db } from '../../sql/db.ts'
import type { Env } from '../env.ts'
import { StartError } from '../env.ts'
import { openStore } from '../open.ts'
import checkSql from './check.sql?raw'

type Finding = { subject: string; problem: string }

/** Compares the ledger with the tables; every disagreement is a line, and the exit code is then 1. */
export async function check(env: Env, { json = false }: { json?: boolean }): Promise<void> {
  const db = await openStore(env)
  try {
    const findings = await compare(db)
    if (json) process.stdout.write(`${JSON.stringify({ ok: findings.length === 0, findings })}\n`)
    else for (const { subject, problem } of findings) process.stdout.write(`${subject}: ${problem}\n`)
    if (findings.length > 0)
      throw new StartError(
        `The ledger and the tables disagree in ${findings.length} ${findings.length === 1 ? 'place' : 'places'}; load the files named above again.`,
      )
    if (!json) process.stdout.write('The ledger and the tables agree.\n')
  } finally {
    await db.close()
  }
}

async function compare(db: Db): Promise<Finding[]> {
  const result = await db.query({ query: checkSql, format: 'JSONEachRow' })
  return result.json<Finding>()
}
