import { createRoute, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { streamNames } from '../../pipelines/streams.ts'
import { UnknownIdError } from '../../sql/errors.ts'
import { mayIngest } from '../../sql/keys.ts'
import { note } from '../audit/note.ts'
import type { AppEnv } from '../context.ts'
import { ProblemError } from '../errors.ts'
import { json, problem, problems } from '../openapi.ts'
import { noQuery, routes } from '../valid.ts'

const source = z.object({
  kind: z.enum(['push', 'folder', 'http', 'mqtt', 'kafka']),
  name: z.string(),
  mapping: z.string().nullable(),
  /** `troubled`: the last file or body did not load; `last_error` says why. */
  state: z.enum(['ready', 'loading', 'troubled']),
  waiting: z.number(),
  waiting_bytes: z.number().nullable(),
  next_at: z.string().nullable(),
  can_run: z.boolean(),
  position: z.string().nullable(),
  last_file: z.string().nullable(),
  last_load_id: z.string().nullable(),
  last_at: z.string().nullable(),
  last_error: z.string().nullable(),
})

const sourcesAnswer = z.object({ sources: z.array(source) }).openapi('Sources')

const list = createRoute({
  method: 'get',
  tags: ['Sources'],
  path: '/',
  summary: 'Where data comes from by itself, and how each source is doing',
  request: { query: noQuery },
  responses: { 200: json(sourcesAnswer, 'The sources'), ...problems },
})

/** A key, or none on the machine itself. */
const eitherWay: Record<string, string[]>[] = [{ bearer: [] }, {}]

const run = createRoute({
  method: 'post',
  tags: ['Sources'],
  path: '/{name}/run',
  summary: 'Let a source look for data now',
  security: eitherWay,
  request: { params: z.object({ name: z.string().min(1).max(2_000) }), query: noQuery },
  responses: {
    202: json(source, 'The source, looking for data'),
    ...problems,
    401: problem('No key, or one that is not known here; none is needed on the machine itself'),
    403: problem('The key may not send rows of every stream'),
    409: problem('The source waits to be sent data and cannot look for it'),
  },
})

/** What a source brings can be about anybody: only those who see all rows see where they come from. */
const seen = (c: Context<AppEnv>) => (c.var.db.sight.touched ? [] : (c.var.intake?.sources() ?? []))

export const sourceRoutes = routes()
  .openapi(list, (c) => c.json({ sources: seen(c) }, 200))
  .openapi(run, async (c) => {
    const { name } = c.req.valid('param')
    const { intake } = c.var
    const { key } = c.var
    if (key) {
      const allowed = streamNames.every((stream) => mayIngest(key, stream))
      if (!allowed)
        throw new ProblemError(403, {
          kind: 'scope',
          detail: `The key "${key.name}" may not run sources: that takes the scope ingest:*.`,
        })
    }
    const found = seen(c).find((each) => each.name === name)
    if (!found) throw new UnknownIdError(`There is no source "${name}". GET /api/v1/sources lists them.`)
    if (!intake?.run(name))
      throw new ProblemError(409, {
        kind: 'not-asked',
        detail: `The source "${name}" takes what it is sent as soon as it comes; there is nothing to run.`,
      })
    await note(c, { deed: 'source_run', object: name })
    return c.json(seen(c).find((each) => each.name === name) ?? found, 202)
  })
