import { createReadStream } from 'node:fs'
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { withLock } from '../lock.ts'
import { loadMapping } from '../mapping.ts'
import type { PushRequest, PushSource } from './push.ts'
import type { SourceLog } from './source.ts'
import { SpoolFullError } from './spool.ts'

/** One answer as a row of the stream `outcomes`; whoever answers again has the same id. */
export type AnswerRow = { outcome_id: string } & Record<string, string | number | boolean>

/** `accepted`: on disk, and loaded whatever happens. `answered`: an answer of this id was accepted before. */
export type Verdict = 'accepted' | 'answered'

type Waiting = {
  row: AnswerRow
  settle: (verdict: Verdict) => void
  fail: (error: unknown) => void
}

export type AnswerBoxOptions = {
  /** How often what was accepted is handed to the push source, in milliseconds. */
  handOverMs?: number
  /** Bytes that may wait to be handed over. */
  mostBytes?: number
}

/** How long a group gathers: one lock, one write and one fsync then serve many. */
const gatherMs = 5
const journalName = 'answers.ndjson'
const isHanding = (name: string): boolean => /^handing-\d+-\d+\.ndjson$/.test(name)
const isIds = (name: string): boolean => /^answered-\d{4}-\d{2}$/.test(name)
/** A link lives a year at most; ids of answers are kept longer than that. */
const keptMonths = 14

/**
 * Takes in single answers, many a second. What comes together is appended to a journal in one write and one fsync, under a lock
 * that all processes of the data folder share, and only then accepted; in the same write the id counts as answered. Every few
 * seconds the journal goes to the push source as one body. Whoever dies at any point leaves either nothing of an answer or all.
 */
export class AnswerBox {
  readonly #dir: string
  readonly #locks: string
  readonly #push: PushSource
  readonly #log: SourceLog
  readonly #handOverMs: number
  readonly #mostBytes: number
  readonly #ids = new Set<string>()
  /** How far each file of ids was read. */
  readonly #read = new Map<string, number>()
  #journal: FileHandle | undefined
  #inode = 0
  #size = 0
  #waiting: Waiting[] = []
  #turn: Promise<unknown> = Promise.resolve()
  #writing: Promise<void> | undefined
  #handing: Promise<void> | undefined
  #handed: string | undefined
  #timer: NodeJS.Timeout | undefined
  #closed = false

  constructor(
    dataDir: string,
    push: PushSource,
    log: SourceLog,
    { handOverMs = 2_000, mostBytes = 256 * 2 ** 20 }: AnswerBoxOptions = {},
  ) {
    this.#dir = path.join(dataDir, 'answers')
    this.#locks = path.join(dataDir, 'locks')
    this.#push = push
    this.#log = log
    this.#handOverMs = handOverMs
    this.#mostBytes = mostBytes
  }

  /** Learns who has answered, and takes up what the last process left. */
  async open(): Promise<void> {
    await mkdir(this.#dir, { recursive: true, mode: 0o700 })
    await this.#locked(() => this.#catchUp())
    const oldest = monthOf(new Date(Date.now() - keptMonths * 31 * 86_400_000))
    const names = await readdir(this.#dir)
    for (const name of names)
      if (isIds(name) && name < oldest) await rm(path.join(this.#dir, name), { force: true })
    if (this.#size > 0 || names.some(isHanding)) this.#soon()
  }

  /** Whether an answer of this id is known here; another process may have accepted one just now. */
  has(outcomeId: string): boolean {
    return this.#ids.has(outcomeId)
  }

  /** Settles once the answer is on disk, or is found to be a second one. Throws SpoolFullError when too much waits. */
  put(row: AnswerRow): Promise<Verdict> {
    if (this.#closed || this.#size > this.#mostBytes) return Promise.reject(new SpoolFullError())
    if (this.#ids.has(row.outcome_id)) return Promise.resolve('answered')
    return new Promise((settle, fail) => {
      this.#waiting.push({ row, settle, fail })
      this.#write()
    })
  }

  /** Ends when all that was put is settled; what was not handed over waits for the next start. */
  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    while (this.#writing) await this.#writing
    await this.#handing
    await this.#journal?.close()
    this.#journal = undefined
  }

  /** One after another here, and alone among all processes. */
  #locked<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(() => withLock(this.#locks, 'answers', work))
    this.#turn = turn.catch(() => {})
    return turn
  }

  /** While one group is being written the next one gathers. */
  #write(): void {
    this.#writing ??= this.#writeGroups().finally(() => {
      this.#writing = undefined
    })
  }

  async #writeGroups(): Promise<void> {
    while (this.#waiting.length > 0) {
      await wait(gatherMs)
      const group = this.#waiting
      this.#waiting = []
      try {
        const verdicts = await this.#locked(() => this.#append(group.map(({ row }) => row)))
        group.forEach(({ settle }, at) => {
          settle(verdicts[at] ?? 'answered')
        })
      } catch (error) {
        for (const { fail } of group) fail(error)
      }
    }
  }

  async #append(rows: AnswerRow[]): Promise<Verdict[]> {
    const journal = await this.#catchUp()
    const mine = new Set<string>()
    const verdicts = rows.map(({ outcome_id }): Verdict => {
      if (this.#ids.has(outcome_id) || mine.has(outcome_id)) return 'answered'
      mine.add(outcome_id)
      return 'accepted'
    })
    const fresh = rows.filter((_, at) => verdicts[at] === 'accepted')
    if (fresh.length === 0) return verdicts
    const bytes = Buffer.from(fresh.map((row) => `${JSON.stringify(row)}\n`).join(''))
    try {
      await journal.appendFile(bytes)
      await journal.datasync()
    } catch (error) {
      await journal.truncate(this.#size).catch(() => {})
      throw error
    }
    this.#size += bytes.length
    for (const id of mine) this.#ids.add(id)
    this.#soon()
    return verdicts
  }

  /** Learns what other processes have written since, and gives the journal. The caller holds the lock. */
  async #catchUp(): Promise<FileHandle> {
    const file = path.join(this.#dir, journalName)
    const found = await stat(file).catch(() => undefined)
    if (!this.#journal || found?.ino !== this.#inode) {
      await this.#journal?.close()
      this.#journal = undefined
      await this.#readIds()
      this.#journal = await open(file, 'a+', 0o600)
      await this.#sync()
      this.#inode = (await this.#journal.stat()).ino
      this.#size = 0
    }
    const { size } = await this.#journal.stat()
    if (size > this.#size) {
      const added = Buffer.alloc(size - this.#size)
      await this.#journal.read(added, 0, added.length, this.#size)
      // a line without its end was never accepted: its process died while it wrote
      const whole = added.lastIndexOf(0x0a) + 1
      if (whole < added.length) await this.#journal.truncate(this.#size + whole)
      for (const line of added.toString('utf8', 0, whole).split('\n'))
        if (line !== '') this.#ids.add((JSON.parse(line) as AnswerRow).outcome_id)
      this.#size += whole
    }
    return this.#journal
  }

  async #readIds(): Promise<void> {
    for (const name of (await readdir(this.#dir)).filter(isIds)) {
      const text = await readFile(path.join(this.#dir, name), 'utf8')
      for (const id of text.slice(this.#read.get(name) ?? 0).split('\n')) if (id !== '') this.#ids.add(id)
      this.#read.set(name, text.length)
    }
  }

  #soon(): void {
    if (this.#timer || this.#closed) return
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#handing = this.#handOver()
        .catch((err: unknown) => {
          this.#log.warn({ err }, 'answers could not be handed over; they are kept and tried again')
          this.#soon()
        })
        .finally(() => {
          this.#handing = undefined
        })
    }, this.#handOverMs).unref()
  }

  /** Gives what was accepted to the push source. While the last of it still waits to be loaded, more gathers. */
  async #handOver(): Promise<void> {
    if (this.#handed !== undefined && this.#push.waiting(this.#handed)) return this.#soon()
    await this.#handFiles()
    await this.#locked(() => this.#rotate())
    await this.#handFiles()
  }

  async #handFiles(): Promise<void> {
    const mapping = await loadMapping('clearway')
    const request: PushRequest = { stream: 'outcomes', format: 'ndjson', source: 'feedback', mapping }
    for (const name of (await readdir(this.#dir)).filter(isHanding)) {
      const file = path.join(this.#dir, name)
      try {
        const { load_id } = await this.#push.accept(createReadStream(file), request)
        this.#handed = load_id
        await rm(file, { force: true })
      } catch (error) {
        // another process has handed it over
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
      }
    }
  }

  /** Sets the journal aside. Its ids are on disk elsewhere before its name changes, so that none is ever forgotten. */
  async #rotate(): Promise<void> {
    const journal = await this.#catchUp()
    if (this.#size === 0) return
    const text = Buffer.alloc(this.#size)
    await journal.read(text, 0, text.length, 0)
    const ids = text
      .toString('utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => `${(JSON.parse(line) as AnswerRow).outcome_id}\n`)
    const answered = await open(path.join(this.#dir, monthOf(new Date())), 'a', 0o600)
    try {
      // a line that was cut off by a crash may not swallow the next one
      await answered.appendFile(`\n${ids.join('')}`)
      await answered.sync()
    } finally {
      await answered.close()
    }
    await rename(
      path.join(this.#dir, journalName),
      path.join(this.#dir, `handing-${Date.now()}-${process.pid}.ndjson`),
    )
    await this.#sync()
  }

  /** New names in a folder are on disk only when the folder itself is. */
  async #sync(): Promise<void> {
    const folder = await open(this.#dir, 'r')
    try {
      await folder.sync()
    } finally {
      await folder.close()
    }
  }
}

/** The name of the file of ids of the answers of a month. */
const monthOf = (day: Date): string => `answered-${day.toISOString().slice(0, 7)}`
