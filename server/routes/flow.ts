import { createRoute } from '@hono/zod-openapi'
import { breachesAnswer, changeAnswer, flowAnswer } from '../answers.ts'
import { figuresResponse } from '../figures.ts'
import { figures, problems } from '../openapi.ts'
import { breachesTable, changeTable, flowTable } from '../tables.ts'
import { changeQuery, figuresQuery, flowQuery, routes } from '../valid.ts'

const flow = createRoute({
  method: 'get',
  tags: ['Figures'],
  path: '/flow',
  summary: 'Arrivals, departures and backlog with its age, of a service and of each of its stages',
  description: 'In JSON the stage with the largest backlog stands first; in CSV stages stand by name.',
  request: { query: flowQuery },
  responses: { ...figures(flowAnswer, 'What came, went and stands there, by bucket'), ...problems },
})

const change = createRoute({
  method: 'get',
  tags: ['Figures'],
  path: '/change',
  summary: 'Why the mean time to an outcome changed: mix of cases against pace, by value',
  request: { query: changeQuery },
  responses: { ...figures(changeAnswer, 'The change and its parts'), ...problems },
})

const breaches = createRoute({
  method: 'get',
  tags: ['Figures'],
  path: '/breaches',
  summary: 'Which stages made cases late, in days over the promise',
  request: { query: figuresQuery },
  responses: { ...figures(breachesAnswer, 'Days over by stage, with and without extensions'), ...problems },
})

export const flowRoutes = routes()
  .openapi(flow, (c) => {
    const query = c.req.valid('query')
    const { grain, stage } = query
    return figuresResponse(c, {
      name: 'flow',
      query,
      answer: (data) => data.flow(c.var.db, grain, stage, query),
      async *parts(data, stop) {
        for await (const some of data.streamFlow(c.var.db, grain, stage, query, stop)) yield flowTable(some)
      },
    })
  })
  .openapi(change, (c) => {
    const query = c.req.valid('query')
    return figuresResponse(c, {
      name: 'change',
      query,
      answer: (data) => data.change(c.var.db, query.dimension, query),
      table: changeTable,
    })
  })
  .openapi(breaches, (c) => {
    const query = c.req.valid('query')
    return figuresResponse(c, {
      name: 'breaches',
      query,
      answer: (data) => data.breaches(c.var.db, query),
      table: breachesTable,
    })
  })
