import { withLock } from '../../pipelines/lock.ts'
import { locks } from '../../pipelines/publish.ts'
import { keepWeeks } from '../../pipelines/weeks.ts'
import type { Db } from '../../sql/db.ts'
import { deriveAll } from '../../sql/derive.ts'
import { disagreements } from '../check/disagreements.ts'
import type { Env } from '../env.ts'
import { StartError } from '../env.ts'
import { openStore } from '../open.ts'

export type CheckFlags = { json?: boolean; mend?: boolean }

/**
 * Compares ledgers, tables and files; everything that is not as it should be is a line with what to do, and the exit code is then 1. With `mend` what is
 * derived is derived anew before.
 */
export async function check(env: Env, { json = false, mend = false }: CheckFlags): Promise<void> {
  const db = await openStore(env)
  try {
    if (mend) await deriveAnew(db)
    const findings = await disagreements(db, env.CLEARWAY_SECRET)
    if (json) process.stdout.write(`${JSON.stringify({ ok: findings.length === 0, findings })}\n`)
    else
      for (const { subject, problem, remedy } of findings)
        process.stdout.write(`${subject}: ${problem}. ${remedy}\n`)
    if (findings.length > 0)
      throw new StartError(
        `The ledger and the tables disagree in ${findings.length} ${findings.length === 1 ? 'place' : 'places'}; what to do stands behind each.`,
      )
    if (!json) process.stdout.write('The ledger and the tables agree.\n')
  } finally {
    await db.close()
  }
}

/** Of the facts, as after another configuration; the tables by weeks of the visits. */
async function deriveAnew(db: Db): Promise<void> {
  await withLock(locks(db), 'publish', () => deriveAll(db))
  await keepWeeks(db)
}
