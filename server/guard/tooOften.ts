import { createHash } from 'node:crypto'
import type { Context } from 'hono'
import { createMiddleware } from 'hono/factory'
import { addressOf, isOnThisMachine } from '../bearer.ts'
import type { AppEnv } from '../context.ts'
import { ProblemError } from '../errors.ts'
import { RateLimit, type RateLimitOptions } from './rateLimit.ts'

/** How often somebody may ask. */
export type Rates = {
  /** From one address, whoever asks: a whole office may share it. */
  address: RateLimitOptions
  /** With one key or one session. */
  asker: RateLimitOptions
  /** Keys that are not known, from one address. */
  wrongKeys: RateLimitOptions
  /** Steps of signing in, from one address. */
  signIn: RateLimitOptions
  /** Trying data or a report, which takes long and keeps nothing. */
  previews: RateLimitOptions
}

const usual: Rates = {
  address: { burst: 3_000, perMinute: 6_000 },
  asker: { burst: 3_000, perMinute: 6_000 },
  wrongKeys: { burst: 20, perMinute: 10 },
  signIn: { burst: 30, perMinute: 20 },
  previews: { burst: 30, perMinute: 30 },
}

const signIn = /^\/sign-in(\/|$)/
const mostGood = 10_000
const preview = /\/preview$/

/**
 * Refuses who asks too often, twice: `byAddress` before it is known who asks, `byAsker` after. Who sits at the machine itself is held back only
 * from guessing keys. What is public is not counted: it is files in memory.
 */
export function tooOften(rates: Partial<Rates> = {}) {
  const limit = (name: keyof Rates) => new RateLimit(rates[name] ?? usual[name])
  const [addresses, askers, wrongKeys] = [limit('address'), limit('asker'), limit('wrongKeys')]
  const [signIns, previews] = [limit('signIn'), limit('previews')]

  /** Keys that opened something lately: who guesses beside them does not lock them out. */
  const good = new Set<string>()

  const byAddress = createMiddleware<AppEnv>(async (c, next) => {
    const address = addressOf(c) ?? ''
    const key = keyIn(c)
    if (key !== undefined && !good.has(key))
      refuse(wrongKeys.wait(address), 'Too many keys from your address were not known here.')
    if (!isOnThisMachine(c)) {
      if (signIn.test(c.req.path)) refuse(signIns.take(address), 'Your address signs in too often.')
      refuse(addresses.take(address), 'Your address asks too often.')
    }
    await next()
    if (key === undefined) return
    good.delete(key)
    if (c.res.status === 401) wrongKeys.take(address)
    else if (c.var.who.kind === 'key') good.add(key)
    if (good.size > mostGood) good.delete(good.values().next().value ?? '')
  })

  const byAsker = createMiddleware<AppEnv>(async (c, next) => {
    const { kind, id } = c.var.who
    const isKnown = kind === 'person' || kind === 'key'
    if (isKnown) refuse(askers.take(`${kind} ${id}`), 'You ask too often.')
    if (c.req.method === 'POST' && preview.test(c.req.path) && (isKnown || !isOnThisMachine(c)))
      refuse(previews.take(isKnown ? `${kind} ${id}` : (addressOf(c) ?? '')), 'You try too much at once.')
    await next()
  })

  return { byAddress, byAsker }
}

/** What is sent as a key, made unreadable. */
function keyIn(c: Context<AppEnv>): string | undefined {
  const sent = c.req.header('Authorization')
  return sent === undefined ? undefined : createHash('sha256').update(sent).digest('base64url')
}

function refuse(seconds: number, why: string): void {
  if (seconds === 0) return
  throw new ProblemError(
    429,
    { kind: 'too-often', detail: `${why} Try again in ${seconds} second${seconds === 1 ? '' : 's'}.` },
    { 'Retry-After': String(seconds) },
  )
}
