import { createRoute, z } from '@hono/zod-openapi'
import { sent } from '../figures.ts'
import { json, problems } from '../openapi.ts'
import { noQuery, routes } from '../valid.ts'

const moment = z.string().openapi({ description: 'ISO 8601 in UTC' })
const day = z.string().openapi({ description: 'A day of the jurisdiction, like 2026-03-31' })

const feedDay = z.object({
  day,
  rows: z.number(),
  /** How many rows chance and habit make of such a day; null where too little is known. */
  expected: z.tuple([z.number(), z.number()]).nullable(),
  /** Share of the day's rows that has arrived, 0 to 1; null where the reporting delay is not known. */
  complete: z.number().nullable(),
  /** `gap`: no rows or far too few. `filling`: more is still to come, or nothing is known of the day yet. */
  state: z.enum(['complete', 'filling', 'gap', 'closed']),
})

const feed = z
  .object({
    source: z.string(),
    stream: z.enum(['case_events', 'wait_times', 'outcomes']),
    services: z.array(z.string()),
    rows: z.number(),
    first_time: moment.nullable(),
    last_time: moment.nullable(),
    /** The last delivery; null when none ever came. */
    loaded_at: moment.nullable(),
    last_load_id: z.string().nullable(),
    /** What it should send: as configured, or learned from what it sent. Null below five deliveries. */
    expected: z
      .object({
        every_hours: z.number(),
        rows_per_day: z.number().nullable(),
        basis: z.enum(['configured', 'learned']),
      })
      .nullable(),
    /** `late` after 1.5 times `every_hours` without a delivery, `silent` after three times; days on which nothing is delivered do not count. */
    state: z.enum(['fresh', 'late', 'silent', 'unknown']),
    due_at: moment.nullable(),
    /** How long after it happened a row arrives; `curve` is the share of a day's rows known so many days after it. */
    delay: z
      .object({
        n: z.number(),
        median_hours: z.number(),
        p90_hours: z.number(),
        curve: z.array(z.object({ days: z.number(), share: z.number() })),
      })
      .nullable(),
    /** The last 28 days, today the last of them. */
    days: z.array(feedDay),
    /** Days or runs of days with no or far too few rows, newest first, at most 50; `days` are the open ones of them. */
    gaps: z.array(z.object({ from: day, until: day, days: z.number(), expected_rows: z.number() })),
    says: z.string(),
  })
  .openapi('Feed')

export const freshnessAnswer = z.object({ as_of: moment, feeds: z.array(feed) }).openapi('Freshness')

const read = createRoute({
  method: 'get',
  tags: ['What is held'],
  path: '/',
  summary: 'How fresh and how complete every source is, and where it has gaps',
  request: { query: noQuery },
  responses: { 200: json(freshnessAnswer, 'Every source by stream'), ...problems },
})

// what is late is a matter of the clock: the store's part is kept until a load ends, the answer for a second
export const freshnessRoutes = routes().openapi(read, async (c) => {
  const make = async (stop: AbortSignal) =>
    JSON.stringify(await (await c.var.data()).freshness(c.var.dbUntil(stop)))
  const compute = (stop: AbortSignal, ahead: boolean) => c.var.inTurn(stop, () => make(stop), ahead)
  const question = { name: `freshness ${c.var.db.sight.name}`, compute, goodFor: 1_000 }
  const { body } = await c.var.cache.answer(await c.var.dataVersion(), question, c.req.raw.signal)
  const headers = { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' }
  return sent<z.output<typeof freshnessAnswer>>(c.body(new Uint8Array(body), 200, headers))
})
