import { createRoute, z } from '@hono/zod-openapi'
import { bottlenecksAnswer, stageAnswer } from '../answers.ts'
import { figuresResponse } from '../figures.ts'
import { figures, problems } from '../openapi.ts'
import { bottlenecksTable, stageTable } from '../tables.ts'
import { figuresQuery, routes, stageName, stageQuery } from '../valid.ts'

const findings = createRoute({
  method: 'get',
  tags: ['Figures'],
  path: '/bottlenecks',
  summary: 'Where people wait longer than before, ranked by person-hours',
  request: { query: figuresQuery },
  responses: { ...figures(bottlenecksAnswer, 'Findings, and every stage'), ...problems },
})

const oneStage = createRoute({
  method: 'get',
  tags: ['Figures'],
  path: '/stages/{stage}',
  summary: 'One stage of one service: over time, by district, channel and team, and where cases came from',
  request: { params: z.object({ stage: stageName }), query: stageQuery },
  responses: { ...figures(stageAnswer, 'The stage'), ...problems },
})

export const bottleneckRoutes = routes()
  .openapi(findings, (c) => {
    const query = c.req.valid('query')
    return figuresResponse(c, {
      name: 'bottlenecks',
      query,
      answer: (data) => data.bottlenecks(c.var.db, query),
      table: bottlenecksTable,
    })
  })
  .openapi(oneStage, (c) => {
    const { stage } = c.req.valid('param')
    const query = c.req.valid('query')
    return figuresResponse(c, {
      name: 'stages',
      query: { ...query, stage },
      answer: (data) => data.stage(c.var.db, query.service.join(), stage, query),
      table: stageTable,
    })
  })
