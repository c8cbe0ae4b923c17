import { createHash, randomUUID } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { isAlive } from '../../sql/alive.ts'
import { type Mapping, mappingSchema } from '../mapping.ts'
import { streamNames } from '../streams.ts'

/** Formats of a body, and the ending its file gets. */
export const bodyFormats = ['csv', 'ndjson', 'parquet'] as const
export type BodyFormat = (typeof bodyFormats)[number]

const ticketSchema = z.object({
  load_id: z.string().regex(/^[0-9a-f]{16}$/),
  stream: z.enum(streamNames),
  mapping: mappingSchema,
  source: z.string(),
  service: z.string().optional(),
  format: z.enum(bodyFormats),
  sha256: z.string(),
  bytes: z.number(),
  /** Milliseconds since 1970: bodies are loaded in the order in which they came. */
  received_at: z.number(),
  order: z.number(),
})

/** Beside each body that waits: how it is to be loaded. The body counts from the moment this is on disk. */
export type Ticket = Omit<z.output<typeof ticketSchema>, 'mapping'> & { mapping: Mapping }

type About = Omit<Ticket, 'sha256' | 'bytes' | 'received_at' | 'order'>

/** Bytes on disk that no ticket names yet. */
export type Received = { file: string; sha256: string; bytes: number }

/** The body is larger than a body may be. */
export class TooLargeError extends Error {
  constructor(readonly most: number) {
    super(`A body may have ${most} bytes.`)
  }
}
/** More bytes wait than the spool may hold. */
export class SpoolFullError extends Error {}

export type SpoolLimits = { bodyBytes: number; waitingBytes: number }

/** Bodies that were taken in and are not loaded yet, in a folder of the data folder. */
export class Spool {
  readonly #dir: string
  readonly #limits: SpoolLimits
  readonly #tickets = new Map<string, Ticket>()
  /** Bodies whose ticket is being written. */
  readonly #keeping = new Map<string, Promise<void>>()
  /** Bytes of bodies that wait and of those that are arriving. */
  #held = 0
  #order = 0

  constructor(dir: string, limits: SpoolLimits) {
    this.#dir = dir
    this.#limits = limits
  }

  get bytes(): number {
    return this.#held
  }

  /** Tickets in the order in which the bodies came. */
  waiting(): Ticket[] {
    return [...this.#tickets.values()].sort((a, b) => a.received_at - b.received_at || a.order - b.order)
  }

  has(loadId: string): boolean {
    return this.#tickets.has(loadId)
  }

  fileOf = ({ load_id, format }: Pick<Ticket, 'load_id' | 'format'>): string =>
    path.join(this.#dir, `${load_id}.${format}`)

  /** Finds what waited when the last process ended; what was never acknowledged is removed. */
  async open(): Promise<void> {
    await mkdir(this.#dir, { recursive: true, mode: 0o700 })
    const names = await readdir(this.#dir)
    for (const name of names.filter((each) => each.endsWith('.json'))) {
      const ticket = await readTicket(path.join(this.#dir, name))
      if (!ticket || !names.includes(path.basename(this.fileOf(ticket)))) continue
      this.#tickets.set(ticket.load_id, ticket)
      this.#held += ticket.bytes
    }
    const kept = new Set(this.waiting().flatMap((t) => [`${t.load_id}.json`, path.basename(this.fileOf(t))]))
    for (const name of names)
      if (!kept.has(name) && !isArriving(name)) await rm(path.join(this.#dir, name), { force: true })
  }

  /** Throws TooLargeError or SpoolFullError before a byte was read, as far as the announced length tells. */
  admit(announced: number): void {
    if (announced > this.#limits.bodyBytes) throw new TooLargeError(this.#limits.bodyBytes)
    if (this.#held > 0 && this.#held + announced > this.#limits.waitingBytes) throw new SpoolFullError()
  }

  /** Writes a body to disk and waits until it is there. Nothing remains of a body that fails. */
  async receive(body: AsyncIterable<Uint8Array>): Promise<Received> {
    const file = path.join(this.#dir, `${process.pid}-${randomUUID()}.part`)
    const hash = createHash('sha256')
    let bytes = 0
    try {
      const handle = await open(file, 'wx', 0o600)
      try {
        for await (const block of body) {
          bytes += block.length
          this.#held += block.length
          if (bytes > this.#limits.bodyBytes) throw new TooLargeError(this.#limits.bodyBytes)
          if (this.#held > bytes && this.#held > this.#limits.waitingBytes) throw new SpoolFullError()
          hash.update(block)
          await handle.writeFile(block)
        }
        await handle.sync()
      } finally {
        await handle.close()
      }
      return { file, sha256: hash.digest('hex'), bytes }
    } catch (error) {
      await this.discard({ file, bytes })
      throw error
    }
  }

  /** Forgets a received body. */
  async discard({ file, bytes }: Pick<Received, 'file' | 'bytes'>): Promise<void> {
    this.#held -= bytes
    await rm(file, { force: true })
  }

  /** Makes a received body wait to be loaded; when this returns it survives any crash. A body that waits already waits once. */
  async keep(received: Received, about: About): Promise<void> {
    const { load_id } = about
    const sameNow = this.#keeping.get(load_id)
    if (sameNow || this.#tickets.has(load_id)) {
      await this.discard(received)
      return sameNow
    }
    const kept = this.#store(received, about)
    this.#keeping.set(load_id, kept)
    return kept.finally(() => this.#keeping.delete(load_id))
  }

  async #store(received: Received, about: About): Promise<void> {
    const { file, sha256, bytes } = received
    const ticket: Ticket = { ...about, sha256, bytes, received_at: Date.now(), order: this.#order++ }
    const note = path.join(this.#dir, `${process.pid}-${randomUUID()}.part`)
    try {
      const handle = await open(note, 'wx', 0o600)
      try {
        await handle.writeFile(JSON.stringify(ticket))
        await handle.sync()
      } finally {
        await handle.close()
      }
      await rename(file, this.fileOf(ticket))
      await rename(note, path.join(this.#dir, `${ticket.load_id}.json`))
      await this.#sync()
      this.#tickets.set(ticket.load_id, ticket)
    } catch (error) {
      await this.discard(received)
      for (const left of [note, this.fileOf(ticket)]) await rm(left, { force: true })
      throw error
    }
  }

  /** Whether the body is still there: another process may have loaded it. */
  async isThere(ticket: Ticket): Promise<boolean> {
    return stat(this.fileOf(ticket)).then(
      () => true,
      () => false,
    )
  }

  /** The ticket goes first: a body without one is not loaded again. */
  async remove(ticket: Ticket): Promise<void> {
    await rm(path.join(this.#dir, `${ticket.load_id}.json`), { force: true })
    await rm(this.fileOf(ticket), { force: true })
    if (this.#tickets.delete(ticket.load_id)) this.#held -= ticket.bytes
  }

  /** New names in a folder are on disk only when the folder itself is. */
  async #sync(): Promise<void> {
    const handle = await open(this.#dir, 'r')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  }
}

async function readTicket(file: string): Promise<Ticket | undefined> {
  try {
    return ticketSchema.parse(JSON.parse(await readFile(file, 'utf8')))
  } catch {
    return undefined
  }
}

/** A part that a living process writes just now. */
function isArriving(name: string): boolean {
  const pid = Number(/^(\d+)-.*\.part$/.exec(name)?.[1])
  return Number.isInteger(pid) && isAlive(pid)
}
