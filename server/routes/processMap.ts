import { createRoute } from '@hono/zod-openapi'
import { processMapAnswer } from '../answers.ts'
import { figuresResponse } from '../figures.ts'
import { figures, problems } from '../openapi.ts'
import { processMapTable } from '../tables.ts'
import { figuresQuery, routes } from '../valid.ts'

const map = createRoute({
  method: 'get',
  tags: ['Figures'],
  path: '/',
  summary: 'Which activity follows which, how often and after how long',
  request: { query: figuresQuery },
  responses: { ...figures(processMapAnswer, 'Activities and the ways between them'), ...problems },
})

export const processMapRoutes = routes().openapi(map, (c) => {
  const query = c.req.valid('query')
  return figuresResponse(c, {
    name: 'process-map',
    query,
    answer: (data) => data.processMap(c.var.db, query),
    async *parts(data, stop) {
      for await (const edges of data.streamEdges(c.var.db, query, stop)) yield processMapTable(edges)
    },
  })
})
