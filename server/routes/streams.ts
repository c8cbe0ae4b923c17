import { createRoute, z } from '@hono/zod-openapi'
import { csvMetadata, dataPackage, dictionary } from '../../pipelines/dictionary.ts'
import { streamNames, streams } from '../../pipelines/streams.ts'
import { template } from '../../pipelines/template.ts'
import { json, problems } from '../openapi.ts'
import { noQuery, routes } from '../valid.ts'

export const streamName = z.enum(streamNames, { error: `must be one of ${streamNames.join(', ')}` })
const params = z.object({ stream: streamName })

const streamsAnswer = z
  .object({
    streams: z.array(
      z.object({
        name: streamName,
        meaning: z.string(),
        template: z.string(),
        dictionary: z.string(),
        data_package: z.string(),
        csv_metadata: z.string(),
      }),
    ),
  })
  .openapi('Streams')

const dictionaryAnswer = z
  .object({
    stream: streamName,
    meaning: z.string(),
    key: z.array(z.string()),
    time: z.string(),
    fields: z.array(
      z.object({
        name: z.string(),
        type: z.enum(['text', 'time', 'integer', 'seconds', 'code', 'flag']),
        required: z.boolean(),
        max_length: z.number().nullable(),
        min: z.number().nullable(),
        max: z.number().nullable(),
        values: z.array(z.string()).nullable(),
        class: z.enum(['public', 'quasi-identifier', 'personal', 'free text']),
        meaning: z.string(),
        example: z.string(),
      }),
    ),
  })
  .openapi('Dictionary')

const list = createRoute({
  method: 'get',
  tags: ['Streams'],
  path: '/',
  summary: 'What can be loaded: the input streams and where each is described',
  request: { query: noQuery },
  responses: { 200: json(streamsAnswer, 'The streams'), ...problems },
})

const about = (path: string, summary: string) => ({
  method: 'get' as const,
  tags: ['Streams'],
  path: `/{stream}/${path}`,
  summary,
  request: { params, query: noQuery },
})

const templateRoute = createRoute({
  ...about('template.csv', 'A CSV file to fill in, with one example row'),
  responses: {
    200: { description: 'Header and example', content: { 'text/csv': { schema: z.string() } } },
    ...problems,
  },
})

const dictionaryRoute = createRoute({
  ...about('dictionary.json', 'Every field: type, limits, allowed values, class, meaning'),
  responses: { 200: json(dictionaryAnswer, 'The fields'), ...problems },
})

const packageRoute = createRoute({
  ...about('datapackage.json', 'The stream as a Frictionless data package'),
  responses: { 200: json(z.looseObject({ resources: z.array(z.unknown()) }), 'Data package'), ...problems },
})

const csvwRoute = createRoute({
  ...about('csv-metadata.json', 'The stream as CSV on the Web metadata'),
  responses: { 200: json(z.looseObject({ url: z.string() }), 'CSVW metadata'), ...problems },
})

/** What the declaration of the streams gives to those who send data. */
export const streamRoutes = routes()
  .openapi(list, (c) =>
    c.json(
      {
        streams: streamNames.map((name) => ({
          name,
          meaning: streams[name].meaning,
          template: `/api/v1/streams/${name}/template.csv`,
          dictionary: `/api/v1/streams/${name}/dictionary.json`,
          data_package: `/api/v1/streams/${name}/datapackage.json`,
          csv_metadata: `/api/v1/streams/${name}/csv-metadata.json`,
        })),
      },
      200,
    ),
  )
  .openapi(templateRoute, (c) => {
    const { stream } = c.req.valid('param')
    return c.body(template(stream), 200, {
      'Content-Type': 'text/csv; charset=utf-8',
      'Content-Disposition': `attachment; filename="${stream}.csv"`,
    })
  })
  .openapi(dictionaryRoute, (c) => c.json(dictionary(c.req.valid('param').stream), 200))
  .openapi(packageRoute, (c) => c.json(dataPackage(c.req.valid('param').stream), 200))
  .openapi(csvwRoute, (c) => c.json(csvMetadata(c.req.valid('param').stream), 200))
