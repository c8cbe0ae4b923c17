export type RateLimitOptions = {
  /** How many at once. */
  burst?: number
  /** How many more a minute. */
  perMinute?: number
  /** Askers remembered; the one seen longest ago is forgotten first. */
  most?: number
}

type Bucket = { left: number; at: number }

/** Lets somebody do something so often (a token bucket). Kept in memory only: no address is written anywhere. */
export class RateLimit {
  readonly #buckets = new Map<string, Bucket>()
  readonly #burst: number
  readonly #perMs: number
  readonly #most: number

  constructor({ burst = 60, perMinute = 60, most = 50_000 }: RateLimitOptions = {}) {
    this.#burst = burst
    this.#perMs = perMinute / 60_000
    this.#most = most
  }

  /** How many askers are remembered. */
  get size(): number {
    return this.#buckets.size
  }

  /** Seconds to wait; 0 when it may go on, which then counts. */
  take(asker: string, now = Date.now()): number {
    const key = group(asker)
    const left = this.#left(key, now)
    this.#buckets.delete(key)
    this.#buckets.set(key, { left: left >= 1 ? left - 1 : left, at: now })
    if (this.#buckets.size > this.#most) this.#buckets.delete(this.#buckets.keys().next().value ?? '')
    return this.#seconds(left)
  }

  /** The same without counting. */
  wait(asker: string, now = Date.now()): number {
    return this.#seconds(this.#left(group(asker), now))
  }

  #left(key: string, now: number): number {
    const known = this.#buckets.get(key)
    // a clock that is set back takes nothing from anybody
    return known ? Math.min(this.#burst, known.left + Math.max(0, now - known.at) * this.#perMs) : this.#burst
  }

  #seconds = (left: number): number => (left >= 1 ? 0 : Math.ceil((1 - left) / this.#perMs / 1000))
}

/** A household has one address of version 4, or a network of 64 bits of version 6. What is no address stands for itself. */
function group(asker: string): string {
  if (!/^[\da-fA-F:.]+:[\da-fA-F:.]*$/.test(asker)) return asker
  const [, mapped] = /^::ffff:([\d.]+)$/i.exec(asker) ?? []
  if (mapped !== undefined) return mapped
  const [head = '', tail = ''] = asker.split('::')
  const blocks = head.split(':')
  const missing = 8 - blocks.length - (tail === '' ? 0 : tail.split(':').length)
  return [...blocks, ...Array(Math.max(0, missing)).fill('0')]
    .slice(0, 4)
    .map((block) => block.replace(/^0+(?=.)/, '').toLowerCase())
    .join(':')
}
