import { createRoute, z } from '@hono/zod-openapi'
import { load, loadsAnswer, rejectedAnswer } from '../answers.ts'
import { json, problems } from '../openapi.ts'
import { limitQuery, loadId, noQuery, routes } from '../valid.ts'

const params = z.object({ id: loadId })

const list = createRoute({
  method: 'get',
  tags: ['Loads'],
  path: '/',
  summary: 'The ledger: every load, the newest first',
  request: { query: limitQuery },
  responses: { 200: json(loadsAnswer, 'The loads'), ...problems },
})

const one = createRoute({
  method: 'get',
  tags: ['Loads'],
  path: '/{id}',
  summary: 'One load',
  request: { params, query: noQuery },
  responses: { 200: json(load, 'The load'), ...problems },
})

const rejected = createRoute({
  method: 'get',
  tags: ['Loads'],
  path: '/{id}/rejected',
  summary: 'The rows of a load that did not fit, with line, field and rule',
  request: { params, query: limitQuery },
  responses: { 200: json(rejectedAnswer, 'The rejected rows'), ...problems },
})

/** The ledger is always read fresh: a running load moves from second to second. */
export const loadRoutes = routes()
  .openapi(list, async (c) => {
    const data = await c.var.data()
    return c.json(await data.listLoads(c.var.db, c.req.valid('query')), 200)
  })
  .openapi(one, async (c) => {
    const data = await c.var.data()
    return c.json(await data.readLoad(c.var.db, c.req.valid('param').id), 200)
  })
  .openapi(rejected, async (c) => {
    const data = await c.var.data()
    return c.json(await data.readRejected(c.var.db, c.req.valid('param').id, c.req.valid('query')), 200)
  })
