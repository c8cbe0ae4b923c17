/** What a request of the client holds: its key, its statement, its settings and parameters. */
import { timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { createGunzip } from 'node:zlib'
import { EngineError } from './errors.ts'
import type { Wishes } from './sessions.ts'

/** URL parameters that steer the transport, not the query. */
const transport = new Set([
  'query',
  'query_id',
  'database',
  'default_format',
  'user',
  'password',
  'role',
  'session_id',
  'session_timeout',
  'session_check',
  'compress',
  'decompress',
  'enable_http_compression',
  'http_zlib_compression_level',
  'wait_end_of_query',
  'send_progress_in_http_headers',
  'http_headers_progress_interval_ms',
  'buffer_size',
  'cancel_http_readonly_queries_on_client_close',
  'add_http_cors_header',
  'log_queries',
])
const longestSql = 64 * 1024 * 1024

/** True when the request carries the key of this data folder, as password, header or URL parameter. */
export function isAllowed(request: IncomingMessage, search: URLSearchParams, key: string): boolean {
  const basic = /^Basic (.+)$/.exec(request.headers.authorization ?? '')?.[1]
  const password =
    basic &&
    Buffer.from(basic, 'base64')
      .toString()
      .replace(/^[^:]*:/, '')
  const given = Buffer.from(
    String(request.headers['x-clickhouse-key'] ?? password ?? search.get('password') ?? ''),
  )
  const right = Buffer.from(key)
  return given.length === right.length && timingSafeEqual(given, right)
}

/** Settings, parameters and database a request asks for. Code 115 for a name that cannot be a setting. */
export function wishesOf(search: URLSearchParams, sql: string): Wishes {
  const settings = new Map<string, string>()
  const params = new Map<string, string>()
  for (const [name, value] of search) {
    if (transport.has(name)) continue
    if (!/^\w+$/.test(name)) throw new EngineError(115, 'UNKNOWN_SETTING', `Unknown setting '${name}'`)
    if (name.startsWith('param_')) params.set(name.slice('param_'.length), value)
    else settings.set(name, value)
  }
  return { database: search.get('database') ?? 'default', settings, params, sql }
}

/** A statement in the body, at most 64 MiB. */
export async function readText(request: IncomingMessage): Promise<string> {
  const body = request.headers['content-encoding'] === 'gzip' ? request.pipe(createGunzip()) : request
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > longestSql) throw new EngineError(62, 'SYNTAX_ERROR', 'The statement is longer than 64 MiB')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
