import { createHash } from 'node:crypto'
import { rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Db } from '../../sql/db.ts'
import { type HttpConfig, sourceName } from '../../sql/sourceConfig.ts'
import { LoadError } from '../loadError.ts'
import { loadMapping, type Mapping } from '../mapping.ts'
import { deliver } from './deliver.ts'
import { type AnswerFormat, countRows, recognize } from './httpAnswer.ts'
import { type HttpCursor, readCursor, writeCursor } from './httpCursor.ts'
import { type Answer, download, HttpError } from './httpDownload.ts'
import { HttpFolder } from './httpFolder.ts'
import { moment, type Window, walkWindows } from './httpWindows.ts'
import type { RunningLoads } from './running.ts'
import type { Source, SourceLog, SourceState } from './source.ts'
import { safeName, sourceFolder } from './sourceFolder.ts'

export type HttpOptions = {
  /** The moment up to which is asked, in milliseconds since 1970. */
  now?: () => number
  env?: Record<string, string | undefined>
}

/** What an answer's file is called. Those of windows with the same beginning `start` alike: the later one has all rows of the earlier. */
type Named = { name: string; start?: string | undefined }

/** One answer on disk. */
type Fetched = {
  file: string
  start: string | undefined
  format: AnswerFormat
  rows: number
  answer: Answer
}

const dataEnding = /(\.(csv|tsv|ndjson|jsonl|json|parquet|xes|xml))?(\.(gz|zst))?$/i
const longestSleepMs = 86_400_000
/** After trouble that may pass a source does not wait for its time. */
const soonMs = 300_000

/**
 * Asks an address at its times and loads the answers. The cursor moves only after what was fetched is in the ledger, so whatever dies in
 * between, the same is asked again and counts once. An answer that does not load is kept in `failed/` with the reason, and asked for again.
 */
export class HttpSource implements Source {
  readonly #db: Db
  readonly #running: RunningLoads
  readonly #log: SourceLog
  readonly #config: HttpConfig
  readonly #name: string
  readonly #now: () => number
  readonly #env: Record<string, string | undefined>
  readonly #folder: HttpFolder
  readonly #closing = new AbortController()
  #wake = new AbortController()
  #wanted = false
  #work: Promise<void> | undefined
  #isAsking = false
  #waiting = 0
  #nextAt = 0
  #nextTurn = 0
  #cursor: HttpCursor | undefined
  #trouble: { at: string; file: string | null; error: string } | undefined

  constructor(
    db: Db,
    running: RunningLoads,
    log: SourceLog,
    config: HttpConfig,
    { now = Date.now, env = process.env }: HttpOptions = {},
  ) {
    this.#db = db
    this.#running = running
    this.#log = log
    this.#config = config
    this.#name = sourceName(config)
    this.#now = now
    this.#env = env
    this.#folder = new HttpFolder(sourceFolder(db.dataDir, this.#name))
  }

  /** Begins to ask: at once, unless the last time was less than its interval ago. */
  async open(): Promise<void> {
    try {
      await this.#folder.open()
      const known = await readCursor(this.#folder.path, await this.#question())
      this.#cursor = known
      if (known.asked_at !== null) this.#nextAt = Date.parse(known.asked_at) + this.#every
    } catch (error) {
      this.#note(null, error)
    }
    this.#work = this.#follow()
  }

  state(): SourceState {
    const { mapping } = this.#config
    const state = this.#trouble ? 'troubled' : this.#isAsking ? 'loading' : 'ready'
    const about = { kind: 'http', name: this.#name, mapping, state } as const
    const next = this.#isAsking ? null : new Date(Math.max(this.#nextAt, Date.now())).toISOString()
    const { position = null, last_file = null, last_load_id = null, last_at = null } = this.#cursor ?? {}
    const counts = { waiting: this.#waiting, waiting_bytes: null, next_at: next, can_run: true, position }
    if (!this.#trouble) return { ...about, ...counts, last_file, last_load_id, last_at, last_error: null }
    const { at, file, error } = this.#trouble
    return { ...about, ...counts, last_file: file, last_load_id: null, last_at: at, last_error: error }
  }

  run(): void {
    this.#wanted = true
    this.#wake.abort()
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#work
  }

  get #every(): number {
    return this.#config.every_minutes * 60_000
  }

  async #follow(): Promise<void> {
    const { signal } = this.#closing
    for (;;) {
      await this.#rest()
      if (signal.aborted) return
      this.#isAsking = true
      const started = Date.now()
      try {
        await this.#pull()
        this.#trouble = undefined
        this.#nextAt = Math.max(started + this.#every, Date.now() + 1_000)
      } catch (error) {
        if (signal.aborted) return
        this.#note(null, error)
        const isPassing = error instanceof HttpError && error.passing
        const afterMs = isPassing ? Math.max(error.afterMs ?? 0, Math.min(this.#every, soonMs)) : this.#every
        this.#nextAt = Date.now() + afterMs
      } finally {
        this.#isAsking = false
        this.#wanted = false
      }
    }
  }

  async #rest(): Promise<void> {
    while (!this.#closing.signal.aborted && !this.#wanted && Date.now() < this.#nextAt) {
      this.#wake = new AbortController()
      const signal = AbortSignal.any([this.#closing.signal, this.#wake.signal])
      const left = Math.min(longestSleepMs, this.#nextAt - Date.now())
      await wait(left, undefined, { signal }).catch(() => {})
    }
  }

  /** Asks for everything there is by now and loads it. */
  async #pull(): Promise<void> {
    const { cursor } = this.#config
    const mapping = await this.#mapping()
    if (mapping.format === 'gtfs-rt')
      throw new LoadError(
        'GTFS-Realtime is read as a folder of snapshots with their schedule; it cannot be asked for by an address.',
      )
    if (cursor.kind !== 'none' && mapping.service === 'file' && this.#config.service === undefined)
      throw new LoadError(
        `The mapping ${mapping.name} names the service after the file, and each answer is a file of its own: set service in the source ${this.#name}.`,
      )
    await this.#folder.open()
    const question = await this.#question()
    const known = await readCursor(this.#folder.path, question)
    this.#cursor = known
    const asked_at = new Date().toISOString()
    const now = Math.floor(this.#now() / 1000) * 1000
    if (cursor.kind === 'none') await this.#pullWhole(mapping, known)
    else {
      const first = Math.floor(Date.parse(cursor.first) / 1000) * 1000
      const overlap = this.#config.overlap_minutes * 60_000
      const reached = known.position === null ? first : Date.parse(known.position)
      const from = Math.max(first, Math.floor((reached - overlap) / 1000) * 1000)
      const take = (window: Window, got: Fetched): Promise<void> => this.#take(mapping, window, got, reached)
      if (cursor.kind === 'since') {
        const window = { from, until: now }
        await take(window, await this.#fetch(this.#named(window), { [cursor.parameter]: moment(from) }))
      } else {
        const { days, full } = cursor
        const ask = async (window: Window): Promise<Fetched> => {
          const parameters = { [cursor.from]: moment(window.from), [cursor.until]: moment(window.until) }
          const got = await this.#fetch(this.#named(window), parameters)
          if (got.rows >= full) await rm(got.file, { force: true })
          return got
        }
        const limits = { longest: Math.floor(days * 86_400) * 1000, full }
        await walkWindows({ from, until: now }, limits, ask, take)
      }
    }
    await this.#store({ asked_at })
  }

  async #pullWhole(mapping: Mapping, { etag, last_modified }: HttpCursor): Promise<void> {
    const headers = {
      ...(etag === null ? {} : { 'if-none-match': etag }),
      ...(last_modified === null ? {} : { 'if-modified-since': last_modified }),
    }
    // a mapping that names the service after the file needs the same name each time
    const name =
      mapping.service === 'file' && this.#config.service === undefined
        ? safeName(path.posix.basename(new URL(this.#config.url).pathname)) || 'answer'
        : `${this.#base}-${fileMoment(Date.now())}`
    const got = await this.#fetch({ name }, {}, headers)
    if (got.answer.status === 304) return
    if (got.answer.status === 204) throw new LoadError(`The address ${this.#name} has nothing to give (204).`)
    const load_id = await this.#load(mapping, got)
    const { etag: newEtag, lastModified } = got.answer
    await this.#store({
      ...{ etag: newEtag, last_modified: lastModified, last_load_id: load_id },
      ...{ last_file: path.basename(got.file), last_at: new Date().toISOString() },
    })
  }

  /** Loads what was fetched of a window, and only then moves on. */
  async #take(mapping: Mapping, window: Window, got: Fetched, reached: number): Promise<void> {
    const position = new Date(Math.max(window.until, reached)).toISOString()
    if (got.rows === 0) {
      await rm(got.file, { force: true })
      await this.#store({ position, last_at: new Date().toISOString() })
      this.#trouble = undefined
      return
    }
    const last_load_id = await this.#load(mapping, got)
    const last = { last_file: path.basename(got.file), last_load_id, last_at: new Date().toISOString() }
    await this.#store({ position, ...last })
    this.#trouble = undefined
    await this.#folder.forget(got.start)
  }

  /** Fetches one answer to disk, and counts the rows of a window's. */
  async #fetch(
    { name, start }: Named,
    parameters: Record<string, string>,
    more: Record<string, string> = {},
  ): Promise<Fetched> {
    const { headers, query, timeout_seconds, max_megabytes } = this.#config
    const url = new URL(this.#config.url)
    for (const [key, value] of Object.entries({ ...this.#secret(query, 'query'), ...parameters }))
      url.searchParams.set(key, value)
    const landing = this.#folder.fetched('answer.part')
    const answer = await download(
      {
        url,
        headers: { ...this.#secret(headers, 'headers'), ...more },
        file: landing,
        maxBytes: Math.floor(max_megabytes * 2 ** 20),
        timeoutMs: timeout_seconds * 1000,
        signal: this.#closing.signal,
        turn: () => this.#turn(),
      },
      (reason) => this.#note(null, `${reason} It is asked again.`),
    )
    if (answer.status === 304 && Object.keys(more).length === 0)
      throw new LoadError(`The address ${this.#name} answered 304, although it was not asked what is new.`)
    if (answer.status !== 200) return { file: landing, start, format: 'csv', rows: 0, answer }
    const { format, ending } = await recognize(landing, url, answer, this.#config).catch(async (error) => {
      await rm(landing, { force: true })
      throw error
    })
    const file = this.#folder.fetched(name.replace(dataEnding, '') + ending)
    await rename(landing, file)
    try {
      return { file, start, format, rows: start === undefined ? 1 : await countRows(file, format), answer }
    } catch (error) {
      await this.#fail(file, error, start)
      throw error
    }
  }

  /** Loads a fetched file and removes it; one that does not load is kept. */
  async #load(mapping: Mapping, { file, start, format }: Fetched): Promise<string> {
    this.#waiting = 1
    try {
      const source = this.#config.source ?? mapping.source ?? this.#name
      const result = await deliver(this.#db, this.#running, {
        config: { ...this.#config, source },
        ...{ file, format: readAs[format], signal: this.#closing.signal },
        onTrouble: (reason) => this.#note(path.basename(file), reason),
      })
      const { load_id, read, rejected } = result
      const about = { source: this.#name, file: path.basename(file), load_id, read, rejected }
      this.#log.info(about, 'loaded an answer of an address')
      await rm(file, { force: true })
      return load_id
    } catch (error) {
      if (!this.#closing.signal.aborted) await this.#fail(file, error, start)
      throw error
    } finally {
      this.#waiting = 0
    }
  }

  async #fail(file: string, error: unknown, start: string | undefined): Promise<void> {
    const reason = error instanceof Error ? error.message : String(error)
    await this.#folder.keep(file, reason, start)
    this.#note(path.basename(file), error)
  }

  /** Waits until the next request may be sent. */
  async #turn(): Promise<void> {
    const left = this.#nextTurn - Date.now()
    this.#nextTurn = Math.max(this.#nextTurn, Date.now()) + 60_000 / this.#config.requests_per_minute
    if (left > 0) await wait(left, undefined, { signal: this.#closing.signal })
  }

  /** Values with what the environment has for `$NAME` in them. */
  #secret(values: Record<string, string>, where: string): Record<string, string> {
    const filled = (value: string): string =>
      value.replace(/\$([A-Z][A-Z0-9_]*)/g, (_, name: string) => {
        const found = this.#env[name]?.trim()
        if (found) return found
        throw new LoadError(
          `The environment has no ${name}, which ${where} of the source ${this.#name} names: set it and start again.`,
        )
      })
    return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, filled(value)]))
  }

  async #mapping(): Promise<Mapping> {
    const { mapping } = this.#config
    return loadMapping(mapping.endsWith('.json') ? path.resolve(this.#db.dataDir, mapping) : mapping)
  }

  /**
   * What the cursor is the answer to: a source that asks for something else begins anew. A whole file that is not new is loaded again
   * under a changed mapping.
   */
  async #question(): Promise<string> {
    const { url, query, cursor, service, source, stream, mapping } = this.#config
    const first = cursor.kind === 'none' ? await this.#mapping().catch(() => null) : cursor.first
    const parts = [url, query, cursor.kind, first, service, source, stream, mapping]
    return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16)
  }

  async #store(change: Partial<HttpCursor>): Promise<void> {
    if (!this.#cursor) return
    const next = { ...this.#cursor, ...change }
    await writeCursor(this.#folder.path, next)
    this.#cursor = next
  }

  /** What files are called by: the host, or the name that was given. */
  get #base(): string {
    return safeName(this.#config.name ?? new URL(this.#config.url).host).slice(0, 80)
  }

  #named({ from, until }: Window): Named {
    const start = `${this.#base}-${fileMoment(from)}--`
    return { name: start + fileMoment(until), start }
  }

  /** The file of the trouble stays named when the same trouble is told once more. */
  #note(file: string | null, error: unknown): void {
    const text = error instanceof Error ? error.message : String(error)
    if (file === null && this.#trouble?.error === text && this.#isAsking && this.#trouble.file !== null)
      return
    this.#trouble = { at: new Date().toISOString(), file, error: text }
    const cause = error instanceof LoadError ? {} : { err: error }
    this.#log.warn({ source: this.#name, file, error: text, ...cause }, 'a source has trouble')
  }
}

/** How a mapping that leaves the format open reads the answer. */
const readAs: Record<AnswerFormat, Mapping['format'] | undefined> = {
  ...{ csv: 'csv', tsv: 'csv', ndjson: 'ndjson', json: 'json', parquet: 'parquet', xes: 'xes' },
  xml: undefined,
}

/** `2026-01-31T00-00Z`, with seconds where there are any. */
const fileMoment = (time: number): string => moment(time).replaceAll(':', '-').replace(/-00Z$/, 'Z')
