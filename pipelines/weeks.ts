import { dataVersion } from '../sql/dataVersion.ts'
import type { Db } from '../sql/db.ts'
import { makeWeeks } from '../sql/weekly.ts'
import { inRounds } from './inRounds.ts'
import { withLock } from './lock.ts'
import { locks } from './publish.ts'

/** Brings the tables by weeks up to date, unless another process is at it. */
export async function keepWeeks(db: Db): Promise<void> {
  await withLock(locks(db), 'weeks', () => makeWeeks(db), { wait: false })
}

export type KeepWeeksEvery = {
  /** Milliseconds between two looks whether something changed; two seconds when not given. */
  everyMs?: number
  /** What is reckoned from the weeks ahead of those who ask; after each change of the data. */
  ahead?: () => Promise<unknown>
  onTrouble: (error: unknown) => void
}

/**
 * While a server runs: brings the tables by weeks up to date after every load, its own and those of commands beside it. Where loads follow each other
 * it takes no more than a fifth of the time. Ends, after the round at hand, when told to.
 */
export function keepWeeksEvery(
  db: Db,
  { everyMs = 2_000, ahead, onTrouble }: KeepWeeksEvery,
): { close: () => Promise<void> } {
  let restUntil = 0
  let known = ''
  const round = async () => {
    const began = performance.now()
    try {
      await keepWeeks(db)
      const { version, final } = await dataVersion(db)
      if (!final || version === known) return
      await ahead?.()
      known = version
    } finally {
      restUntil = performance.now() + 4 * (performance.now() - began)
    }
  }
  return inRounds(() => (performance.now() < restUntil ? undefined : round()), { everyMs, onTrouble })
}
