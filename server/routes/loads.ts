import { createRoute, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { streamSSE } from 'hono/streaming'
import { rejectedCsv, rejectedLines } from '../../pipelines/rejectedRows.ts'
import type { Ticket } from '../../pipelines/sources/spool.ts'
import { UnknownIdError } from '../../sql/errors.ts'
import { mayIngest } from '../../sql/keys.ts'
import { load, loadsAnswer, rejectedAnswer } from '../answers.ts'
import { note } from '../audit/note.ts'
import type { AppEnv } from '../context.ts'
import { ProblemError } from '../errors.ts'
import { json, problem, problems } from '../openapi.ts'
import { streamed } from '../streamed.ts'
import { loadId, loadsQuery, noQuery, rejectedQuery, routes } from '../valid.ts'

const params = z.object({ id: loadId })

/** A load is in the ledger from its beginning; before that it may wait for its turn. */
const loadNow = load.extend({ state: z.enum([...load.shape.state.options, 'waiting']) }).openapi('LoadNow')

const list = createRoute({
  method: 'get',
  tags: ['Loads'],
  path: '/',
  summary: 'The ledger: every load, the newest first, with the totals of all of it',
  request: { query: loadsQuery },
  responses: { 200: json(loadsAnswer, 'The loads'), ...problems },
})

const events = createRoute({
  method: 'get',
  tags: ['Loads'],
  path: '/events',
  summary: 'Server-sent events: how far the loads of this server are',
  request: { query: noQuery },
  responses: {
    200: {
      description: 'An event `load` for every step of a load',
      content: { 'text/event-stream': { schema: z.string() } },
    },
    ...problems,
  },
})

const one = createRoute({
  method: 'get',
  tags: ['Loads'],
  path: '/{id}',
  summary: 'One load',
  request: { params, query: noQuery },
  responses: { 200: json(loadNow, 'The load'), ...problems },
})

/** A key, or none on the machine itself. */
const eitherWay: Record<string, string[]>[] = [{ bearer: [] }, {}]

const cancel = createRoute({
  method: 'post',
  tags: ['Loads'],
  path: '/{id}/cancel',
  summary: 'Stop a load of this server and undo all of it',
  security: eitherWay,
  request: { params, query: noQuery },
  responses: {
    200: json(loadNow, 'The load, cancelled'),
    ...problems,
    401: problem('No key, or one that is not known here; none is needed on the machine itself'),
    403: problem('The key may not send rows of this stream'),
    409: problem('The load has ended, or runs in another process'),
  },
})

const rejected = createRoute({
  method: 'get',
  tags: ['Loads'],
  path: '/{id}/rejected',
  summary: 'The rows of a load that did not fit, with line, field and rule',
  description:
    'With format=csv or format=ndjson all rejected rows as they came, to be mended and loaded again. The CSV has the header of the source; values are not changed, so do not open it in a spreadsheet that runs formulas.',
  request: { params, query: rejectedQuery },
  responses: {
    200: {
      description: 'The rejected rows',
      content: {
        'application/json': { schema: rejectedAnswer },
        'text/csv': { schema: z.string() },
        'application/x-ndjson': { schema: z.string() },
      },
    },
    ...problems,
  },
})

/** A body that waits, as a load. */
const waiting = ({ load_id, stream, source, mapping, service, format, bytes, received_at }: Ticket) => ({
  ...{ load_id, load_no: 0, stream, source, mapping: mapping.name, service: service ?? '' },
  ...{ file_name: `${load_id}.${format}`, bytes, state: 'waiting' as const },
  ...{ read: 0, accepted: 0, rejected: 0, duplicates: 0, corrected: 0, first_time: null, last_time: null },
  ...{ error: '', started_at: new Date(received_at).toISOString(), finished_at: null, seconds: null },
})

/** A body that waits can be about anybody: it is told to those who see all rows. */
const waitingFor = (c: Context<AppEnv>, id: string): Ticket | undefined =>
  c.var.db.sight.parts === null ? c.var.intake?.push.waiting(id) : undefined

/** Milliseconds between signs of life, so that proxies keep the connection. */
const signOfLife = 15_000
/** Milliseconds after which who listens has to ask again, as browsers do by themselves: they may see less by then. */
const longestListening = 300_000

/** The ledger is always read fresh: a running load moves from second to second. */
export const loadRoutes = routes()
  .openapi(list, async (c) => {
    const data = await c.var.data()
    return c.json(await data.listLoads(c.var.db, { before: 0, ...c.req.valid('query') }), 200)
  })
  .openapi(events, (c) => {
    c.header('Cache-Control', 'no-store')
    c.header('X-Accel-Buffering', 'no')
    return streamSSE(c, async (sse) => {
      // what is being loaded can be about anybody
      const running = c.var.db.sight.touched ? undefined : c.var.intake?.running
      const send = (each: { load_id: string }) =>
        void sse.writeSSE({ event: 'load', id: each.load_id, data: JSON.stringify(each) })
      const leave = running?.subscribe(send)
      const alive = setInterval(() => void sse.write(': alive\n\n'), signOfLife)
      alive.unref()
      await sse.write(': open\n\n')
      for (const each of running?.list() ?? []) send(each)
      await new Promise<void>((resolve) => {
        const end = () => {
          clearTimeout(late)
          c.var.stopping.removeEventListener('abort', end)
          resolve()
        }
        const late = setTimeout(end, longestListening)
        late.unref()
        sse.onAbort(end)
        c.var.stopping.addEventListener('abort', end, { once: true })
      })
      clearInterval(alive)
      leave?.()
    })
  })
  .openapi(one, async (c) => {
    const { id } = c.req.valid('param')
    const ticket = waitingFor(c, id)
    if (ticket && !c.var.intake?.push.isLoading(id)) return c.json(waiting(ticket), 200)
    const data = await c.var.data()
    const known = await data.readLoad(c.var.db, id).catch((error: unknown) => {
      if (ticket && error instanceof UnknownIdError) return null
      throw error
    })
    // its turn has come, but the ledger tells only of an earlier try, or nothing
    if (ticket && (known === null || known.finished_at !== null)) return c.json(waiting(ticket), 200)
    if (known === null) throw new UnknownIdError(`There is no load "${id}".`)
    return c.json(known, 200)
  })
  .openapi(cancel, async (c) => {
    const { id } = c.req.valid('param')
    const { intake, db, key } = c.var
    const data = await c.var.data()
    // whoever does not see the load learns nothing of it, and stops nothing
    const { stream } = waitingFor(c, id) ?? (await data.readLoad(db, id))
    if (key && !mayIngest(key, stream))
      throw new ProblemError(403, {
        kind: 'scope',
        detail: `The key "${key.name}" may not stop loads of ${stream}; it may ${key.scopes.join(', ') || 'do nothing'}.`,
      })
    const stopped = (await intake?.cancel(id)) ?? false
    const now = await data.readLoad(db, id)
    if (stopped && now.state === 'cancelled') {
      await note(c, { deed: 'load_cancel', object: id, detail: { stream: now.stream, source: now.source } })
      return c.json(now, 200)
    }
    const where = ['done', 'failed', 'cancelled'].includes(now.state)
      ? `has ended: it is ${now.state}`
      : 'runs in another process; stop it there'
    throw new ProblemError(409, { kind: 'not-running', detail: `The load ${id} ${where}.` })
  })
  .openapi(rejected, async (c) => {
    const { id } = c.req.valid('param')
    const { format = 'json', limit } = c.req.valid('query')
    const data = await c.var.data()
    if (format === 'json') {
      const answer = await data.readRejected(c.var.db, id, { limit })
      await note(c, { deed: 'rejected_view', object: id, detail: { rows: answer.rows.length } })
      return c.json(answer, 200)
    }
    await data.readLoad(c.var.db, id)
    await note(c, { deed: 'rejected_export', object: id, detail: { format } })
    const isCsv = format === 'csv'
    const headers = {
      'Content-Type': isCsv ? 'text/csv; charset=utf-8; header=present' : 'application/x-ndjson',
      'Content-Disposition': `attachment; filename="rejected-${id}.${format}"`,
    }
    return streamed(c, headers, () => (isCsv ? rejectedCsv(c.var.db, id) : rejectedLines(c.var.db, id)))
  })
