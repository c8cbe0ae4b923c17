import { createRoute } from '@hono/zod-openapi'
import { causesAnswer } from '../answers.ts'
import { figuresResponse } from '../figures.ts'
import { figures, problems } from '../openapi.ts'
import { causesTable } from '../tables.ts'
import { causesQuery, routes } from '../valid.ts'

const causes = createRoute({
  method: 'get',
  tags: ['Figures'],
  path: '/',
  summary: 'Why people wait before the stages of one service: hours by cause, adding up to the wait',
  request: { query: causesQuery },
  responses: { ...figures(causesAnswer, 'The causes of wait of every stage'), ...problems },
})

export const causesRoutes = routes().openapi(causes, (c) => {
  const query = c.req.valid('query')
  return figuresResponse(c, {
    name: 'causes',
    query,
    answer: (data) => data.causesOf(c.var.db, query.service.join(), query.stage, query),
    table: causesTable,
  })
})
