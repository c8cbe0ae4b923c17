import { createRoute } from '@hono/zod-openapi'
import { type Context, Hono } from 'hono'
import { isLocal } from '../bearer.ts'
import type { AppEnv } from '../context.ts'
import { ProblemError } from '../errors.ts'
import { json, problem } from '../openapi.ts'
import plainCss from '../plain.css?raw'
import { noQuery, routes } from '../valid.ts'
import type { Known } from './known.ts'
import { statusPage } from './page.ts'
import { type Status, statusAnswer, statusNow } from './standard.ts'
import statusCss from './status.css?raw'
import type { Watch } from './watch.ts'

/** What the status is told from: nothing of it needs the store to answer. */
export type StatusDesk = {
  watch: Watch
  /** Asks the store whether it is there; returns within seconds also when it is not. */
  look: () => Promise<void>
  known: () => Known | undefined
  /** Told when an answer met what looks like damage. */
  suspect: () => void
  dataDir: string
  place: { name: string; zone: string }
  /** Whether everybody may see it; else only whoever asks on the machine itself, which needs no store to be told. */
  public: boolean
}

const read = createRoute({
  method: 'get',
  tags: ['Running it'],
  path: '/',
  summary: 'Our own service standard: answers, store, data, reports, backup, of the last 24 hours',
  request: { query: noQuery },
  responses: {
    200: json(statusAnswer, 'How this service is doing, also while the store does not answer'),
    404: problem('Not for you'),
  },
})

const noStore = { 'Cache-Control': 'no-store' }

/** How it is now, for who may see it. */
async function now(c: Context<AppEnv>): Promise<{ status: Status; desk: StatusDesk }> {
  const desk = c.var.status
  if (!desk || !(desk.public || isLocal(c)))
    throw new ProblemError(404, { kind: 'not-found', detail: 'There is no status here.' })
  await desk.look()
  const { watch, dataDir } = desk
  return { desk, status: await statusNow({ watch, known: desk.known(), dataDir }) }
}

export const statusRoutes = routes().openapi(read, async (c) => c.json((await now(c)).status, 200, noStore))

/** The same as a page that works without script, and its style. */
export const statusPages = () =>
  new Hono<AppEnv>()
    .get('/status', async (c) => {
      const { status, desk } = await now(c)
      return c.html(statusPage(status, desk.place), 200, noStore)
    })
    .get('/status.css', (c) =>
      c.body(`${plainCss}${statusCss}`, 200, {
        'Content-Type': 'text/css; charset=utf-8',
        'Cache-Control': 'public, max-age=300',
      }),
    )
