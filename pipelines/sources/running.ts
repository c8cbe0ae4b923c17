import path from 'node:path'
import { type Db, DbError } from '../../sql/db.ts'
import { clock, openEntry, readEntry, writeEntry } from '../ledger.ts'
import { type LoadRequest, type LoadResult, load, type Phase } from '../load.ts'
import { HalfPublishedError, LoadError } from '../loadError.ts'
import { locks } from '../publish.ts'

/** How far a load of this process is. `share` goes from 0 to 1 within the phase, `seconds_left` is a guess. */
export type RunningLoad = {
  load_id: string
  file_name: string
  source: string
  state: 'running' | 'done' | 'failed' | 'cancelled'
  phase: Phase
  share: number
  rows: number
  rows_per_second: number
  seconds_left: number | null
  error: string
}

type Kept = {
  load: RunningLoad
  stop: AbortController
  ended: Promise<unknown>
  cancelled: boolean
  told: number
}

const stepMs = 200

/** The load was stopped by a person: it is not to be tried again. */
export class CancelledError extends LoadError {}

/** The loads that run in this process: followed, and stopped, by their id. */
export class RunningLoads {
  readonly #loads = new Map<string, Kept>()
  readonly #listeners = new Set<(load: RunningLoad) => void>()

  list(): RunningLoad[] {
    return [...this.#loads.values()].map(({ load }) => load)
  }

  /** Calls the listener with every step of every load until the function it gives back is called. */
  subscribe(listener: (load: RunningLoad) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Stops a load and waits until it is undone. False when it does not run here. */
  async cancel(loadId: string): Promise<boolean> {
    const kept = this.#loads.get(loadId)
    if (!kept) return false
    kept.cancelled = true
    kept.stop.abort()
    await kept.ended
    return true
  }

  /**
   * Loads a file. Throws CancelledError when a person stopped it, and otherwise as `load` does; a failure that is final is in the
   * ledger with its reason, also one that came before the load had an entry. A caller that knows the id can stop the load at once.
   */
  async run(db: Db, request: LoadRequest, knownId?: string): Promise<LoadResult> {
    let kept: Kept | undefined
    let loadId = ''
    const started = performance.now()
    const stop = new AbortController()
    const signal = request.signal ? AbortSignal.any([request.signal, stop.signal]) : stop.signal
    const { promise: ended, resolve: end } = withResolvers()
    const start = (id: string): void => {
      if (id === loadId) return
      loadId = id
      const shown: RunningLoad = {
        ...{ load_id: id, file_name: path.basename(request.file), source: request.source ?? '' },
        ...{ state: 'running', phase: 'checking', share: 0, rows: 0, rows_per_second: 0 },
        ...{ seconds_left: null, error: '' },
      }
      kept = { load: shown, stop, ended, cancelled: false, told: Number.NEGATIVE_INFINITY }
      this.#loads.set(id, kept)
      this.#tell(kept, {})
    }
    if (knownId !== undefined) start(knownId)
    try {
      const result = await load(db, {
        ...request,
        signal,
        onStart: start,
        onProgress: ({ phase, done, total, rows }) => {
          const seconds = (performance.now() - started) / 1000
          const share = Math.min(1, done / Math.max(1, total))
          const guess = phase === 'loading' && share > 0 ? Math.ceil((seconds * (1 - share)) / share) : null
          const rate = Math.round(rows / Math.max(seconds, 0.001))
          if (kept) this.#tell(kept, { phase, share, rows, rows_per_second: rate, seconds_left: guess })
        },
      })
      if (kept) this.#tell(kept, { state: 'done', share: 1, rows: result.read, seconds_left: 0 })
      return result
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      const cancelled = kept?.cancelled === true && !(error instanceof HalfPublishedError)
      if (kept) this.#tell(kept, { state: cancelled ? 'cancelled' : 'failed', error: message })
      if (cancelled) throw new CancelledError(message, { cause: error })
      if (error instanceof LoadError && !request.signal?.aborted && loadId !== '')
        await noteFailure(db, request, loadId, message)
      throw error
    } finally {
      this.#loads.delete(loadId)
      end()
    }
  }

  /** Steps within a phase are told at most every `stepMs`. */
  #tell(kept: Kept, change: Partial<RunningLoad>): void {
    const { state, phase } = kept.load
    kept.load = { ...kept.load, ...change }
    const now = performance.now()
    const isStep = kept.load.state === state && kept.load.phase === phase
    if (isStep && now - kept.told < stepMs) return
    kept.told = now
    for (const listener of this.#listeners) listener(kept.load)
  }
}

/** Writes the entry of a load that ended before it had one. */
export async function noteFailure(
  db: Db,
  request: LoadRequest,
  loadId: string,
  error: string,
  state: 'failed' | 'cancelled' = 'failed',
): Promise<void> {
  const earlier = await readEntry(db, loadId)
  const ended = { state, error: error.slice(0, 2000), finished_at: clock() }
  if (earlier && !['failed', 'cancelled'].includes(earlier.state)) return
  if (earlier) {
    if (earlier.error !== ended.error || earlier.state !== state) await writeEntry(db, earlier, ended)
    return
  }
  await openEntry(db, locks(db), {
    ...{ load_id: loadId, stream: request.stream ?? request.mapping.stream ?? 'case_events' },
    ...{ source: request.source ?? '', mapping: request.mapping.name, service: request.service ?? '' },
    ...{ file_name: path.basename(request.file), file_sha256: '', bytes: 0, ...ended },
    ...{ read: 0, accepted: 0, rejected: 0, duplicates: 0, corrected: 0, facts: 0 },
    ...{ first_time: null, last_time: null, started_at: clock() },
  })
}

const away = ['243', 'ENOSPC', 'EMFILE', 'ECONNREFUSED', 'ECONNRESET']
const strained = ['241', '202', '159']
const mostTries = 3

/**
 * Whether the same file may load when it is tried again: always when the engine was away or the disk full, for `tries` below 3 when the engine
 * was strained or nobody foresaw the failure. One file may not stand in the way of all others for ever, unless half of it is visible: then
 * it goes first.
 */
export function mayPass(error: unknown, tries: number): boolean {
  if (!(error instanceof Error)) return false
  if (error instanceof CancelledError) return false
  if (error instanceof HalfPublishedError) return true
  const has = (codes: readonly string[]): boolean =>
    [error, error.cause].some(
      (each) => each instanceof Error && 'code' in each && codes.includes(String(each.code)),
    )
  if (error instanceof DbError || has(away)) return true
  return tries < mostTries && (has(strained) || !(error instanceof LoadError))
}

function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => {}
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve }
}
