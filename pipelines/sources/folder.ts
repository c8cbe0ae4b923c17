import { lstat, mkdir, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { type FSWatcher, watch } from 'chokidar'
import type { Db } from '../../sql/db.ts'
import { type FolderConfig, sourceName } from '../../sql/sourceConfig.ts'
import { LoadError } from '../loadError.ts'
import { deliverOnce } from './deliver.ts'
import { note } from './failed.ts'
import { CancelledError, mayPass, type RunningLoads } from './running.ts'
import { type Last, nothingYet, patience, type Source, type SourceLog, type SourceState } from './source.ts'

/** Names that programs give to files they have not finished, and our own notes. */
const unfinished = /^\.|~$|\.(tmp|temp|part|partial|filepart|crdownload|swp)$|\.reason\.txt$/i

/**
 * Watches a folder: a file that has not grown for `settleMs` is loaded and moved to `done/`, or to `failed/` with the reason beside it.
 * A file is moved after its load is in the ledger, so one that is found again after a crash counts once.
 */
export class FolderSource implements Source {
  readonly #db: Db
  readonly #running: RunningLoads
  readonly #log: SourceLog
  readonly #config: FolderConfig
  readonly #folder: string
  readonly #settleMs: number
  readonly #closing = new AbortController()
  readonly #queue = new Set<string>()
  #watcher: FSWatcher | undefined
  #work: Promise<void> | undefined
  #current: string | undefined
  #last: Last = nothingYet

  constructor(db: Db, running: RunningLoads, log: SourceLog, config: FolderConfig, settleMs = 2_000) {
    this.#db = db
    this.#running = running
    this.#log = log
    this.#config = config
    this.#folder = path.resolve(db.dataDir, config.path)
    this.#settleMs = settleMs
  }

  /** Begins to watch; files that are there already are taken too. A folder that cannot be used shows in the state. */
  async open(): Promise<void> {
    try {
      for (const name of ['done', 'failed']) await mkdir(path.join(this.#folder, name), { recursive: true })
    } catch {
      this.#trouble(
        null,
        `The folder ${this.#config.path} cannot be made or written: give this user the right to write there.`,
      )
      return
    }
    this.#watcher = watch(this.#folder, {
      depth: 0,
      followSymlinks: false,
      ignored: (file) => file !== this.#folder && unfinished.test(path.basename(file)),
      awaitWriteFinish: { stabilityThreshold: this.#settleMs, pollInterval: Math.min(100, this.#settleMs) },
    })
    const take = (file: string): void => {
      this.#queue.add(path.basename(file))
      this.#kick()
    }
    this.#watcher.on('add', take).on('change', take)
    this.#watcher.on('error', (error) =>
      this.#trouble(null, error instanceof Error ? error.message : String(error)),
    )
  }

  state(): SourceState {
    const state = this.#last.last_error !== null ? 'troubled' : this.#current ? 'loading' : 'ready'
    const { mapping } = this.#config
    const waiting = this.#queue.size + (this.#current ? 1 : 0)
    const counts = { waiting, waiting_bytes: null, next_at: null, can_run: false, position: null }
    return { kind: 'folder', name: sourceName(this.#config), mapping, state, ...counts, ...this.#last }
  }

  /** Stops the load at hand; its file is taken again at the next start. */
  async close(): Promise<void> {
    this.#closing.abort()
    await this.#watcher?.close()
    await this.#work
  }

  #kick(): void {
    if (this.#work || this.#closing.signal.aborted) return
    this.#work = this.#drain().finally(() => {
      this.#work = undefined
      if (this.#queue.size > 0) this.#kick()
    })
  }

  async #drain(): Promise<void> {
    let tries = 0
    while (this.#queue.size > 0 && !this.#closing.signal.aborted) {
      const [name = ''] = [...this.#queue].sort()
      this.#queue.delete(name)
      this.#current = name
      const settled = await this.#take(name, tries).catch((error: unknown) => {
        this.#trouble(name, error instanceof Error ? error.message : String(error))
        return true
      })
      this.#current = undefined
      tries = settled ? 0 : tries + 1
      if (settled) continue
      this.#queue.add(name)
      await wait(patience(tries), undefined, { signal: this.#closing.signal }).catch(() => {})
    }
  }

  /** False when the file is to be tried again. */
  async #take(name: string, tries: number): Promise<boolean> {
    const file = path.join(this.#folder, name)
    const found = await lstat(file).catch(() => undefined)
    if (!found?.isFile()) return true
    const hasChanged = async (): Promise<boolean> => {
      const now = await lstat(file)
      return now.size !== found.size || now.mtimeMs !== found.mtimeMs
    }
    let loadId: string | null = null
    try {
      const delivery = { config: this.#config, file, signal: this.#closing.signal }
      loadId = (await deliverOnce(this.#db, this.#running, delivery)).load_id
    } catch (error) {
      if (this.#closing.signal.aborted) return true
      const reason = error instanceof Error ? error.message : String(error)
      // that a person stopped it is no trouble of the source
      if (!(error instanceof CancelledError)) this.#trouble(name, reason)
      if ((await hasChanged()) || mayPass(error, tries + 1)) return false
      if (!(error instanceof LoadError)) this.#log.warn({ file: name, err: error }, 'a file did not load')
      await this.#move(name, 'failed', reason)
      return true
    }
    // what was added since then is not loaded yet
    if (await hasChanged()) return false
    await this.#move(name, 'done')
    this.#last = {
      last_file: name,
      last_load_id: loadId,
      last_at: new Date().toISOString(),
      last_error: null,
    }
    this.#log.info({ file: name, load_id: loadId }, 'loaded a file of a folder')
    return true
  }

  /** Never over a file of the same name: the name then gets a number. */
  async #move(name: string, to: 'done' | 'failed', reason?: string): Promise<void> {
    const { name: stem, ext } = path.parse(name)
    for (let number = 1; ; number++) {
      const target = number === 1 ? name : `${stem}-${number}${ext}`
      const free = await lstat(path.join(this.#folder, to, target)).then(
        () => false,
        () => true,
      )
      if (!free) continue
      const moved = path.join(this.#folder, to, target)
      if (reason !== undefined) await writeFile(moved + note, `${reason}\n`)
      return rename(path.join(this.#folder, name), moved)
    }
  }

  #trouble(file: string | null, error: string): void {
    this.#log.warn({ folder: this.#config.path, file, error }, 'a source has trouble')
    this.#last = { last_file: file, last_load_id: null, last_at: new Date().toISOString(), last_error: error }
  }
}
