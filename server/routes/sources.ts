import { createRoute, z } from '@hono/zod-openapi'
import { json, problems } from '../openapi.ts'
import { noQuery, routes } from '../valid.ts'

const sourcesAnswer = z
  .object({
    sources: z.array(
      z.object({
        kind: z.enum(['push', 'folder']),
        name: z.string(),
        mapping: z.string().nullable(),
        /** `troubled`: the last file or body did not load; `last_error` says why. */
        state: z.enum(['ready', 'loading', 'troubled']),
        waiting: z.number(),
        waiting_bytes: z.number().nullable(),
        last_file: z.string().nullable(),
        last_load_id: z.string().nullable(),
        last_at: z.string().nullable(),
        last_error: z.string().nullable(),
      }),
    ),
  })
  .openapi('Sources')

const list = createRoute({
  method: 'get',
  tags: ['Sources'],
  path: '/',
  summary: 'Where data comes from by itself, and how each source is doing',
  request: { query: noQuery },
  responses: { 200: json(sourcesAnswer, 'The sources'), ...problems },
})

export const sourceRoutes = routes().openapi(list, (c) =>
  c.json({ sources: c.var.intake?.sources() ?? [] }, 200),
)
