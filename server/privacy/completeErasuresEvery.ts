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
  let round: Promise<void> | undefined
  const timer = setInterval(() => {
    round ??= applyErasures(db, note)
      .then(() => {}, onTrouble)
      .finally(() => {
        round = undefined
      })
  }, everyMs)
  timer.unref()
  return {
    close: async () => {
      clearInterval(timer)
      await round
    },
  }
}
