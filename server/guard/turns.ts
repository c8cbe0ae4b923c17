import { setMaxListeners } from 'node:events'
import { totalmem } from 'node:os'
import { createMiddleware } from 'hono/factory'
import type { Db } from '../../sql/db.ts'
import { addressOf } from '../bearer.ts'
import type { AppEnv } from '../context.ts'
import { NoTurnError } from './noTurnError.ts'

export type TurnLimits = {
  /** Questions to the store at once, from everybody. */
  atOnce: number
  /** From one asker: fewer, so that there is always room for another. */
  each: number
  /** Questions of one asker that wait. */
  waiting: number
  /** Milliseconds that a question waits. */
  patience: number
}

/** The embedded engine has five sessions for reading, two of them for the server itself; a server has many. */
const turnLimits = (kind: Db['kind']): TurnLimits => ({
  ...(kind === 'embedded' ? { atOnce: 3, each: 2 } : { atOnce: 12, each: 4 }),
  waiting: 1_000,
  patience: 60_000,
})

/** Askers in line from which on it is crowded: more than the pages that one person opens, or those at one counter. */
const crowd = 5

/** Who asks for what is made ahead: together one asker, so that it comes after those who wait. */
export const nobodyWaits = 'nobody waits'

/** Seconds that the store works on one question, and on one whose answer is sent as a stream. */
const longest = { answer: 60, stream: 300 }
const mostRows = 5e9
const gibibyte = 2 ** 30

/** What one question may cost. Memory in bytes: on the machine of the embedded engine all places together leave room for loads. */
function costOf(kind: Db['kind'], isStream: boolean) {
  const memory = kind === 'embedded' ? Math.min(4 * gibibyte, Math.floor(totalmem() / 5)) : 4 * gibibyte
  return {
    max_execution_time: isStream ? longest.stream : longest.answer,
    max_memory_usage: String(memory),
    max_bytes_before_external_group_by: String(Math.floor(memory / 2)),
    max_bytes_before_external_sort: String(Math.floor(memory / 2)),
    max_rows_to_read: String(mostRows),
    // a server looks whether somebody still waits only for what says that it changes nothing
    readonly: '2',
    cancel_http_readonly_queries_on_client_close: 1,
  } as const
}

type Asker = { running: number; waiting: (() => void)[] }

/**
 * Who asks the store takes turns: every asker in line gets one question answered before anybody gets the next, and nobody has all places. So
 * somebody with fifty expensive questions waits for himself, not the others for him.
 */
export class Turns {
  readonly #limits: TurnLimits
  /** Who waits or runs, the one whose turn is next first. */
  readonly #askers = new Map<string, Asker>()
  #running = 0

  constructor(kind: Db['kind'], limits: Partial<TurnLimits> = {}) {
    this.#limits = { ...turnLimits(kind), ...limits }
  }

  /**
   * The store as one asker reads it: each question waits for its turn, costs what it may, and ends when `gone` says that nobody waits for it any
   * more. The turn is over when the answer begins: the embedded engine then has all of it. Writing waits for nobody.
   */
  store<Store extends Db>(db: Store, asker: string, gone: AbortSignal): Store {
    // an answer may be made of many questions at once
    setMaxListeners(0, gone)
    const query = (params: Parameters<Db['query']>[0]) =>
      this.take(asker, gone, () => {
        const { abort_signal: reader } = params
        const clickhouse_settings = {
          ...costOf(db.kind, reader !== undefined),
          ...params.clickhouse_settings,
        }
        const abort_signal = reader ? AbortSignal.any([reader, gone]) : gone
        return db.query({ ...params, clickhouse_settings, abort_signal })
      })
    return { ...db, query: query as Db['query'] }
  }

  /** Does some work when it is the asker's turn. Throws a NoTurnError when that lasts too long, and the reason of `gone`. */
  async take<T>(asker: string, gone: AbortSignal, work: () => Promise<T>): Promise<T> {
    const end = await this.#turn(asker, gone)
    try {
      gone.throwIfAborted()
      return await work()
    } finally {
      end()
    }
  }

  /** Whether so many askers are in line that each of them has to wait, or so much that none of them waits for. */
  get isCrowded(): boolean {
    let inLine = 0
    for (const [id, { waiting }] of this.#askers)
      inLine += id === nobodyWaits ? waiting.length : Math.min(1, waiting.length)
    return inLine >= crowd
  }

  /** Resolves when it is the asker's turn, with what ends it. */
  async #turn(id: string, gone: AbortSignal): Promise<() => void> {
    gone.throwIfAborted()
    const asker = this.#askers.get(id) ?? { running: 0, waiting: [] }
    this.#askers.set(id, asker)
    if (asker.waiting.length >= this.#limits.waiting) throw new NoTurnError('many')
    await new Promise<void>((resolve, reject) => {
      const leave = (why: unknown) => {
        asker.waiting.splice(asker.waiting.indexOf(start), 1)
        settle()
        this.#forget(id, asker)
        reject(why)
      }
      const late = setTimeout(() => leave(new NoTurnError('long')), this.#limits.patience)
      const left = () => leave(gone.reason)
      const settle = () => {
        clearTimeout(late)
        gone.removeEventListener('abort', left)
      }
      const start = () => {
        settle()
        resolve()
      }
      gone.addEventListener('abort', left, { once: true })
      asker.waiting.push(start)
      this.#next()
    })
    return () => {
      asker.running--
      this.#running--
      this.#forget(id, asker)
      this.#next()
    }
  }

  /** Gives free places to those in line; who got one goes to the end of it. */
  #next(): void {
    for (let found = true; found && this.#running < this.#limits.atOnce; ) {
      found = false
      for (const [id, asker] of this.#askers) {
        if (asker.waiting.length === 0 || asker.running >= this.#limits.each) continue
        found = true
        asker.running++
        this.#running++
        this.#askers.delete(id)
        this.#askers.set(id, asker)
        asker.waiting.shift()?.()
        break
      }
    }
  }

  #forget(id: string, asker: Asker): void {
    if (asker.running === 0 && asker.waiting.length === 0) this.#askers.delete(id)
  }
}

/**
 * Gives every handler the store as who asks reads it. Answers take turns too, each made of several questions: were all made side by side, none
 * would be ready before the data has moved on from under it.
 */
export const inTurn = (turns: Turns, answers: Turns) =>
  createMiddleware<AppEnv>(async (c, next) => {
    const { db, who } = c.var
    // what is for everybody is not read from the store of anybody
    if (!db) return next()
    const asker = who.kind === 'person' || who.kind === 'key' ? `${who.kind} ${who.id}` : (addressOf(c) ?? '')
    const dbUntil = (gone: AbortSignal) => turns.store(db, asker, gone)
    c.set('dbUntil', dbUntil)
    c.set('inTurn', (gone, make, ahead = false) => answers.take(ahead ? nobodyWaits : asker, gone, make))
    c.set('db', dbUntil(c.req.raw.signal))
    await next()
  })
