import { createRoute } from '@hono/zod-openapi'
import { reworkAnswer } from '../answers.ts'
import { figuresResponse } from '../figures.ts'
import { figures, problems } from '../openapi.ts'
import { reworkTable } from '../tables.ts'
import { figuresQuery, routes } from '../valid.ts'

const rework = createRoute({
  method: 'get',
  tags: ['Figures'],
  path: '/',
  summary:
    'What is done again, and the days it costs: activities visited again, cases sent to and fro between teams',
  request: { query: figuresQuery },
  responses: { ...figures(reworkAnswer, 'Loops and ping-pong'), ...problems },
})

export const reworkRoutes = routes().openapi(rework, (c) => {
  const query = c.req.valid('query')
  return figuresResponse(c, {
    name: 'rework',
    query,
    answer: (data) => data.rework(c.var.db, query),
    async *parts(data, stop) {
      for await (const some of data.streamRework(c.var.db, query, stop)) yield reworkTable(some)
    },
  })
})
