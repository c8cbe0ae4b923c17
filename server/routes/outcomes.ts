import { createRoute } from '@hono/zod-openapi'
import { outcomesAnswer } from '../answers.ts'
import { figuresResponse } from '../figures.ts'
import { figures, problems } from '../openapi.ts'
import { outcomesTable } from '../tables.ts'
import { figuresQuery, routes } from '../valid.ts'

const read = createRoute({
  method: 'get',
  tags: ['Figures'],
  path: '/',
  summary:
    'How cases ended: classes of outcomes with their codes, reopened, contacts, cost of a completed case',
  request: { query: figuresQuery },
  responses: { ...figures(outcomesAnswer, 'How it ended'), ...problems },
})

export const outcomeRoutes = routes().openapi(read, (c) => {
  const query = c.req.valid('query')
  return figuresResponse(c, {
    name: 'outcomes',
    query,
    answer: (data) => data.outcomes(c.var.db, query),
    table: outcomesTable,
  })
})
