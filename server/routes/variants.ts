import { createRoute } from '@hono/zod-openapi'
import { variantsAnswer } from '../answers.ts'
import { figuresResponse } from '../figures.ts'
import { figures, problems } from '../openapi.ts'
import { variantsTable } from '../tables.ts'
import { closed, figuresQuery, limitQuery, routes } from '../valid.ts'

const variants = createRoute({
  method: 'get',
  tags: ['Figures'],
  path: '/',
  summary: 'The ways cases took, the most frequent first, with their share of cases and of time',
  description: 'As CSV all of them, whatever the limit.',
  request: { query: closed(figuresQuery.safeExtend(limitQuery.shape)) },
  responses: { ...figures(variantsAnswer, 'The ways cases took'), ...problems },
})

export const variantRoutes = routes().openapi(variants, (c) => {
  const { limit, ...query } = c.req.valid('query')
  const { db } = c.var
  return figuresResponse(c, {
    name: 'variants',
    query: { ...query, limit },
    answer: (data) => data.variants(db, query, { limit }),
    async *parts(data, stop) {
      for await (const ways of data.streamVariants(db, query, stop)) yield variantsTable(ways)
    },
  })
})
