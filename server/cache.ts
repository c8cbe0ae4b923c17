import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import type { DataVersion } from './data.ts'
import { build } from './version.ts'

/** A finished answer: its text, the same compressed, and the tag that names exactly this text. */
export type CachedAnswer = { body: Buffer; gzip: Buffer | null; etag: string }

/** An answer that is being made, and how many wait for it. */
type Running = { answer: Promise<CachedAnswer>; stop: AbortController; waiting: number }

const gzipFrom = 1024
const overhead = 200

/**
 * Keeps finished answers in memory, the least recently used ones go first. The data version is part of every key:
 * a load makes all older answers unreachable, and the first question after it drops them.
 */
export class AnswerCache {
  #answers = new Map<string, CachedAnswer>()
  #running = new Map<string, Running>()
  #bytes = 0
  #version: string | null = null
  #maxBytes: number

  constructor(maxBytes = 64 * 1024 * 1024) {
    this.#maxBytes = maxBytes
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
    question: string,
    compute: (stop: AbortSignal) => Promise<string>,
    gone: AbortSignal,
  ): Promise<CachedAnswer> {
    if (version !== this.#version) this.#clear(version)
    const key = `${version}\n${question}`
    const kept = this.#answers.get(key)
    if (kept) {
      this.#answers.delete(key)
      this.#answers.set(key, kept)
      return kept
    }
    const running = this.#running.get(key)
    if (running && !running.stop.signal.aborted) return waitFor(running, gone)
    const stop = new AbortController()
    const answer = this.#compute({ version, final }, question, () => compute(stop.signal)).finally(() => {
      if (this.#running.get(key) === started) this.#running.delete(key)
    })
    const started: Running = { answer, stop, waiting: 0 }
    this.#running.set(key, started)
    return waitFor(started, gone)
  }

  /** The tag an answer has, known before it is computed. */
  etag(version: string, question: string): string {
    const hash = createHash('sha256').update(`${build}\n${version}\n${question}`).digest('base64url')
    return hash.slice(0, 32)
  }

  async #compute({ version, final }: DataVersion, question: string, compute: () => Promise<string>) {
    const body = Buffer.from(await compute())
    const gzip = body.length >= gzipFrom ? gzipSync(body, { level: 6 }) : null
    const answer = { body, gzip, etag: this.etag(version, question) }
    if (final && version === this.#version) this.#keep(`${version}\n${question}`, answer)
    return answer
  }

  #keep(key: string, answer: CachedAnswer) {
    const size = sizeOf(key, answer)
    if (size > this.#maxBytes / 4) return
    this.#answers.set(key, answer)
    this.#bytes += size
    for (const [oldest, old] of this.#answers) {
      if (this.#bytes <= this.#maxBytes) break
      this.#answers.delete(oldest)
      this.#bytes -= sizeOf(oldest, old)
    }
  }

  #clear(version: string) {
    this.#answers.clear()
    this.#bytes = 0
    this.#version = version
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
