import { setTimeout as wait } from 'node:timers/promises'
import type { Parcel, Receipt } from '../parcel.ts'
import type { Outbox } from './outbox.ts'
import { receiverOf, type Ways } from './ways.ts'

/** How many parcels are handed over at a time: of one receiver, and in all. */
export type Limits = { perReceiver: number; inAll: number }
const usual: Limits = { perReceiver: 4, inAll: 24 }

/** How often parcels are looked for that nobody told of: another server may lay them there. */
const lookAgain = 1_000

const unread = {
  attempt: 0,
  outcome: 'refused',
  proof: '',
  reason: 'The parcel cannot be read any more.',
} as const

type Carrying = {
  outbox: Outbox
  ways: Ways
  limits?: Limits
  /** No parcel is begun any more; those being handed over are finished. */
  stop: AbortSignal
  onReceipt: (receipt: Receipt) => void
  onTrouble: (error: unknown) => void
}

/** Hands over what lies in the outbox until told to stop. `nudge` says that there is more. */
export function startCarrying({ outbox, ways, limits = usual, stop, onReceipt, onTrouble }: Carrying) {
  const waiting = new Map<string, string[]>()
  const busy = new Map<string, number>()
  /** Keys that wait here or are being handed over. */
  const known = new Set<string>()
  const underWay = new Set<Promise<void>>()
  let wake = () => {}

  async function lookFor(): Promise<void> {
    for (const key of await outbox.underWay()) {
      if (known.has(key)) continue
      known.add(key)
      const parcel = await take(key)
      if (!parcel) {
        known.delete(key)
        continue
      }
      const receiver = receiverOf(parcel.destination)
      waiting.set(receiver, [...(waiting.get(receiver) ?? []), key])
    }
  }

  /** The receiver with the fewest parcels on their way is next. */
  function nextReceiver(): string | undefined {
    if (underWay.size >= limits.inAll) return undefined
    const free = [...waiting.keys()].filter((receiver) => (busy.get(receiver) ?? 0) < limits.perReceiver)
    return free.sort((a, b) => (busy.get(a) ?? 0) - (busy.get(b) ?? 0))[0]
  }

  function begin(): void {
    for (let receiver = nextReceiver(); receiver !== undefined && !stop.aborted; receiver = nextReceiver()) {
      const to = receiver
      const keys = waiting.get(to) ?? []
      const key = keys.shift() as string
      if (keys.length === 0) waiting.delete(to)
      busy.set(to, (busy.get(to) ?? 0) + 1)
      const carried = carry(key)
        .catch(onTrouble)
        .finally(() => {
          const left = (busy.get(to) ?? 1) - 1
          if (left === 0) busy.delete(to)
          else busy.set(to, left)
          known.delete(key)
          underWay.delete(carried)
          begin()
        })
      underWay.add(carried)
    }
  }

  async function carry(key: string): Promise<void> {
    const parcel = await take(key)
    if (!parcel) return
    const receipt = await ways.handOver(parcel)
    // a full disk: what was handed over is not handed over again, so its receipt waits for room
    for (;;) {
      try {
        await outbox.receive(receipt)
        onReceipt(receipt)
        return
      } catch (error) {
        onTrouble(error)
        if (stop.aborted) return
        await wait(lookAgain)
      }
    }
  }

  async function take(key: string): Promise<Parcel | undefined> {
    try {
      return await outbox.take(key)
    } catch (error) {
      onTrouble(error)
      // written whole, so it is the disk that is at fault: it is told, and does not stay forever
      if (error instanceof SyntaxError)
        await outbox.receive({ ...unread, key, at: new Date().toISOString() }).catch(onTrouble)
      return undefined
    }
  }

  async function work(): Promise<void> {
    const stopped = new Promise<void>((resolve) => {
      if (stop.aborted) resolve()
      else stop.addEventListener('abort', () => resolve(), { once: true })
    })
    while (!stop.aborted) {
      const nudged = new Promise<void>((resolve) => {
        wake = resolve
      })
      await lookFor().catch(onTrouble)
      begin()
      const over = new AbortController()
      await Promise.race([
        nudged,
        stopped,
        wait(lookAgain, undefined, { signal: over.signal }).catch(() => {}),
      ])
      over.abort()
    }
    while (underWay.size > 0) await Promise.all(underWay)
    ways.close()
  }

  return { nudge: () => wake(), ended: work() }
}
