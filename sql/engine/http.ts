/** The part of ClickHouse's HTTP interface that @clickhouse/client speaks, answered by the sessions of this process. */
import { randomUUID, timingSafeEqual } from 'node:crypto'
import { createReadStream, readFileSync, statSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import { EngineError, toException } from './errors.ts'
import { runInsert } from './native.ts'
import type { Sessions, Wishes } from './sessions.ts'
import type { Spool } from './spool.ts'
import { fromFile, intoFile, kindOf } from './statement.ts'

/** In the text of every statement that runs, so that all of them can be found and ended. */
export const runningTag = 'clearway-query:'

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
const smallResult = 1024 * 1024

type Call = {
  request: IncomingMessage
  response: ServerResponse
  search: URLSearchParams
  signal: AbortSignal
  headers: Record<string, string>
}
type Leases = { add(response: ServerResponse): void }

export function createEngineServer(sessions: Sessions, spool: Spool, key: string, leases: Leases): Server {
  const server = createServer(
    { maxHeaderSize: 1024 * 1024, keepAliveTimeout: 60_000 },
    (request, response) => {
      answer(request, response).catch((error: unknown) => fail(response, error))
    },
  )
  server.requestTimeout = 0
  server.timeout = 0
  return server

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://engine')
    if (!isAllowed(request, url.searchParams, key)) {
      const user = request.headers['x-clickhouse-user'] ?? 'default'
      const detail = `${user}: Authentication failed: password is incorrect, or there is no user with such name.`
      throw new EngineError(516, 'AUTHENTICATION_FAILED', detail)
    }
    if (url.pathname === '/ping') {
      response.end('Ok.\n')
      return
    }
    if (url.pathname === '/lease') {
      leases.add(response)
      return
    }
    if (url.pathname !== '/') {
      response.writeHead(404).end(`There is no handler ${url.pathname}\n`)
      return
    }
    const gone = new AbortController()
    response.once('close', () => gone.abort(new Error('The client went away')))
    const headers = {
      'X-ClickHouse-Query-Id': url.searchParams.get('query_id') ?? randomUUID(),
      'X-ClickHouse-Server-Display-Name': 'clearway',
      'X-ClickHouse-Timezone': 'UTC',
    }
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
    const call: Call = { request, response, search: url.searchParams, signal: gone.signal, headers }
    const inUrl = call.search.get('query')
    if (inUrl !== null && request.method === 'POST') await withData(call, inUrl)
    else await run(call, inUrl ?? (await readText(request)))
  }

  /** A statement in the URL; its data, if it has any, in the body. */
  async function withData(call: Call, sql: string): Promise<void> {
    const path = await spool.receive(call.request)
    try {
      if (kindOf(sql) !== 'insert') return await run(call, sql)
      const complete = !path && /\bSELECT\b/i.test(sql) && !/\binput\s*\(/i.test(sql)
      if (complete) return await insert(call, sql)
      if (path) return await insert(call, fromFile(sql, path))
      sendSummary(call, 0)
    } finally {
      if (path) spool.remove(path)
    }
  }

  function run(call: Call, sql: string): Promise<void> {
    const kind = kindOf(sql)
    if (kind === 'read') return read(call, sql)
    if (kind === 'insert') return insert(call, sql)
    return write(call, sql, kind)
  }

  /** The whole result goes to a file first: a failing query never looks like a short success, and a slow reader holds
   * neither a session nor memory. */
  async function read(call: Call, sql: string): Promise<void> {
    const path = spool.path()
    try {
      const target = intoFile(sql, path, call.search.get('default_format') ?? 'TabSeparated')
      const started = process.hrtime.bigint()
      const rows = await sessions.use('reader', call.signal, async (lane) => {
        await lane.prepare(wishesOf(call.search, sql))
        return (await cancellable(call.signal, (tag) => lane.session.queryAsync(`${tag}${target.sql}`)))
          .rowsRead
      })
      call.response.setHeader('X-ClickHouse-Summary', summary({ result: rows, elapsed: since(started) }))
      call.response.setHeader('X-ClickHouse-Format', target.format)
      await sendFile(call, path)
    } finally {
      spool.remove(path)
    }
  }

  async function insert(call: Call, sql: string): Promise<void> {
    const written = await sessions.use('writer', call.signal, async (lane) => {
      await lane.prepare(wishesOf(call.search, sql))
      return cancellable(call.signal, (tag) => runInsert(lane.session, `${tag}${sql}`))
    })
    sendSummary(call, written)
  }

  async function write(call: Call, sql: string, kind: 'write' | 'kill' | 'session'): Promise<void> {
    const format = call.search.get('default_format') ?? 'TabSeparated'
    const send = (bytes: Uint8Array) => {
      call.response.setHeader('X-ClickHouse-Summary', summary({}))
      call.response.end(bytes)
    }
    if (kind === 'kill') return send((await sessions.control(sql, format)).bytes())
    const bytes = await sessions.use('writer', call.signal, async (lane) => {
      await lane.prepare(wishesOf(call.search, sql))
      try {
        const result = await cancellable(call.signal, (tag) =>
          lane.session.queryAsync(`${tag}${sql}`, { format }),
        )
        return result.bytes()
      } finally {
        if (kind === 'session') lane.renew()
      }
    })
    send(bytes)
  }

  /** Runs a statement and ends it in the engine when its client goes away. */
  async function cancellable<T>(signal: AbortSignal, start: (tag: string) => Promise<T>): Promise<T> {
    const tag = `${runningTag}${randomUUID()}`
    let timer: NodeJS.Timeout | undefined
    const stop = () => {
      sessions.kill(tag).catch(() => {})
      timer ??= setInterval(stop, 100)
    }
    signal.addEventListener('abort', stop, { once: true })
    try {
      signal.throwIfAborted()
      return await start(`/*${tag}*/ `)
    } finally {
      signal.removeEventListener('abort', stop)
      clearInterval(timer)
    }
  }
}

function isAllowed(request: IncomingMessage, search: URLSearchParams, key: string): boolean {
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

function wishesOf(search: URLSearchParams, sql: string): Wishes {
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

async function readText(request: IncomingMessage): Promise<string> {
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

/** Small answers are read at once: a file that was written a moment ago comes from memory, faster than any thread. */
async function sendFile({ request, response, search }: Call, path: string): Promise<void> {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0
  const zipped =
    search.get('enable_http_compression') === '1' &&
    /\bgzip\b/.test(String(request.headers['accept-encoding']))
  if (zipped) {
    response.setHeader('Content-Encoding', 'gzip')
    if (size === 0) response.end(createGzip().end().read())
    else await pipeline(createReadStream(path), createGzip({ level: 3 }), response).catch(ignoreGone)
    return
  }
  response.setHeader('Content-Length', size)
  if (size <= smallResult) response.end(size === 0 ? undefined : readFileSync(path))
  else await pipeline(createReadStream(path), response).catch(ignoreGone)
}

/** A reader who leaves in the middle of an answer is no failure of ours. */
function ignoreGone(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE')) throw error
}

function sendSummary({ response }: Call, written: number): void {
  response.setHeader('X-ClickHouse-Summary', summary({ written }))
  response.end()
}

const since = (started: bigint) => Number(process.hrtime.bigint() - started)

function summary({ result = 0, written = 0, elapsed = 0 }): string {
  const counts = {
    read_rows: result + written,
    read_bytes: 0,
    written_rows: written,
    written_bytes: 0,
    total_rows_to_read: 0,
    result_rows: result || written,
    result_bytes: 0,
    elapsed_ns: elapsed,
  }
  return JSON.stringify(counts, (_, value: unknown) => (typeof value === 'number' ? String(value) : value))
}

/** The engine's own words and number, with the status a server would give; nothing when the client has left. */
function fail(response: ServerResponse, error: unknown): void {
  if (response.headersSent || response.destroyed) {
    response.destroy()
    return
  }
  const { code, text, status } = toException(error)
  for (const name of ['Content-Length', 'Content-Encoding']) response.removeHeader(name)
  response.writeHead(status, {
    'X-ClickHouse-Exception-Code': String(code),
    'Content-Type': 'text/plain; charset=UTF-8',
  })
  response.end(text)
}
