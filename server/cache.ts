import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import type { DataVersion } from './data.ts'
import { build } from './version.ts'

/** A finished answer: its text, the same compressed, and the tag that names exactly this text. */
export type CachedAnswer = { body: Buffer; gzip: Buffer | null; etag: string }

/** An answer as it is kept: what it is right for, and when it was made. */
type Kept = CachedAnswer & { version: string; madeAt: number }

/** An answer that is being made, for which version, and how many wait for it. */
type Running = { version: string; answer: Promise<CachedAnswer>; stop: AbortController; waiting: number }

type Question = {
  /** Names what is asked, and for whose eyes. */
  name: string
  /** Makes it, told whether it is made ahead: while nobody waits for it. */
  compute: (stop: AbortSignal, ahead: boolean) => Promise<string>
  /** Milliseconds for which the answer is right while the data stays as it is. */
  goodFor?: number
}

type Options = {
  maxBytes?: number
  /** Whether so many wait for the store that readers would have to. */
  isCrowded?: () => boolean
  now?: () => number
}

const gzipFrom = 1024
const overhead = 200
/** Milliseconds for which an answer that is no longer the newest is given while many wait, and after which a new one is begun. */
const [stillGiven, rests] = [300_000, 10_000]

/**
 * Keeps finished answers in memory, the least recently used ones go first. Each is right for one data version. While many wait for the store, who
 * asks gets the answer that was right a moment ago, which says of which instant it is, and the new one is made meanwhile.
 */
export class AnswerCache {
  readonly #answers = new Map<string, Kept>()
  readonly #running = new Map<string, Running>()
  /** When the data moved on from a version, for those of which answers may still be given. */
  readonly #leftAt = new Map<string, number>()
  readonly #options: Required<Options>
  #bytes = 0
  #version: string | null = null

  constructor({
    maxBytes = 64 * 1024 * 1024,
    isCrowded = () => false,
    now = () => performance.now(),
  }: Options = {}) {
    this.#options = { maxBytes, isCrowded, now }
  }

  get bytes() {
    return this.#bytes
  }

  /**
   * The kept answer, or the one `compute` makes; equal questions asked at the same time share one computation, which is told to stop when `gone`
   * says so of all who asked.
   */
  async answer(
    { version, final }: DataVersion,
    { name, compute, goodFor = Number.POSITIVE_INFINITY }: Question,
    gone: AbortSignal,
  ): Promise<CachedAnswer> {
    if (version !== this.#version) this.#moveOn(version)
    const kept = this.#answers.get(name)
    const now = this.#options.now()
    if (kept && kept.version === version && now <= kept.madeAt + goodFor) {
      // the most recently used one is the last to go
      this.#answers.delete(name)
      this.#answers.set(name, kept)
      return kept
    }
    const running = this.#running.get(name)
    const started = running && !running.stop.signal.aborted ? running : undefined
    const age = kept ? now - this.#rightUntil(kept, goodFor) : Number.POSITIVE_INFINITY
    if (kept && age <= stillGiven && this.#options.isCrowded()) {
      if (!started && age >= rests) this.#start({ version, final }, name, compute, true).waiting++
      return kept
    }
    if (started?.version === version) return waitFor(started, gone)
    return waitFor(this.#start({ version, final }, name, compute, false), gone)
  }

  /** The tag an answer has, known before it is computed. */
  etag(version: string, question: string): string {
    const hash = createHash('sha256').update(`${build}\n${version}\n${question}`).digest('base64url')
    return hash.slice(0, 32)
  }

  #rightUntil({ version, madeAt }: Kept, goodFor: number): number {
    const left = version === this.#version ? Number.POSITIVE_INFINITY : (this.#leftAt.get(version) ?? 0)
    return Math.min(madeAt + goodFor, left)
  }

  #start(of: DataVersion, name: string, compute: Question['compute'], ahead: boolean): Running {
    const stop = new AbortController()
    const answer = this.#compute(of, name, () => compute(stop.signal, ahead)).finally(() => {
      if (this.#running.get(name) === started) this.#running.delete(name)
    })
    // who waits for it is told; nobody may
    answer.catch(() => {})
    const started: Running = { version: of.version, answer, stop, waiting: 0 }
    this.#running.set(name, started)
    return started
  }

  async #compute({ version, final }: DataVersion, name: string, compute: () => Promise<string>) {
    const body = Buffer.from(await compute())
    const gzip = body.length >= gzipFrom ? gzipSync(body, { level: 6 }) : null
    const madeAt = this.#options.now()
    const answer = { body, gzip, etag: this.etag(version, name), version, madeAt }
    if (final && (version === this.#version || this.#leftAt.has(version))) this.#keep(name, answer)
    return answer
  }

  #keep(name: string, answer: Kept) {
    const size = sizeOf(name, answer)
    if (size > this.#options.maxBytes / 4) return
    this.#forget(name)
    this.#answers.set(name, answer)
    this.#bytes += size
    for (const oldest of this.#answers.keys()) {
      if (this.#bytes <= this.#options.maxBytes) break
      this.#forget(oldest)
    }
  }

  #forget(name: string) {
    const kept = this.#answers.get(name)
    if (!kept) return
    this.#answers.delete(name)
    this.#bytes -= sizeOf(name, kept)
  }

  #moveOn(version: string) {
    const now = this.#options.now()
    if (this.#version !== null) this.#leftAt.set(this.#version, now)
    this.#leftAt.delete(version)
    this.#version = version
    for (const [old, at] of this.#leftAt) if (now - at > stillGiven) this.#leftAt.delete(old)
    for (const [name, kept] of this.#answers)
      if (kept.version !== version && !this.#leftAt.has(kept.version)) this.#forget(name)
  }
}

/** Waits for an answer that is being made; the last one who goes away before it comes stops the work. */
async function waitFor(running: Running, gone: AbortSignal): Promise<CachedAnswer> {
  const leave = () => {
    running.waiting--
    if (running.waiting === 0) running.stop.abort()
  }
  running.waiting++
  if (gone.aborted) leave()
  else gone.addEventListener('abort', leave, { once: true })
  return running.answer.finally(() => gone.removeEventListener('abort', leave))
}

const sizeOf = (key: string, { body, gzip }: CachedAnswer) =>
  key.length * 2 + body.length + (gzip?.length ?? 0) + overhead
