import { getConnInfo } from '@hono/node-server/conninfo'
import type { Context } from 'hono'
import { createMiddleware } from 'hono/factory'
import { type ApiKey, findKey, noteUse, type Scope } from '../sql/keys.ts'
import type { AppEnv } from './context.ts'
import { ProblemError } from './errors.ts'

const noted = new Map<string, number>()
const noteEvery = 60_000

/** The key of the request. Throws the answer that says how to get one. */
export async function keyOf(c: Context<AppEnv>, scope: string, role = 'ingest'): Promise<ApiKey> {
  const token = /^Bearer +(\S+)$/i.exec(c.req.header('Authorization') ?? '')?.[1]
  const how = `Make one with "clearway key create --name NAME --role ${role} --scope ${scope}" and send it as "Authorization: Bearer KEY".`
  if (token === undefined) {
    const detail = `This address needs a key. ${how}`
    throw new ProblemError(401, { kind: 'no-key', detail }, { 'WWW-Authenticate': 'Bearer' })
  }
  const key = await findKey(c.var.db, token)
  if (!key) {
    const detail = `The key is not known here or was revoked. ${how}`
    const headers = { 'WWW-Authenticate': 'Bearer error="invalid_token"' }
    throw new ProblemError(401, { kind: 'wrong-key', detail }, headers)
  }
  c.set('who', { kind: 'key', id: key.id, name: key.name, grants: [] })
  if (Date.now() - (noted.get(key.id) ?? 0) > noteEvery) {
    noted.set(key.id, Date.now())
    noteUse(c.var.db, key.id).catch((error: unknown) => c.var.log.warn({ err: error }, 'a use was not noted'))
  }
  return key
}

const loopback = ['127.0.0.1', '::1', '::ffff:127.0.0.1']
const localNames = ['localhost', '127.0.0.1', '[::1]']

/** Whether the request was made on this machine, by a program or by our own page: not through a proxy and not by a foreign page. */
export function isLocal(c: Context<AppEnv>): boolean {
  const { hostname, host } = new URL(c.req.url)
  if (!localNames.includes(hostname)) return false
  if (['x-forwarded-for', 'x-real-ip', 'forwarded'].some((name) => c.req.header(name) !== undefined))
    return false
  if (!['same-origin', 'none', undefined].includes(c.req.header('Sec-Fetch-Site'))) return false
  const origin = c.req.header('Origin')
  if (origin !== undefined && (!URL.canParse(origin) || new URL(origin).host !== host)) return false
  return loopback.includes(remoteAddress(c) ?? '')
}

/** Who asks: behind a proxy on this machine the address that the proxy saw, which it writes last. */
export function addressOf(c: Context<AppEnv>): string | undefined {
  const remote = remoteAddress(c)
  if (remote !== undefined && !loopback.includes(remote)) return remote
  return c.req.header('X-Forwarded-For')?.split(',').at(-1)?.trim() || remote
}

function remoteAddress(c: Context<AppEnv>): string | undefined {
  try {
    return getConnInfo(c).remote.address
  } catch {
    return undefined
  }
}

/**
 * Lets requests pass that were made on this machine or come with a key that has the scope. Until people can sign in, everybody
 * else is refused: `what` says in the plural what they asked for. Nobody keeps the answers.
 */
export const onlyWith = (scope: Scope, what: string) =>
  createMiddleware<AppEnv>(async (c, next) => {
    c.set('reader', await letPass(c, scope, what))
    c.header('Cache-Control', 'no-store')
    await next()
  })

async function letPass(c: Context<AppEnv>, scope: Scope, what: string): Promise<ApiKey | undefined> {
  if (isLocal(c)) return undefined
  const how = `Ask on the machine Clearway runs on, or send a key made with "clearway key create --name NAME --role analyst --scope ${scope}".`
  if (c.req.header('Authorization') === undefined)
    throw new ProblemError(403, { kind: 'not-allowed', detail: `${what} are not for everybody. ${how}` })
  const key = await keyOf(c, scope, 'analyst')
  if (!key.scopes.includes(scope))
    throw new ProblemError(403, {
      kind: 'scope',
      detail: `${what} are not for the key "${key.name}"; it may ${key.scopes.join(', ') || 'do nothing'}. ${how}`,
    })
  return key
}
