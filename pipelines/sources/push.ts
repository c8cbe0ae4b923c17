import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Db } from '../../sql/db.ts'
import { type LoadRequest, type LoadResult, load, loadIdOf } from '../load.ts'
import { LoadError } from '../loadError.ts'
import type { Mapping } from '../mapping.ts'
import type { StreamName } from '../streams.ts'
import { CancelledError, mayPass, noteFailure, type RunningLoads } from './running.ts'
import { type Last, nothingYet, patience, type SourceLog, type SourceState } from './source.ts'
import { type BodyFormat, type Received, Spool, type SpoolLimits, type Ticket } from './spool.ts'

/** How a body is to be loaded. */
export type PushRequest = {
  stream: StreamName
  format: BodyFormat
  mapping: Mapping
  /** The system the rows come from, where they name none. */
  source: string
  service?: string | undefined
}

export const pushLimits: SpoolLimits = { bodyBytes: 256 * 2 ** 20, waitingBytes: 2 ** 30 }

/** Takes in bodies, answers for them once they are on disk, and loads them one after another in the order in which they came. */
export class PushSource {
  readonly #db: Db
  readonly #running: RunningLoads
  readonly #log: SourceLog
  readonly #spool: Spool
  readonly #closing = new AbortController()
  #closed = false
  #work: Promise<void> | undefined
  #current: string | undefined
  #last: Last = nothingYet

  constructor(db: Db, running: RunningLoads, log: SourceLog, limits: SpoolLimits = pushLimits) {
    this.#db = db
    this.#running = running
    this.#log = log
    this.#spool = new Spool(path.join(db.dataDir, 'push'), limits)
  }

  /** Takes up what waited when the last process ended. */
  async open(): Promise<void> {
    await this.#spool.open()
    this.#kick()
  }

  /** Throws TooLargeError or SpoolFullError when a body of this length (0: not announced) cannot be taken now. */
  admit(announced: number): void {
    this.#spool.admit(announced)
  }

  /**
   * Takes in a body and gives the id of its load; from then on it is loaded whatever happens. The same body, read the same way, has the same
   * id. `agree` is asked with the id before the body counts; when it throws, nothing is kept.
   */
  async accept(
    body: AsyncIterable<Uint8Array>,
    request: PushRequest,
    agree: (loadId: string) => Promise<void> = async () => {},
  ): Promise<{ load_id: string; bytes: number }> {
    const received = await this.#receive(body)
    const { stream, format, source, service } = request
    const mapping = formatted(request)
    const load_id = loadIdOf(received.sha256, { file: received.file, ...request, mapping })
    try {
      await agree(load_id)
    } catch (error) {
      await this.#spool.discard(received)
      throw error
    }
    await this.#spool.keep(received, { load_id, stream, format, mapping, source, service })
    this.#kick()
    return { load_id, bytes: received.bytes }
  }

  /** What a load of this body would do; nothing of it is kept. Throws LoadError. */
  async preview(body: AsyncIterable<Uint8Array>, request: PushRequest): Promise<LoadResult> {
    const received = await this.#receive(body)
    try {
      const { stream, source, service } = request
      const options = { mapping: formatted(request), stream, source, service, dryRun: true }
      return await load(this.#db, { ...options, file: received.file, signal: this.#closing.signal })
    } finally {
      await this.#spool.discard(received)
    }
  }

  async #receive(body: AsyncIterable<Uint8Array>): Promise<Received> {
    const received = await this.#spool.receive(body)
    if (received.bytes > 0) return received
    await this.#spool.discard(received)
    throw new LoadError('The body is empty: send at least one row.')
  }

  /** The ticket of a body that is not loaded yet. */
  waiting(loadId: string): Ticket | undefined {
    return this.#spool.waiting().find((ticket) => ticket.load_id === loadId)
  }

  /** Whether the load is being done just now. */
  isLoading = (loadId: string): boolean => this.#current === loadId

  /** Takes a body that waits out of the queue. False when it does not wait. */
  async cancel(loadId: string): Promise<boolean> {
    const ticket = this.waiting(loadId)
    if (!ticket || this.isLoading(loadId)) return false
    await this.#spool.remove(ticket)
    const error = 'The load was cancelled before it began; nothing of it was kept.'
    await noteFailure(this.#db, this.#requestOf(ticket), loadId, error, 'cancelled')
    return true
  }

  state(): SourceState {
    const waiting = this.#spool.waiting()
    const state = this.#last.last_error !== null ? 'troubled' : this.#current ? 'loading' : 'ready'
    const counts = {
      waiting: waiting.length,
      waiting_bytes: this.#spool.bytes,
      next_at: null,
      can_run: false,
      position: null,
    }
    return { kind: 'push', name: 'push', mapping: null, state, ...counts, ...this.#last }
  }

  /** Lets the load at hand end for `grace` milliseconds; what then is not loaded waits for the next start. */
  async close(grace = 5_000): Promise<void> {
    this.#closed = true
    const stop = setTimeout(() => this.#closing.abort(), grace)
    await this.#work
    clearTimeout(stop)
    this.#closing.abort()
  }

  #kick(): void {
    if (this.#work || this.#closed) return
    this.#work = this.#drain().finally(() => {
      this.#work = undefined
      if (this.#spool.waiting().length > 0) this.#kick()
    })
  }

  async #drain(): Promise<void> {
    for (let tries = 0; !this.#closed; ) {
      const [ticket] = this.#spool.waiting()
      if (!ticket) return
      this.#current = ticket.load_id
      const settled = await this.#take(ticket, tries).finally(() => {
        this.#current = undefined
      })
      tries = settled ? 0 : tries + 1
      if (!settled) await this.#pause(tries)
    }
  }

  /** False when the load is to be tried again. */
  async #take(ticket: Ticket, tries: number): Promise<boolean> {
    const { load_id, stream } = ticket
    const request = this.#requestOf(ticket)
    let failure: string | null = null
    try {
      const { accepted, rejected } = await this.#running.run(this.#db, request, load_id)
      this.#log.info({ load_id, stream, accepted, rejected }, 'loaded what was pushed')
    } catch (error) {
      if (this.#closing.signal.aborted) return false
      if (error instanceof CancelledError) {
        // that a person stopped it is no trouble of the source
        this.#log.info({ load_id, stream }, 'what was pushed was cancelled')
        await this.#spool.remove(ticket)
        return true
      }
      failure = error instanceof Error ? error.message : String(error)
      const isForPeople = error instanceof Error && error.name === 'LoadError'
      const again = mayPass(error, tries + 1)
      const why = isForPeople ? { reason: failure } : { err: error }
      this.#log.warn({ load_id, stream, again, ...why }, 'what was pushed did not load')
      this.#note(load_id, failure)
      if (again && (await this.#spool.isThere(ticket))) return false
      if (!isForPeople) await noteFailure(this.#db, request, load_id, failure).catch(() => {})
    }
    await this.#spool.remove(ticket)
    this.#note(load_id, failure)
    return true
  }

  #note(loadId: string, error: string | null): void {
    this.#last = {
      last_file: null,
      last_load_id: loadId,
      last_at: new Date().toISOString(),
      last_error: error,
    }
  }

  #requestOf(ticket: Ticket): LoadRequest {
    const { mapping, stream, source, service } = ticket
    return {
      file: this.#spool.fileOf(ticket),
      mapping,
      stream,
      source,
      service,
      signal: this.#closing.signal,
    }
  }

  #pause(tries: number): Promise<unknown> {
    return wait(patience(tries), undefined, { signal: this.#closing.signal }).catch(() => {})
  }
}

/** The type that the sender names decides how the body is read, unless the mapping is for one format. */
const formatted = ({ mapping, format }: PushRequest): Mapping => ({
  ...mapping,
  format: mapping.format === 'auto' ? format : mapping.format,
})
