import { createRoute } from '@hono/zod-openapi'
import { themesAnswer } from '../answers.ts'
import { figuresResponse } from '../figures.ts'
import { figures, problems } from '../openapi.ts'
import { themesTable } from '../tables.ts'
import { figuresQuery, routes } from '../valid.ts'

const read = createRoute({
  method: 'get',
  tags: ['Figures'],
  path: '/',
  summary: 'What comments are about, with the share satisfied of each theme; no words of them',
  description:
    'Themes are found by lists of words, in texts without names, addresses and numbers. A comment may be about several. Fewer than ten are not told.',
  request: { query: figuresQuery },
  responses: { ...figures(themesAnswer, 'Themes'), ...problems },
})

export const themeRoutes = routes().openapi(read, (c) => {
  const query = c.req.valid('query')
  return figuresResponse(c, {
    name: 'themes',
    query,
    answer: (data) => data.themesOf(c.var.db, query),
    table: themesTable,
  })
})
