export type RateLimitOptions = {
  /** How many at once. */
  burst?: number
  /** How many more a minute. */
  perMinute?: number
  /** Addresses remembered; the one seen longest ago is forgotten first. */
  most?: number
}

type Bucket = { left: number; at: number }

/** Lets an address do something so often (a token bucket). Kept in memory only: no address is written anywhere. */
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

  /** Seconds to wait; 0 when it may go on, which then counts. */
  take(address: string, now = Date.now()): number {
    const key = group(address)
    const known = this.#buckets.get(key)
    const left = known ? Math.min(this.#burst, known.left + (now - known.at) * this.#perMs) : this.#burst
    this.#buckets.delete(key)
    this.#buckets.set(key, { left: left >= 1 ? left - 1 : left, at: now })
    if (this.#buckets.size > this.#most) this.#buckets.delete(this.#buckets.keys().next().value ?? '')
    return left >= 1 ? 0 : Math.ceil((1 - left) / this.#perMs / 1000)
  }
}

/** A household has one address of version 4, or a network of 64 bits of version 6. */
function group(address: string): string {
  if (!address.includes(':') || address.startsWith('::ffff:')) return address
  const [head = '', tail = ''] = address.split('::')
  const blocks = head.split(':')
  const missing = 8 - blocks.length - (tail === '' ? 0 : tail.split(':').length)
  return [...blocks, ...Array(Math.max(0, missing)).fill('0')].slice(0, 4).join(':')
}
