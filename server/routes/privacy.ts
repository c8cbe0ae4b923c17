import { createRoute, z } from '@hono/zod-openapi'
import { type ColumnClass, classes } from '../../sql/columnClasses.ts'
import { listErasures } from '../../sql/privacy/tombstones.ts'
import { configOrNone } from '../open.ts'
import { json, problems } from '../openapi.ts'
import { mustSay } from '../privacy/purpose.ts'
import { recordOf } from '../privacy/record.ts'
import { noQuery, routes } from '../valid.ts'

const record = z
  .object({
    controller: z.object({ name: z.string(), contact: z.string() }),
    purposes: z.array(z.object({ what: z.string(), why: z.string() })),
    people: z.array(z.string()),
    data: z.array(
      z.object({
        class: z.enum(Object.keys(classes) as [ColumnClass, ...ColumnClass[]]),
        means: z.string(),
        travels: z.string(),
        tables: z.record(z.string(), z.array(z.string())),
      }),
    ),
    recipients: z.array(z.object({ who: z.string(), what: z.string() })),
    /** Null: as long as nobody erases it. */
    retention: z.array(z.object({ what: z.string(), days: z.number().nullable(), how: z.string() })),
    measures: z.array(z.string()),
    erasures: z.array(
      z.object({
        erasure: z.string(),
        at: z.string(),
        done_at: z.string().nullable(),
        by: z.string(),
        cases: z.number(),
      }),
    ),
  })
  .openapi('ProcessingRecord')

const read = createRoute({
  method: 'get',
  tags: ['Privacy'],
  path: '/record',
  summary:
    'The record of processing: what is kept of people, what for, how long, who gets it, who was erased',
  request: { query: noQuery },
  responses: { 200: json(record, 'The record'), ...problems },
})

const purposes = createRoute({
  method: 'get',
  tags: ['Privacy'],
  path: '/purposes',
  summary: 'What single cases may be opened for, and whether you have to say so',
  request: { query: noQuery },
  responses: {
    200: json(
      z.object({ purposes: z.array(z.string()), must_say: z.boolean() }).openapi('Purposes'),
      'The purposes',
    ),
    ...problems,
  },
})

export const privacyRoutes = routes()
  .openapi(read, async (c) => {
    const { store } = c.var
    c.header('Cache-Control', 'no-store')
    return c.json(recordOf(configOrNone(store.dataDir), await listErasures(store)), 200)
  })
  .openapi(purposes, (c) => {
    const { privacy } = configOrNone(c.var.store.dataDir)
    c.header('Cache-Control', 'no-store')
    return c.json({ purposes: privacy.purposes, must_say: mustSay(privacy, c.var.who) }, 200)
  })
