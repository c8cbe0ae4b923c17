import { setTimeout as wait } from 'node:timers/promises'
import type { ReportsDesk } from './desk.ts'
import { type Limits, Rounds } from './rounds.ts'

export type ReportsEvery = {
  /** Milliseconds between two rounds when nothing happens; five seconds when not given. */
  everyMs?: number
  /** Milliseconds in which what happens together is gathered. */
  gatherMs?: number
  limits?: Partial<Limits>
  onTrouble: (error: unknown) => void
}

/** After a failure. */
const restMs = 10_000

/**
 * While a server runs: brings runs of reports forward whenever one is due, a report is made or a receipt comes. Ends when told to, after
 * the round at hand; what is being made then is free for the next server.
 */
export function reportsEvery(
  desk: ReportsDesk,
  { everyMs = 5_000, gatherMs = 100, limits = {}, onTrouble }: ReportsEvery,
): { close: () => Promise<void> } {
  const stop = new AbortController()
  let poke = () => {}
  const rounds = new Rounds(desk, { limits, onFinished: () => poke() })

  const listen = async () => {
    while (!stop.signal.aborted) {
      await desk.postman.waitForReceipt(stop.signal)
      poke()
      await rest(gatherMs, stop.signal)
    }
  }
  const run = async () => {
    while (!stop.signal.aborted) {
      const poked = new Promise<void>((resolve) => {
        poke = resolve
      })
      const next = await rounds.round().catch((error: unknown) => {
        if (!stop.signal.aborted) onTrouble(error)
      })
      if (next === undefined) {
        await rest(restMs, stop.signal)
        continue
      }
      const woken = new AbortController()
      await Promise.race([poked, rest(Math.min(everyMs, next), AbortSignal.any([stop.signal, woken.signal]))])
      woken.abort()
      await rest(gatherMs, stop.signal)
    }
  }
  const running = Promise.all([run(), listen().catch(onTrouble)])
  return {
    close: async () => {
      stop.abort()
      await running
      await rounds.close()
    },
  }
}

const rest = (ms: number, signal: AbortSignal) =>
  wait(ms, undefined, { signal, ref: false }).catch(() => undefined)
