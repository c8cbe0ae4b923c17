import { Readable } from 'node:stream'
import { createRoute } from '@hono/zod-openapi'
import { stream } from 'hono/streaming'
import { variantsAnswer } from '../answers.ts'
import { csvLines } from '../csv.ts'
import { figuresResponse, prefersCsv } from '../figures.ts'
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
  responses: { 200: figures(variantsAnswer, 'The ways cases took'), ...problems },
})

export const variantRoutes = routes().openapi(variants, async (c) => {
  const { limit, format, ...query } = c.req.valid('query')
  const { db } = c.var
  const isCsv = format === 'csv' || (format === undefined && prefersCsv(c.req.header('Accept')))
  if (!isCsv)
    return figuresResponse(c, {
      name: 'variants',
      query: { ...query, limit },
      answer: (data) => data.variants(db, query, { limit }),
    })
  // refuses what is wrong before the first byte is sent
  const batches = (await c.var.data()).streamVariants(db, query)
  const first = await batches.next()
  async function* bytes(): AsyncGenerator<Uint8Array> {
    const encoder = new TextEncoder()
    yield encoder.encode(csvLines([variantsTable([]).columns]))
    if (!first.done) yield encoder.encode(csvLines(variantsTable(first.value).rows))
    for await (const batch of batches) yield encoder.encode(csvLines(variantsTable(batch).rows))
  }
  c.header('Content-Type', 'text/csv; charset=utf-8; header=present')
  c.header('Content-Disposition', 'attachment; filename="clearway-variants.csv"')
  c.header('Cache-Control', 'no-store')
  return stream(c, (out) => out.pipe(Readable.toWeb(Readable.from(bytes())) as ReadableStream))
})
