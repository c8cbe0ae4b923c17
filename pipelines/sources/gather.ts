import { type FileHandle, mkdir, open, readdir, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Db } from '../../sql/db.ts'
import { type KafkaConfig, type MqttConfig, sourceName } from '../../sql/sourceConfig.ts'
import { deliver } from './deliver.ts'
import { messageLines } from './messageLines.ts'
import type { RunningLoads } from './running.ts'
import { type Last, nothingYet, patience, type SourceLog } from './source.ts'
import { sourceFolder } from './sourceFolder.ts'

export type GatherOptions<Receipt> = {
  config: MqttConfig | KafkaConfig
  /** Messages of one load at most. */
  most: number
  /** Whether a file that a former process left is loaded, or forgotten because its messages are sent again in any case. */
  keepsLeft: boolean
  /** Told, once the ledger has their load, what may be sent no more. Must not throw. */
  settle: (receipts: Receipt[]) => Promise<void>
}

type Batch<Receipt> = {
  file: string
  handle: FileHandle | undefined
  pending: string[]
  /** Messages that no file of rows can hold, with the reason. */
  aside: { message: Buffer; reason: string }[]
  pendingBytes: number
  written: number
  rows: number
  messages: number
  receipts: Receipt[]
  isDue: boolean
  isDropped: boolean
  timer: NodeJS.Timeout | undefined
  writing: Promise<void> | undefined
  trouble: string | null
}

const flushBytes = 2 ** 20
const mostPending = 8 * flushBytes
const mostBytes = 512 * 2 ** 20

/**
 * Gathers messages to a file until there are enough or the first has waited long enough, and loads it; the next file is gathered
 * meanwhile. Memory is bounded as long as the caller adds nothing while it is `full`.
 */
export class Gather<Receipt> {
  readonly #db: Db
  readonly #running: RunningLoads
  readonly #log: SourceLog
  readonly #options: GatherOptions<Receipt>
  readonly #folder: string
  readonly #closing = new AbortController()
  #isOpen = false
  #batch: Batch<Receipt> | undefined
  #loading: Batch<Receipt> | undefined
  #work: Promise<void> | undefined
  #dropping: Promise<unknown> | undefined
  #room: { promise: Promise<void>; resolve: () => void } | undefined
  #number = 0
  #last: Last = nothingYet

  constructor(db: Db, running: RunningLoads, log: SourceLog, options: GatherOptions<Receipt>) {
    this.#db = db
    this.#running = running
    this.#log = log
    this.#options = options
    this.#folder = topicFolder(db, options.config)
  }

  get last(): Last {
    return this.#last
  }

  get isLoading(): boolean {
    return this.#work !== undefined
  }

  /** Messages that are not loaded yet. */
  get waiting(): number {
    return (this.#batch?.messages ?? 0) + (this.#loading?.messages ?? 0)
  }

  get waitingBytes(): number {
    const bytes = (batch: Batch<Receipt> | undefined): number =>
      batch ? batch.written + batch.pendingBytes : 0
    return bytes(this.#batch) + bytes(this.#loading)
  }

  get full(): boolean {
    const batch = this.#batch
    return (
      batch !== undefined && (batch.pendingBytes > mostPending || (this.#isLoaded(batch) && this.isLoading))
    )
  }

  /** Ends when there is room again, or when this is closed. */
  async room(): Promise<void> {
    if (!this.full || this.#closing.signal.aborted) return
    this.#room ??= withResolvers()
    await this.#room.promise
  }

  /** Makes the folder and takes up what was left there. May be called again when it failed. */
  async open(): Promise<void> {
    if (this.#isOpen) return
    try {
      await mkdir(path.join(this.#folder, 'failed'), { recursive: true, mode: 0o700 })
    } catch {
      throw new Error(
        'The folder "sources" in the data folder cannot be made or written: give this user the right to.',
      )
    }
    const left = (await readdir(this.#folder)).filter((name) => name.endsWith('.ndjson')).sort()
    const files = left.map((name) => path.join(this.#folder, name))
    if (!this.#options.keepsLeft) for (const file of files) await rm(file, { force: true })
    this.#isOpen = true
    if (this.#options.keepsLeft && files.length > 0) this.#start(this.#takeLeft(files))
  }

  /** Takes a message. `mark` is different for messages that are not the same one sent again: equal rows told later count anew. */
  add(message: Buffer, receipt: Receipt, mark: string): void {
    if (this.#closing.signal.aborted) return
    this.#batch ??= this.#begin()
    const batch = this.#batch
    batch.messages++
    batch.receipts.push(receipt)
    try {
      for (const line of messageLines(message)) {
        const isFirst = batch.rows++ === 0
        const row =
          isFirst && /^\{\s*"/.test(line) ? `{"_first":${JSON.stringify(mark)},${line.slice(1)}` : line
        batch.pending.push(`${row}\n`)
        batch.pendingBytes += row.length + 1
      }
    } catch (error) {
      const reason = messageOf(error)
      batch.aside.push({ message, reason })
      batch.pendingBytes += message.length
      batch.trouble = `${reason} It was kept in ${path.join(path.basename(this.#folder), 'failed')}.`
    }
    if (batch.pendingBytes > flushBytes) void this.#write(batch).catch(() => {})
    if (this.#isLoaded(batch)) this.#kick()
  }

  /** Forgets what is gathered and not being loaded; the caller sees to it that it is sent again. */
  drop(): Receipt[] {
    const batch = this.#batch
    this.#batch = undefined
    this.#makeRoom()
    if (!batch) return []
    clearTimeout(batch.timer)
    batch.isDropped = true
    this.#dropping = Promise.all([this.#dropping, remove(batch)])
    return batch.receipts
  }

  /** Stops the load at hand. What is not loaded is sent again, or was kept for the next start. */
  async close(): Promise<void> {
    this.#closing.abort()
    this.#makeRoom()
    await this.#work
    if (!this.#options.keepsLeft) this.drop()
    await this.#dropping
    const batch = this.#batch
    clearTimeout(batch?.timer)
    if (!batch) return
    await batch.writing?.catch(() => {})
    await this.#append(batch).catch(() => {})
    await batch.handle?.sync().catch(() => {})
    await batch.handle?.close()
  }

  #begin(): Batch<Receipt> {
    const name = `${new Date().toISOString().replace(/[:.]/g, '-')}-${String(this.#number++).padStart(6, '0')}.ndjson`
    const batch: Batch<Receipt> = {
      ...{ file: path.join(this.#folder, name), handle: undefined, pending: [], aside: [] },
      ...{ pendingBytes: 0, written: 0, rows: 0, messages: 0, receipts: [] },
      ...{ isDue: false, isDropped: false, timer: undefined, writing: undefined, trouble: null },
    }
    batch.timer = setTimeout(() => {
      batch.isDue = true
      this.#kick()
    }, this.#options.config.batch_seconds * 1000)
    return batch
  }

  /** Whether nothing more goes into the batch. */
  #isLoaded(batch: Batch<Receipt>): boolean {
    return batch.messages >= this.#options.most || batch.written + batch.pendingBytes >= mostBytes
  }

  #kick(): void {
    const batch = this.#batch
    if (!batch || this.#work || this.#closing.signal.aborted) return
    if (!batch.isDue && !this.#isLoaded(batch)) return
    this.#batch = undefined
    clearTimeout(batch.timer)
    this.#start(this.#take(batch))
  }

  #start(work: Promise<void>): void {
    this.#work = work
      .catch((error: unknown) => {
        if (!this.#closing.signal.aborted) this.#trouble(null, messageOf(error))
      })
      .finally(() => {
        this.#work = undefined
        this.#loading = undefined
        this.#makeRoom()
        this.#kick()
      })
  }

  #makeRoom(): void {
    this.#room?.resolve()
    this.#room = undefined
  }

  async #take(batch: Batch<Receipt>): Promise<void> {
    this.#loading = batch
    await this.#write(batch)
    await this.#again(async () => {
      await batch.handle?.sync()
      await syncFolder(this.#folder)
    })
    // nothing may be passed over here: what was told to the broker later would tell of this too
    await batch.handle?.close().catch(() => {})
    batch.handle = undefined
    if (batch.rows > 0) await this.#load(batch.file, batch.trouble)
    else if (batch.trouble !== null) this.#trouble(null, batch.trouble)
    await this.#options.settle(batch.receipts)
    await rm(batch.file, { force: true })
  }

  /** Files of a process that ended: the last line may be cut off, and its message was not settled. */
  async #takeLeft(files: string[]): Promise<void> {
    for (const file of files) {
      if (await cutToLines(file)) await this.#load(file, null)
      await rm(file, { force: true })
    }
  }

  /** Loads a file, or moves it to `failed/` with the reason when it cannot be loaded. Throws only when this is closed. */
  async #load(file: string, trouble: string | null): Promise<void> {
    const { config } = this.#options
    const { signal } = this.#closing
    const name = path.basename(file)
    const onTrouble = (reason: string): void => this.#trouble(name, reason)
    try {
      const result = await deliver(this.#db, this.#running, {
        config,
        file,
        signal,
        format: 'ndjson',
        onTrouble,
      })
      const { load_id, accepted, rejected } = result
      this.#log.info({ source: sourceName(config), load_id, accepted, rejected }, 'loaded messages')
      this.#last = { last_file: name, last_load_id: load_id, last_at: now(), last_error: trouble }
    } catch (error) {
      signal.throwIfAborted()
      const reason = messageOf(error)
      this.#trouble(name, reason)
      const failed = path.join(this.#folder, 'failed', name)
      await this.#again(() => writeFile(`${failed}.reason.txt`, `${reason}\n`))
      await this.#again(() => rename(file, failed))
      for (const folder of [path.dirname(failed), this.#folder]) await this.#again(() => syncFolder(folder))
    }
  }

  async #write(batch: Batch<Receipt>): Promise<void> {
    while (!batch.isDropped && (batch.writing || batch.pendingBytes > 0)) {
      batch.writing ??= this.#again(() => this.#append(batch)).finally(() => {
        batch.writing = undefined
        this.#makeRoom()
      })
      await batch.writing
    }
  }

  /** Writes what is pending where the last good write ended, so that one that failed half way may be made again. */
  async #append(batch: Batch<Receipt>): Promise<void> {
    const { aside } = batch
    if (batch.isDropped) return
    for (const each of [...aside]) {
      const kept = path.join(
        this.#folder,
        'failed',
        `${path.basename(batch.file, '.ndjson')}-${this.#number++}.message`,
      )
      await writeFile(`${kept}.reason.txt`, `${each.reason}\n`)
      await writeFile(kept, each.message, { flush: true })
      aside.shift()
      batch.pendingBytes -= each.message.length
    }
    const count = batch.pending.length
    const bytes = Buffer.from(batch.pending.join(''))
    const letters = batch.pending.reduce((sum, line) => sum + line.length, 0)
    batch.handle ??= await open(batch.file, 'w', 0o600)
    for (let at = 0; at < bytes.length; )
      at += (await batch.handle.write(bytes, at, bytes.length - at, batch.written + at)).bytesWritten
    batch.written += bytes.length
    batch.pending.splice(0, count)
    batch.pendingBytes -= letters
  }

  /** Tries for ever what may pass, a full disk above all. Throws when this is closed. */
  async #again(step: () => Promise<void>): Promise<void> {
    const { signal } = this.#closing
    for (let tries = 1; ; tries++) {
      try {
        return await step()
      } catch (error) {
        signal.throwIfAborted()
        const isFull = error instanceof Error && 'code' in error && error.code === 'ENOSPC'
        this.#trouble(
          null,
          isFull ? 'The disk is full. Free some space; it goes on by itself.' : messageOf(error),
        )
        await wait(patience(tries), undefined, { signal })
      }
    }
  }

  #trouble(file: string | null, error: string): void {
    this.#log.warn({ source: sourceName(this.#options.config), file, error }, 'a source has trouble')
    this.#last = { last_file: file, last_load_id: null, last_at: now(), last_error: error }
  }
}

/** Where the batches of a topic lie; another kind of source may not find them under the same name. */
export const topicFolder = (db: Db, config: MqttConfig | KafkaConfig): string =>
  sourceFolder(db.dataDir, `${config.kind}-${sourceName(config)}`)

async function remove(batch: Batch<unknown>): Promise<void> {
  await batch.writing?.catch(() => {})
  await batch.handle?.close().catch(() => {})
  await rm(batch.file, { force: true }).catch(() => {})
}

/** Cuts off what was not written to its end. False when no line is left. */
async function cutToLines(file: string): Promise<boolean> {
  const handle = await open(file, 'r+')
  try {
    const { size } = await handle.stat()
    const from = Math.max(0, size - 2 * 2 ** 20)
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(size - from), 0, size - from, from)
    const end = buffer.subarray(0, bytesRead).lastIndexOf(10) + 1
    await handle.truncate(end === 0 ? 0 : from + end)
    return end > 0
  } finally {
    await handle.close()
  }
}

/** New names in a folder are on disk only when the folder itself is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

const now = (): string => new Date().toISOString()
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => {}
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve }
}
