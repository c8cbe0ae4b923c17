import { setTimeout as wait } from 'node:timers/promises'
import { readLog } from '../../sql/releaseLog.ts'
import { readAbouts } from './about.ts'
import { atItsMinute, type Desk } from './desk.ts'
import { keepSite } from './site.ts'
import { byRelease, standingOf } from './state.ts'
import { publish } from './workflow.ts'

export type PublishEvery = {
  /** Milliseconds between two looks at what was scheduled meanwhile; five seconds when not given. */
  everyMs?: number
  /** Waits so many milliseconds, or until told to stop. */
  pause?: (ms: number, stop: AbortSignal) => Promise<unknown>
  onPublished: (id: string) => void
  onTrouble: (error: unknown) => void
}

/** After a failure: a file that was changed does not mend itself within seconds. */
const restMs = 60_000

/**
 * While a server runs: makes each scheduled release public in its minute, never earlier, and those whose minute passed while nobody ran at
 * once. First brings the public folder to what the log says. Ends when told to, after the step at hand.
 */
export function publishEvery(
  desk: Desk,
  { everyMs = 5_000, pause = rest, onPublished, onTrouble }: PublishEvery,
): { close: () => Promise<void> } {
  const stop = new AbortController()
  const due = new Map<string, number>()
  const restUntil = new Map<string, number>()
  const now = () => desk.now().getTime()
  let isKept = false

  /** Does it unless it failed a moment ago; says whether it is done. */
  const attempt = async (what: string, work: () => Promise<unknown>): Promise<boolean> => {
    if (now() < (restUntil.get(what) ?? 0)) return false
    try {
      await work()
      return true
    } catch (error) {
      restUntil.set(what, now() + restMs)
      if (!stop.signal.aborted) onTrouble(error)
      // the log may be ahead of the public folder now
      isKept = false
      return false
    }
  }

  /** When each scheduled release becomes public, the next one first. */
  const scheduled = async () => {
    const waiting = [...byRelease(await readLog(desk.db)).values()]
      .map(standingOf)
      .filter(({ state }) => state === 'scheduled')
    if (waiting.some(({ manifest }) => !due.has(manifest))) {
      const abouts = await readAbouts(desk.db)
      for (const { id, manifest } of waiting)
        due.set(manifest, Date.parse(abouts.get(id)?.head.published_at ?? ''))
    }
    return waiting
      .map(({ id, manifest }) => ({ id, at: due.get(manifest) ?? Number.NaN }))
      .sort((a, b) => a.at - b.at)
  }

  const round = async (): Promise<number> => {
    if (!isKept) isKept = await attempt('the public folder', () => keepSite(desk))
    for (const { id, at } of await scheduled()) {
      if (stop.signal.aborted) break
      if (now() < at) return at - now()
      if (await attempt(id, () => publish(desk, id, atItsMinute))) onPublished(id)
    }
    return Number.POSITIVE_INFINITY
  }

  const run = async () => {
    while (!stop.signal.aborted) {
      let next = Number.POSITIVE_INFINITY
      await attempt('the log of releases', async () => {
        next = await round()
      })
      await pause(Math.min(everyMs, next), stop.signal)
    }
  }
  const running = run()
  return {
    close: async () => {
      stop.abort()
      await running
    },
  }
}

const rest = (ms: number, signal: AbortSignal) =>
  wait(ms, undefined, { signal, ref: false }).catch(() => undefined)
