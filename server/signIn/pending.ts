import type { Context } from 'hono'
import { z } from 'zod'
import { Cookie } from './cookies.ts'
import type { Challenge } from './provider.ts'
import { Seal } from './seal.ts'

/** Seconds somebody has to sign in at the provider. */
const lasts = 600

const pending = z.object({
  provider: z.string(),
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  /** Where to go on. */
  to: z.string(),
  until: z.number(),
})
type PendingSignIn = Challenge & { provider: string; to: string }

/** Sign-ins that were begun: the browser keeps them, sealed, and each is finished once. */
export class Pending {
  readonly #cookie: Cookie
  readonly #seal: Seal
  /** States that came back, until they are too old anyway. After a restart the provider still takes each code once. */
  readonly #used = new Map<string, number>()

  constructor(
    secrets: readonly string[],
    address: () => string,
    private readonly clock: () => number,
  ) {
    this.#cookie = new Cookie('pending', address, lasts)
    this.#seal = new Seal(secrets, 'pending')
  }

  async begin(c: Context, begun: PendingSignIn): Promise<void> {
    this.#cookie.set(c, await this.#seal.close({ ...begun, until: this.clock() + lasts * 1000 }))
  }

  /** The sign-in that comes back. `over`: one that was begun too long ago, at another provider, or that came back before. */
  async take(c: Context, provider: string): Promise<PendingSignIn | 'none' | 'over'> {
    const text = this.#cookie.get(c)
    if (text === undefined) return 'none'
    this.#cookie.remove(c)
    const read = pending.safeParse(await this.#seal.open(text))
    if (!read.success) return 'none'
    const { until, ...begun } = read.data
    const now = this.clock()
    for (const [state, end] of this.#used) if (end <= now) this.#used.delete(state)
    if (until <= now || begun.provider !== provider || begun.state !== c.req.query('state')) return 'over'
    if (this.#used.has(begun.state)) return 'over'
    this.#used.set(begun.state, until)
    return begun
  }
}
