import { createRoute, z } from '@hono/zod-openapi'
import { byAnswer, kpisAnswer, seriesAnswer } from '../answers.ts'
import { figuresResponse } from '../figures.ts'
import { figures, problems } from '../openapi.ts'
import { byTable, kpisTable, seriesTable } from '../tables.ts'
import { dimension, figuresQuery, kpiId, routes, seriesQuery } from '../valid.ts'

const all = createRoute({
  method: 'get',
  tags: ['Figures'],
  path: '/',
  summary: 'Every KPI for the filters, with comparison',
  request: { query: figuresQuery },
  responses: { 200: figures(kpisAnswer, 'Every KPI'), ...problems },
})

const series = createRoute({
  method: 'get',
  tags: ['Figures'],
  path: '/{id}/series',
  summary: 'One KPI over time',
  request: { params: z.object({ id: kpiId }), query: seriesQuery },
  responses: { 200: figures(seriesAnswer, 'The points with their limits and signals'), ...problems },
})

const by = createRoute({
  method: 'get',
  tags: ['Figures'],
  path: '/{id}/by/{dimension}',
  summary: 'One KPI by service, district, channel, team and so on',
  request: { params: z.object({ id: kpiId, dimension }), query: figuresQuery },
  responses: { 200: figures(byAnswer, 'One row a segment'), ...problems },
})

export const kpiRoutes = routes()
  .openapi(all, (c) => {
    const query = c.req.valid('query')
    return figuresResponse(c, {
      name: 'kpis',
      query,
      answer: (data) => data.kpiAnswer(c.var.db, query),
      table: kpisTable,
    })
  })
  .openapi(series, (c) => {
    const { id } = c.req.valid('param')
    const query = c.req.valid('query')
    return figuresResponse(c, {
      name: `kpis-${id}-series`,
      query,
      answer: (data) => data.kpiSeries(c.var.db, id, query.grain, query),
      table: seriesTable,
    })
  })
  .openapi(by, (c) => {
    const { id, dimension } = c.req.valid('param')
    const query = c.req.valid('query')
    return figuresResponse(c, {
      name: `kpis-${id}-by-${dimension}`,
      query,
      answer: (data) => data.kpiBy(c.var.db, id, dimension, query),
      table: byTable,
    })
  })
