import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { createRoute, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { LoadError } from '../../pipelines/loadError.ts'
import { shippedMappings } from '../../pipelines/mapping.ts'
import { rowSchema } from '../../pipelines/rowSchema.ts'
import type { PushRequest, PushSource } from '../../pipelines/sources/push.ts'
import { type BodyFormat, SpoolFullError, TooLargeError } from '../../pipelines/sources/spool.ts'
import { streamNames } from '../../pipelines/streams.ts'
import { template } from '../../pipelines/template.ts'
import { type ApiKey, claimRequestKey, mayIngest } from '../../sql/keys.ts'
import type { AppEnv } from '../context.ts'
import { ProblemError } from '../errors.ts'
import { json, problem, problems } from '../openapi.ts'
import { closed, routes } from '../valid.ts'
import { streamName } from './streams.ts'

const params = z.object({ stream: streamName })
const mappings = [...shippedMappings.keys()]
const query = closed(
  z.object({
    mapping: z
      .enum(mappings, { error: `must be one of ${mappings.join(', ')}` })
      .default('clearway')
      .openapi({ description: 'How columns become fields.' }),
    source: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .openapi({ description: 'The system of rows that name none; the name of the key when not given.' }),
    service: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .openapi({ description: 'The service of rows that name none.' }),
  }),
)

const acceptedAnswer = z
  .object({
    load_id: z.string(),
    /** Tells how the load is doing: `waiting`, then running, then `done` or `failed` with the reason. */
    status_url: z.string(),
    bytes: z.number(),
    state: z.literal('waiting'),
  })
  .openapi('Accepted')

const rejection = { field: z.string(), rule: z.string(), reason: z.string() }
const previewAnswer = z
  .object({
    stream: streamName,
    source: z.string(),
    read: z.number(),
    accepted: z.number(),
    rejected: z.number(),
    duplicates: z.number(),
    corrected: z.number(),
    /** These very bytes are loaded: sending them again would change nothing. */
    already_loaded: z.boolean(),
    rejected_by_rule: z.array(z.object({ ...rejection, rows: z.number(), first_line: z.number() })),
    rejected_rows: z.array(z.object({ line: z.number(), ...rejection, raw: z.string() })),
    first_rows: z.array(z.record(z.string(), z.unknown())),
  })
  .openapi('Preview')

const types = {
  'application/x-ndjson': 'ndjson',
  'application/ndjson': 'ndjson',
  'application/jsonl': 'ndjson',
  'text/csv': 'csv',
  'application/vnd.apache.parquet': 'parquet',
} as const satisfies Record<string, BodyFormat>

const body = {
  required: true,
  content: {
    'application/x-ndjson': { schema: z.union(streamNames.map(rowSchema)) },
    'text/csv': { schema: z.string(), example: template('case_events') },
    'application/vnd.apache.parquet': { schema: z.string().openapi({ format: 'binary' }) },
  },
}

const responses = {
  ...problems,
  401: problem('No key, or one that is not known here'),
  403: problem('The key may not send rows of this stream'),
  413: problem('The body is larger than a body may be'),
  415: problem('A type or encoding that is not read'),
  429: problem('Too much waits to be loaded; try again after Retry-After seconds'),
  507: problem('The disk is full'),
}

const security = [{ bearer: [] }]

const send = createRoute({
  method: 'post',
  tags: ['Ingest'],
  path: '/{stream}',
  summary: 'Send rows; answered when they are safely on disk, loaded soon after',
  security,
  request: {
    params,
    query,
    headers: z.object({
      'idempotency-key': z.string().min(1).max(255).optional().openapi({
        description: 'The same key with the same body is the same load; with another body it is refused.',
      }),
    }),
    body,
  },
  responses: { 202: json(acceptedAnswer, 'The rows are on disk and will be loaded'), ...responses },
})

const preview = createRoute({
  method: 'post',
  tags: ['Ingest'],
  path: '/{stream}/preview',
  summary: 'What sending these rows would do; nothing is stored',
  security,
  request: { params, query, body },
  responses: { 200: json(previewAnswer, 'The report of a dry run'), ...responses },
})

type Params = z.output<typeof params>
type Query = z.output<typeof query>
type Ready = { push: PushSource; key: ApiKey; request: PushRequest; bytes: AsyncIterable<Uint8Array> }

/** Data comes in here: bodies go to disk as they arrive, and the engine reads them from there. */
export const ingestRoutes = routes()
  .openapi(send, async (c) => {
    const ready = await prepare(c, c.req.valid('param'), c.req.valid('query'))
    const { push, key, request, bytes } = ready
    const requestKey = c.req.valid('header')['idempotency-key']
    const agree = async (loadId: string): Promise<void> => {
      if (requestKey === undefined) return
      const first = await claimRequestKey(c.var.store, key.id, requestKey, loadId)
      if (first !== loadId) throw new OtherBodyError(first)
    }
    try {
      const { load_id, bytes: size } = await push.accept(bytes, request, agree)
      const status_url = `/api/v1/loads/${load_id}`
      return c.json({ load_id, status_url, bytes: size, state: 'waiting' as const }, 202, {
        Location: status_url,
      })
    } catch (error) {
      throw refusal(error)
    }
  })
  .openapi(preview, async (c) => {
    const ready = await prepare(c, c.req.valid('param'), c.req.valid('query'))
    try {
      const { report, stream, source, ...result } = await ready.push.preview(ready.bytes, ready.request)
      const { read, accepted, rejected, duplicates, corrected } = result
      const counts = { read, accepted, rejected, duplicates, corrected }
      const nothing = { rejected_by_rule: [], rejected_rows: [], first_rows: [] }
      return c.json({ stream, source, ...counts, already_loaded: !report, ...(report ?? nothing) }, 200)
    } catch (error) {
      throw refusal(error)
    }
  })

/** The Idempotency-Key was used with another body. */
class OtherBodyError extends Error {
  constructor(readonly loadId: string) {
    super()
  }
}

/** Everything that can be said before the body is read. */
async function prepare(c: Context<AppEnv>, { stream }: Params, { mapping: name, source, service }: Query) {
  const { key } = c.var
  if (!key)
    throw new ProblemError(
      401,
      {
        kind: 'no-key',
        detail: `This address needs a key. Make one with "clearway key create --name NAME --role ingest --scope ingest:${stream}" and send it as "Authorization: Bearer KEY".`,
      },
      { 'WWW-Authenticate': 'Bearer' },
    )
  if (!mayIngest(key, stream))
    throw new ProblemError(403, {
      kind: 'scope',
      detail: `The key "${key.name}" may not send ${stream}; it may ${key.scopes.join(', ') || 'do nothing'}. Make one with the scope ingest:${stream}.`,
    })
  const push = c.var.intake?.push
  if (!push)
    throw new ProblemError(503, {
      kind: 'no-intake',
      detail: 'This server takes no data in. Start it with "clearway serve".',
    })
  const type = (c.req.header('Content-Type') ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
  const format = (types as Record<string, BodyFormat>)[type]
  const encoding = (c.req.header('Content-Encoding') ?? 'identity').trim().toLowerCase()
  if (!format || !['identity', 'gzip', 'x-gzip'].includes(encoding)) {
    const detail = format
      ? `The Content-Encoding "${encoding}" is not read here: send the body as it is, or with gzip.`
      : `The Content-Type "${type}" is not read here: send application/x-ndjson, text/csv or application/vnd.apache.parquet.`
    throw new ProblemError(415, { kind: 'unsupported-type', detail })
  }
  const mapping = shippedMappings.get(name)
  if (!mapping || (mapping.service === 'file' && service === undefined))
    throw new ProblemError(422, {
      kind: 'invalid-parameter',
      detail: `The mapping ${name} takes the service from the name of a file; a body has none. Name the service: ?service=ID.`,
    })
  const announced = Number(c.req.header('Content-Length') ?? 0)
  try {
    push.admit(Number.isFinite(announced) ? announced : 0)
  } catch (error) {
    throw refusal(error)
  }
  const raw = whole(c.req.raw.body, announced)
  // text is read compressed; Parquet has to be as it is on disk
  const bytes = encoding !== 'identity' && format === 'parquet' ? unpacked(raw) : raw
  const request: PushRequest = { stream, format, mapping, source: source ?? key.name, service }
  return { push, key, request, bytes } satisfies Ready
}

/** A body that ends before its announced length is none. */
async function* whole(
  stream: ReadableStream<Uint8Array> | null,
  announced: number,
): AsyncGenerator<Uint8Array> {
  let bytes = 0
  for await (const block of stream ?? []) {
    bytes += block.length
    yield block
  }
  if (announced > 0 && bytes !== announced)
    throw new LoadError(`The body ended after ${bytes} of ${announced} bytes. Send it again.`)
}

async function* unpacked(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const source = Readable.from(bytes)
  const gunzip = createGunzip()
  source.on('error', (error) => gunzip.destroy(error))
  try {
    for await (const block of source.pipe(gunzip)) yield block as Uint8Array
  } catch (error) {
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('Z_'))
      throw new LoadError('The body is not gzip, although its Content-Encoding says so.', { cause: error })
    throw error
  } finally {
    source.destroy()
  }
}

const megabytes = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MB`

/** A failure as its answer. */
function refusal(error: unknown): unknown {
  if (error instanceof OtherBodyError)
    return new ProblemError(422, {
      kind: 'idempotency-key',
      detail: `This Idempotency-Key was used for another body, load ${error.loadId}. Use a new key for new rows.`,
    })
  if (error instanceof TooLargeError)
    return new ProblemError(413, {
      kind: 'too-large',
      detail: `The body is larger than ${megabytes(error.most)}. Send it in several parts.`,
    })
  if (error instanceof SpoolFullError) {
    const detail =
      'Too much waits to be loaded just now; nothing of this body was kept. Try again in a few seconds.'
    return new ProblemError(429, { kind: 'spool-full', detail }, { 'Retry-After': '5' })
  }
  if (error instanceof Error && 'code' in error && error.code === 'ENOSPC')
    return new ProblemError(507, {
      kind: 'disk-full',
      detail:
        'The disk of the server is full; nothing of this body was kept. Free some space and send it again.',
    })
  if (error instanceof LoadError) return new ProblemError(422, { kind: 'not-loaded', detail: error.message })
  return error
}
