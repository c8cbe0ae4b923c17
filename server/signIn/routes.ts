import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { csrf } from 'hono/csrf'
import { isLocal } from '../bearer.ts'
import type { AppEnv } from '../context.ts'
import { machine } from './grants.ts'
import { takeOnceLink } from './once.ts'
import {
  askSignOutPage,
  choicePage,
  css,
  type Failure,
  failurePage,
  failures,
  noRightsPage,
  signedOutPage,
} from './page.ts'
import { SignInError } from './provider.ts'
import { returnPath } from './returnPath.ts'
import { idOf } from './session.ts'
import type { SignIn } from './signIn.ts'

/** A logout token is a few hundred bytes. */
const mostBytes = 64 * 1024

/** Signing in and out: pages for people who come from the dashboard or a link, and what providers call. */
export function signInRoutes(signIn: SignIn) {
  const { providers, sessions, pending, note, log, clock } = signIn

  const show = (c: Context<AppEnv>, failure: Failure) =>
    c.html(failurePage(failure), failures[failure].status)

  /** Written down is what somebody tried who was on their way in; what anybody can send us is not. */
  const refuse = async (c: Context<AppEnv>, failure: Failure, provider: string, cause?: Error) => {
    if (cause) log.warn({ err: cause, provider, request_id: c.var.requestId }, 'a sign-in failed')
    const why = cause ? `${failures[failure].title}: ${cause.message}` : failures[failure].title
    await note({ what: 'refused', who: '', name: '', provider, why })
    return show(c, failure)
  }

  return (
    new Hono<AppEnv>()
      .use('/sign-in/*', async (c, next) => {
        c.header('Cache-Control', 'no-store')
        await next()
      })
      .get('/sign-in', async (c) => {
        const to = returnPath(c.req.query('to'))
        const session = await sessions.of(c, false)
        // who has a session already need not choose anything
        if (session && signIn.whoIs(session).grants.length > 0) return c.redirect(to, 303)
        const ended = sessions.isNamed(c) && session === undefined
        return c.html(choicePage({ providers: [...providers.values()], to, ended }))
      })
      .get('/sign-in/page.css', (c) => {
        c.header('Cache-Control', 'no-cache')
        return c.body(css, 200, { 'Content-Type': 'text/css; charset=utf-8' })
      })
      .get('/sign-in/once/:token', async (c) => {
        if (!isLocal(c)) return show(c, 'elsewhere')
        // what only looks at the link does not use it up
        const looks = c.req.method === 'HEAD' || c.req.header('Sec-Purpose')?.includes('prefetch')
        if (looks) return c.body(null, 204)
        if (!(await takeOnceLink(signIn.dataDir, c.req.param('token'), clock())))
          return refuse(c, 'used', machine)
        const person = {
          provider: machine,
          subject: 'administrator',
          name: 'Administrator of this machine',
          groups: [],
        }
        await note({
          what: 'signed_in',
          who: idOf(person),
          name: person.name,
          provider: machine,
          why: 'By a link that works once.',
        })
        await sessions.begin(c, person)
        return c.redirect('/', 303)
      })
      .get('/sign-in/:provider', async (c) => {
        const provider = providers.get(c.req.param('provider'))
        if (!provider) return show(c, 'unknown')
        try {
          const { to, challenge } = await provider.begin()
          await pending.begin(c, { ...challenge, provider: provider.id, to: returnPath(c.req.query('to')) })
          return c.redirect(to.href, 302)
        } catch (error) {
          if (error instanceof SignInError) {
            log.warn({ err: error, provider: provider.id }, 'a sign-in could not begin')
            return show(c, error.why)
          }
          throw error
        }
      })
      .get('/sign-in/:provider/done', async (c) => {
        const provider = providers.get(c.req.param('provider'))
        if (!provider) return show(c, 'unknown')
        const begun = await pending.take(c, provider.id)
        if (begun === 'none') return show(c, 'stale')
        if (begun === 'over') return refuse(c, 'stale', provider.id)
        const { pathname, search } = new URL(c.req.url)
        try {
          const person = await provider.complete(pathname + search, begun)
          const who = signIn.whoIs(person)
          const about = { who: who.id, name: who.name, provider: provider.id }
          if (who.grants.length === 0) {
            await note({ ...about, what: 'refused', why: 'None of their groups has a role.' })
            const leave = await provider.leave(person.id_token)
            return c.html(noRightsPage(provider.name, who.name, person.groups, leave), 403)
          }
          const as = [...new Set(who.grants.map(({ role }) => role))].join(', ')
          await note({ ...about, what: 'signed_in', why: `As ${as}.` })
          await sessions.begin(c, person)
          return c.redirect(begun.to, 303)
        } catch (error) {
          if (error instanceof SignInError) return refuse(c, error.why, provider.id, error)
          throw error
        }
      })
      // called by the provider itself: what it sends is signed
      .post('/sign-in/:provider/backchannel-logout', bodyLimit({ maxSize: mostBytes }), async (c) => {
        const provider = providers.get(c.req.param('provider'))
        const token = new URLSearchParams(await c.req.text()).get('logout_token')
        if (!provider || token === null) return c.json({ error: 'invalid_request' }, 400)
        const read = await provider.readLogoutToken(token).catch((error: unknown) => {
          log.warn({ err: error, provider: provider.id }, 'a logout token was refused')
          return undefined
        })
        if (!read || (await sessions.ended.heard(read.id))) return c.json({ error: 'invalid_request' }, 400)
        const { id, subject, provider_session } = read
        await sessions.ended.end('logout_token', id)
        // with a session named only that one is meant
        if (provider_session !== undefined)
          await sessions.ended.end('provider_session', `${provider.id}:${provider_session}`)
        else await sessions.ended.end('person', idOf({ provider: provider.id, subject: subject ?? '' }))
        const who = subject === undefined ? '' : idOf({ provider: provider.id, subject })
        await note({
          what: 'session_ended',
          who,
          name: '',
          provider: provider.id,
          why: 'They signed out at the provider.',
        })
        return c.body(null, 200)
      })
      .use('/sign-out', csrf({ origin: (origin) => origin === signIn.address() }))
      .get('/sign-out', async (c) => {
        c.header('Cache-Control', 'no-store')
        const session = await sessions.of(c, false)
        return c.html(session ? askSignOutPage(session.name) : signedOutPage(undefined))
      })
      .post('/sign-out', async (c) => {
        c.header('Cache-Control', 'no-store')
        const session = await sessions.of(c, false)
        const leave = session && (await signOut(c, session))
        const wantsJson = c.req.header('Accept')?.includes('application/json') ?? false
        return wantsJson ? c.json({ to: leave ?? '/sign-out' }) : c.html(signedOutPage(leave))
      })
  )

  async function signOut(c: Context<AppEnv>, session: NonNullable<Awaited<ReturnType<typeof sessions.of>>>) {
    const idToken = await sessions.end(c, session)
    const { provider, name } = session
    await note({ what: 'signed_out', who: idOf(session), name, provider, why: '' })
    return providers.get(provider)?.leave(idToken)
  }
}
