import { createMiddleware } from 'hono/factory'
import type { AppEnv } from '../context.ts'
import { ProblemError } from '../errors.ts'

const changesNothing = ['GET', 'HEAD', 'OPTIONS']

/**
 * Refuses what a foreign page makes a browser send: browsers add the session of whoever sits there, a page of another site may not use it.
 * Browsers tell where a request comes from (Sec-Fetch-Site, older ones Origin); what tells neither is a program, which nobody can lead astray.
 * A key is sent by no browser on its own. The feedback form knows no session: its link alone says what it is about.
 */
export const fromOwnPages = createMiddleware<AppEnv>(async (c, next) => {
  const { method, path } = c.req
  const isHarmless =
    changesNothing.includes(method) ||
    path.startsWith('/feedback/') ||
    /^Bearer /i.test(c.req.header('Authorization') ?? '')
  if (!isHarmless && isForeign(c.req.header('Sec-Fetch-Site'), c.req.header('Origin'), c.req.header('Host')))
    throw new ProblemError(403, {
      kind: 'foreign-page',
      detail:
        'This was sent by a page of another site, which may change nothing here. Do it on the pages of Clearway, or send a key.',
    })
  await next()
})

/** As browsers' makers and the Go library (net/http CrossOriginProtection) do it. */
function isForeign(site: string | undefined, origin: string | undefined, host: string | undefined): boolean {
  if (site !== undefined) return site !== 'same-origin' && site !== 'none'
  if (origin === undefined) return false
  return !URL.canParse(origin) || new URL(origin).host !== host
}
