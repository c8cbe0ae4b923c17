import { createRoute } from '@hono/zod-openapi'
import { fairnessAnswer } from '../answers.ts'
import { figuresResponse } from '../figures.ts'
import { figures, problems } from '../openapi.ts'
import { fairnessTable } from '../tables.ts'
import { fairnessQuery, routes } from '../valid.ts'

const read = createRoute({
  method: 'get',
  tags: ['Figures'],
  path: '/',
  summary:
    'Gaps of one KPI between districts, channels and ways of access, as they are and at the same mix of services',
  request: { query: fairnessQuery },
  responses: { ...figures(fairnessAnswer, 'Gaps, the surest first'), ...problems },
})

export const fairnessRoutes = routes().openapi(read, (c) => {
  const query = c.req.valid('query')
  return figuresResponse(c, {
    name: 'fairness',
    query,
    answer: (data) => data.fairness(c.var.db, query.kpi, query.against, query),
    table: fairnessTable,
  })
})
