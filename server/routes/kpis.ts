import { createRoute, z } from '@hono/zod-openapi'
import { cityFigures, OverlapError } from '../../sql/insideComparison.ts'
import { everything } from '../../sql/rowScope.ts'
import { within } from '../../sql/within.ts'
import { byAnswer, cityAnswer, kpisAnswer, seriesAnswer } from '../answers.ts'
import { ProblemError } from '../errors.ts'
import { figuresResponse } from '../figures.ts'
import { figures, json, problems } from '../openapi.ts'
import { byTable, kpisTable, seriesTable } from '../tables.ts'
import { cityQuery, dimension, figuresQuery, kpiId, routes, seriesQuery } from '../valid.ts'

const all = createRoute({
  method: 'get',
  tags: ['Figures'],
  path: '/',
  summary: 'Every KPI for the filters, with comparison',
  request: { query: figuresQuery },
  responses: { ...figures(kpisAnswer, 'Every KPI'), ...problems },
})

const city = createRoute({
  method: 'get',
  tags: ['Figures'],
  path: '/city',
  summary:
    'Every KPI of all departments, also for those who see only theirs; what would tell of a few others is hidden',
  request: { query: cityQuery },
  responses: { 200: json(cityAnswer, 'Every KPI of the whole city'), ...problems },
})

const series = createRoute({
  method: 'get',
  tags: ['Figures'],
  path: '/{id}/series',
  summary: 'One KPI over time',
  request: { params: z.object({ id: kpiId }), query: seriesQuery },
  responses: { ...figures(seriesAnswer, 'The points with their limits and signals'), ...problems },
})

const by = createRoute({
  method: 'get',
  tags: ['Figures'],
  path: '/{id}/by/{dimension}',
  summary: 'One KPI by service, district, channel, team and so on',
  request: { params: z.object({ id: kpiId, dimension }), query: figuresQuery },
  responses: { ...figures(byAnswer, 'One row a segment'), ...problems },
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
  .openapi(city, async (c) => {
    const { db: own, store, insideThreshold: threshold } = c.var
    const filters = c.req.valid('query')
    const compare = async () => {
      const whole = await within(store, everything)
      return cityFigures({ whole, own, who: own.sight.name, filters, threshold })
    }
    try {
      // each question counts against the budget of those who see the same, so none is answered from what is kept
      return c.json(await c.var.inTurn(c.req.raw.signal, compare), 200, { 'Cache-Control': 'no-store' })
    } catch (error) {
      if (!(error instanceof OverlapError)) throw error
      throw new ProblemError(422, {
        kind: 'overlap',
        title: 'This would tell of a few',
        detail: error.message,
      })
    }
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
