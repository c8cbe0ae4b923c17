import { createRoute } from '@hono/zod-openapi'
import { satisfactionAnswer } from '../answers.ts'
import { figuresResponse } from '../figures.ts'
import { figures, problems } from '../openapi.ts'
import { satisfactionTable } from '../tables.ts'
import { figuresQuery, routes } from '../valid.ts'

const read = createRoute({
  method: 'get',
  tags: ['Figures'],
  path: '/',
  summary: 'What residents said: ratings, response, by wait and by outcome',
  request: { query: figuresQuery },
  responses: { ...figures(satisfactionAnswer, 'Satisfaction'), ...problems },
})

export const satisfactionRoutes = routes().openapi(read, (c) => {
  const query = c.req.valid('query')
  return figuresResponse(c, {
    name: 'satisfaction',
    query,
    answer: (data) => data.satisfaction(c.var.db, query),
    table: satisfactionTable,
  })
})
