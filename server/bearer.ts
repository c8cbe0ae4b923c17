import { getConnInfo } from '@hono/node-server/conninfo'
import type { Context } from 'hono'
import type { ApiKey } from '../sql/keys.ts'
import type { AppEnv } from './context.ts'
import { ProblemError } from './errors.ts'

/** The key that the request carries, if any. Throws the answer for one that opens nothing. */
export async function keyOf(c: Context<AppEnv>): Promise<ApiKey | undefined> {
  const given = c.req.header('Authorization')
  if (!given) return undefined
  const token = /^Bearer +(\S+)$/i.exec(given)?.[1]
  const key = token === undefined ? undefined : await c.var.keyring.find(token)
  if (!key) {
    const detail =
      'The key is not known here, was revoked or has expired. "clearway key list" shows the keys, and "clearway key create" makes one; send it as "Authorization: Bearer KEY".'
    const headers = { 'WWW-Authenticate': 'Bearer error="invalid_token"' }
    throw new ProblemError(401, { kind: 'wrong-key', detail }, headers)
  }
  return key
}

const loopback = ['127.0.0.1', '::1', '::ffff:127.0.0.1']
const localNames = ['localhost', '127.0.0.1', '[::1]']

/** Whether the request was made on this machine and to a name of it: not through a proxy, and by no name that others made up for it. */
export function isOnThisMachine(c: Context<AppEnv>): boolean {
  if (!localNames.includes(new URL(c.req.url).hostname)) return false
  if (['x-forwarded-for', 'x-real-ip', 'forwarded'].some((name) => c.req.header(name) !== undefined))
    return false
  const remote = remoteAddress(c)
  // no address: a program within this process
  return remote === undefined || loopback.includes(remote)
}

/** The same, and by a program or by our own page: not by a foreign page that is shown on this machine. */
export function isLocal(c: Context<AppEnv>): boolean {
  if (!isOnThisMachine(c) || remoteAddress(c) === undefined) return false
  if (!['same-origin', 'none', undefined].includes(c.req.header('Sec-Fetch-Site'))) return false
  const origin = c.req.header('Origin')
  return origin === undefined || (URL.canParse(origin) && new URL(origin).host === new URL(c.req.url).host)
}

/** The address of who asks, also behind proxies of ours. */
export const addressOf = (c: Context<AppEnv>): string | undefined =>
  c.var.proxies.clientOf(remoteAddress(c), c.req.header('X-Forwarded-For'))

function remoteAddress(c: Context<AppEnv>): string | undefined {
  try {
    return getConnInfo(c).remote.address
  } catch {
    return undefined
  }
}
