import { createRoute } from '@hono/zod-openapi'
import { meta } from '../answers.ts'
import { figuresResponse } from '../figures.ts'
import { json, problems, unchanged } from '../openapi.ts'
import { noQuery, routes } from '../valid.ts'

const readMeta = createRoute({
  method: 'get',
  tags: ['What is held'],
  path: '/',
  summary: 'What is held: services, departments, districts, channels, period, freshness, the KPI catalogue',
  request: { query: noQuery },
  responses: { 200: json(meta, 'What is held'), 304: unchanged, ...problems },
})

export const metaRoutes = routes().openapi(readMeta, (c) =>
  figuresResponse(c, { name: 'meta', query: {}, answer: (data) => data.readMeta(c.var.db) }),
)
