import { createMiddleware } from 'hono/factory'
import type { Scope } from '../../sql/keys.ts'
import { seesAll } from '../../sql/rowScope.ts'
import { within } from '../../sql/within.ts'
import { isLocal, isOnThisMachine, keyOf } from '../bearer.ts'
import type { AppEnv } from '../context.ts'
import { ProblemError } from '../errors.ts'
import { routeThatAnswers } from '../routeOf.ts'
import type { SignIn } from '../signIn/signIn.ts'
import { ofKey, onTheMachine, visitor } from './identities.ts'
import { type Permission, permissions } from './permissions.ts'
import { isOfAllRows } from './roles.ts'
import { may, nobody, rowsFor, type Who } from './who.ts'

type Context = Parameters<typeof keyOf>[0]

/**
 * The way in: finds out who asks, and lets pass who may. From here on `c.var.db` holds the rows that they may see and no others.
 * Unless people have to sign in, the machine itself is answered without.
 */
export const gate = (signIn?: SignIn) =>
  createMiddleware<AppEnv>(async (c, next) => {
    const route = routeThatAnswers(c)
    // nothing is there: told by whoever answers what is not found
    if (!route) return next()
    const permission = permissions[`${route.method} ${route.path}`]
    if (!permission)
      throw new Error(`${route.method} ${route.path} does not stand in server/access/permissions.ts.`)
    if (permission === 'everybody') {
      c.set('who', nobody)
      return next()
    }
    const mustSignIn = signIn?.isConfigured ?? false
    const who = (await identify(c, signIn)) ?? (mustSignIn ? nobody : whoIsHere(c))
    c.set('who', who)
    if (permission === 'whoever') return next()
    const scope = permission.find((each) => fits(who, each))
    if (!scope) throw refusal(c, permission, mustSignIn)
    c.set('db', await within(c.var.store, rowsFor(who, scope)))
    // unless whoever answers knows better: what one may see another may not
    c.header('Cache-Control', 'no-store')
    await next()
  })

const fits = (who: Who, scope: Scope): boolean =>
  may(who, scope) && (!isOfAllRows(scope) || seesAll(rowsFor(who, scope)))

/** A key that is sent decides, also on the machine itself: it is how somebody says to be less than they could be. */
async function identify(c: Context, signIn?: SignIn): Promise<Who | undefined> {
  const key = await keyOf(c)
  if (!key) return signIn?.personOf(c)
  c.set('key', key)
  return ofKey(key)
}

/** Who asks where nobody has to sign in. */
function whoIsHere(c: Context): Who {
  if (isLocal(c)) return onTheMachine
  return isOnThisMachine(c) ? visitor : nobody
}

const rolesFor: Partial<Record<Scope, string>> = {
  cases: 'case_worker',
  comments: 'case_worker',
  publish: 'publisher',
  audit: 'auditor',
  administer: 'administrator',
  loads: 'data_steward',
  rejected: 'data_steward',
}
/** Nobody is let in for these without a key, wherever they ask. */
const needsKey: readonly Scope[] = ['publish', 'audit', 'administer']

function refusal(c: Context, permission: Exclude<Permission, string>, canSignIn: boolean): ProblemError {
  // the least that would do: of all streams the one that was asked for
  const stream = /\/ingest\/(\w+)/.exec(c.req.path)?.[1]
  const scope = permission.find((each) => each === `ingest:${stream}`) ?? permission[0]
  const role = scope.startsWith('ingest') ? 'ingest' : (rolesFor[scope] ?? 'analyst')
  const make = `"clearway key create --name NAME --role ${role} --scope ${scope}"`
  const { who, key } = c.var
  if (permission.some((each) => may(who, each)))
    return new ProblemError(403, {
      kind: 'scope',
      detail: `This is about all departments, services and districts at once, and ${key ? `the key "${key.name}" is` : 'your roles are'} for some of them.`,
    })
  if (key)
    return new ProblemError(403, {
      kind: 'scope',
      detail: `This needs the scope ${scope}, and the key "${key.name}" may ${key.scopes.join(', ') || 'do nothing'}. Make one that has it with ${make}.`,
    })
  if (who.kind === 'person')
    return new ProblemError(403, {
      kind: 'scope',
      detail: `This needs the scope ${scope}, which none of your roles has. Ask whoever gives access to Clearway in your organisation.`,
    })
  if (canSignIn)
    return new ProblemError(
      401,
      { kind: 'sign-in', detail: `Sign in, or send a key made with ${make} as "Authorization: Bearer KEY".` },
      { 'WWW-Authenticate': 'Bearer' },
    )
  if (role === 'ingest' || needsKey.includes(scope))
    return new ProblemError(
      401,
      {
        kind: 'no-key',
        detail: `This address needs a key. Make one with ${make} and send it as "Authorization: Bearer KEY".`,
      },
      { 'WWW-Authenticate': 'Bearer' },
    )
  return new ProblemError(403, {
    kind: 'not-allowed',
    detail: `This is not for everybody. Ask on the machine Clearway runs on, or send a key made with ${make}.`,
  })
}
