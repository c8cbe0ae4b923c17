import { inRounds } from '../../pipelines/inRounds.ts'
import type { Db } from '../../sql/db.ts'
import { applyErasures, type EraseOptions } from './erase.ts'

type CompleteEvery = {
  everyMs?: number
  note?: EraseOptions['note']
  onTrouble: (error: unknown) => void
}

/** While a server runs: completes every minute what a command that died left half erased. Ends, after the round at hand, when told to. */
export function completeErasuresEvery(
  db: Db,
  { everyMs = 60_000, note, onTrouble }: CompleteEvery,
): { close: () => Promise<void> } {
  return inRounds(() => applyErasures(db, note), { everyMs, onTrouble })
}
