import type { Context, TypedResponse } from 'hono'
import { note } from './audit/note.ts'
import type { AppEnv } from './context.ts'
import { csvLines, type Table, toCsv } from './csv.ts'
import type { Data } from './data.ts'
import { streamed } from './streamed.ts'

type Question<T> = {
  /** The route without its parameters: part of the cache key and of the file name. */
  name: string
  /** What the reader chose, already checked: the rest of the key. */
  query: Record<string, unknown>
  answer: (data: Data) => Promise<T>
  /** The answer as a table; only for answers that are small by nature: a row a month, a stage, a cause or a value. */
  table?: (answer: T) => Table
  /** Instead of `table` where an answer can grow long: the table in parts, at least one. They are sent as they come and kept by nobody. */
  parts?: (data: Data, stop: AbortSignal) => AsyncIterable<Table>
}

/** Answers a question with figures from the cache, or from the store; as JSON, or as CSV when asked. */
export async function figuresResponse<T>(
  c: Context<AppEnv>,
  { name, query, answer, table, parts }: Question<T>,
) {
  const { cache } = c.var
  const { format, ...chosen } = query
  const wantsCsv = format === 'csv' || (format === undefined && prefersCsv(c.req.header('Accept')))
  const csvHeaders = {
    'Content-Type': 'text/csv; charset=utf-8; header=present',
    'Content-Disposition': `attachment; filename="${fileName(name, chosen)}"`,
  }
  const exported = () => note(c, { deed: 'export', object: name, detail: { format: 'csv', ...chosen } })
  if (wantsCsv && parts) {
    await exported()
    const data = await c.var.data()
    const headers = { ...csvHeaders, Vary: 'Accept, Accept-Encoding, Authorization, Cookie' }
    return sent<T>(await streamed(c, headers, (stop) => csvText(parts(data, stop))))
  }
  const csv = wantsCsv && table
  const { sight } = c.var.db
  const question = `${csv ? 'csv' : 'json'} ${name} ${normal(chosen)} ${sight.name}`
  const dataVersion = await c.var.dataVersion()
  const { final } = dataVersion
  const etag = cache.etag(dataVersion.version, question)
  const headers: Record<string, string> = {
    'Cache-Control': final ? 'private, no-cache' : 'no-store',
    Vary: 'Accept, Accept-Encoding, Authorization, Cookie',
    ...(final ? { ETag: `"${etag}"` } : {}),
  }
  if (final && isHeld(c.req.header('If-None-Match'), etag)) return sent<T>(c.body(null, 304, headers))
  const make = async (stop: AbortSignal) => {
    // others may wait for the same answer: it is made for all of them
    c.set('db', c.var.dbUntil(stop))
    const made = await answer(await c.var.data())
    return csv ? toCsv(table(made)) : JSON.stringify(made)
  }
  const compute = (stop: AbortSignal, ahead: boolean) => c.var.inTurn(stop, () => make(stop), ahead)
  const kept = await cache.answer(dataVersion, { name: question, compute }, c.req.raw.signal)
  // one that was right a moment ago is not to be kept
  if (kept.etag !== etag) {
    headers['Cache-Control'] = 'no-store'
    delete headers.ETag
  }
  if (csv) await exported()
  const type: Record<string, string> = csv ? csvHeaders : { 'Content-Type': 'application/json' }
  const gzip = kept.gzip && acceptsGzip(c.req.header('Accept-Encoding')) ? kept.gzip : null
  return sent<T>(
    gzip
      ? c.body(new Uint8Array(gzip), 200, {
          ...headers,
          ...type,
          ...(headers.ETag ? { ETag: `"${etag}-gzip"` } : {}),
          'Content-Encoding': 'gzip',
        })
      : c.body(new Uint8Array(kept.body), 200, { ...headers, ...type }),
  )
}

/** The parts of a table as one CSV under one header. */
async function* csvText(parts: AsyncIterable<Table>): AsyncGenerator<string> {
  let headed = false
  for await (const { columns, rows } of parts) {
    const text = csvLines(headed ? rows : [columns, ...rows])
    headed = true
    if (text !== '') yield text
  }
}

/** The answer is kept as bytes; its type is the one `answer` gave. */
export const sent = <T>(response: unknown) => response as Response & TypedResponse<T, 200, 'json'>

/** The same choice gives the same text, in whatever order it was written. */
const normal = (query: Record<string, unknown>) =>
  JSON.stringify(
    Object.entries(query)
      .filter(([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0))
      .map(([key, value]) => [key, Array.isArray(value) ? [...new Set(value)].sort() : value])
      .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
  )

const prefersCsv = (accept = '') => /^\s*text\/csv\b/i.test(accept)

const acceptsGzip = (accept = '') => /(^|,)\s*(gzip|\*)\s*(;\s*q=(?!0(\.0*)?\s*(,|$))|,|$)/i.test(accept)

const isHeld = (ifNoneMatch: string | undefined, etag: string) =>
  ifNoneMatch?.split(',').some((tag) => {
    const bare = tag.trim().replace(/^W\//, '').replaceAll('"', '')
    return bare === '*' || bare.replace(/-gzip$/, '') === etag
  }) ?? false

const fileName = (name: string, { from, until }: Record<string, unknown>) =>
  `${['clearway', name, from, until]
    .filter((part) => typeof part === 'string')
    .join('-')
    .replace(/[^\w-]+/g, '-')
    .slice(0, 120)}.csv`
