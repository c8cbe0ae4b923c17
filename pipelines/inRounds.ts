/**
 * Does a piece of work again and again while a server runs, never twice at once. `work` returns nothing when there is nothing to do in a round.
 * Ends, after the round at hand, when told to.
 */
export function inRounds(
  work: () => Promise<unknown> | undefined,
  { everyMs, onTrouble }: { everyMs: number; onTrouble: (error: unknown) => void },
): { close: () => Promise<void> } {
  let round: Promise<void> | undefined
  const timer = setInterval(() => {
    round ??= work()
      ?.then(() => {}, onTrouble)
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
