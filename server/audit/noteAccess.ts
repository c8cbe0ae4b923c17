import type { Context } from 'hono'
import type { Done } from '../../sql/audit.ts'
import { addressOf } from '../bearer.ts'
import type { AppEnv } from '../context.ts'
import { networkOf } from './network.ts'
import { note } from './note.ts'

const day = 86_400_000
const minute = 60_000
/** Kept in mind; the one noted longest ago is forgotten first. */
const mostKept = 10_000
const notedAt = new Map<string, number>()

/** Whether this is the first of its kind for so long: nobody fills the audit by asking again and again. */
function isFirst(what: string, every: number, now = Date.now()): boolean {
  if (now - (notedAt.get(what) ?? Number.NEGATIVE_INFINITY) < every) return false
  notedAt.delete(what)
  notedAt.set(what, now)
  if (notedAt.size > mostKept) notedAt.delete(notedAt.keys().next().value ?? '')
  return true
}

/**
 * Notes that a key was used, once a day from each network, that one was refused, and that somebody known was refused. Nothing waits for it: it
 * is no deed with data.
 */
export function noteAccess(c: Context<AppEnv>, status: number, route: string): void {
  const { who, log } = c.var
  const network = networkOf(addressOf(c))
  const write = (done: Pick<Done, 'deed' | 'object'>, every: number) => {
    if (isFirst(JSON.stringify([done, who.kind, who.id, network]), every))
      note(c, { ...done, purpose: '', detail: { method: c.req.method, route } }).catch((err: unknown) =>
        log.warn({ err }, 'who asked could not be noted'),
      )
  }
  if (status === 401 && c.req.header('Authorization') !== undefined) write({ deed: 'key_refused' }, minute)
  if (who.kind === 'key') write({ deed: 'key_use', object: who.id }, day)
  if (status === 403 && (who.kind === 'key' || who.kind === 'person'))
    write({ deed: 'access_refused', object: route }, minute)
}
