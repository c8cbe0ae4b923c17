/** The part of ClickHouse's HTTP interface that @clickhouse/client speaks, answered by the sessions of this process. */
import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { EngineError } from './errors.ts'
import { runInsert } from './native.ts'
import { isAllowed, readText, wishesOf } from './request.ts'
import { type Call, fail, sendBytes, sendFile, summary } from './response.ts'
import { isTight, needRoom } from './room.ts'
import type { Sessions } from './sessions.ts'
import type { Spool } from './spool.ts'
import { fromFile, intoFile, kindOf } from './statement.ts'

/** In the text of every statement that runs, so that all of them can be found and ended. */
export const runningTag = 'clearway-query:'

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
    const call: Call = { request, response, search: url.searchParams, signal: gone.signal }
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
      end(call, { written: 0 })
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
   * neither a session nor memory. On a full disk it goes through memory, so that reading goes on. */
  async function read(call: Call, sql: string): Promise<void> {
    const path = spool.path()
    const fallback = call.search.get('default_format') ?? 'TabSeparated'
    try {
      const target = intoFile(sql, path, fallback)
      const started = process.hrtime.bigint()
      const { rows, bytes } = await sessions.use('reader', call.signal, async (lane) => {
        await lane.prepare(wishesOf(call.search, sql))
        const ask = (text: string, format?: string) =>
          cancellable(call.signal, (tag) =>
            lane.session.queryAsync(`${tag}${text}`, format ? { format } : undefined),
          )
        if (!isTight(spool.folder)) {
          const { rowsRead } = await ask(target.sql)
          // a result that filled the disk is cut off without an error
          if (!isTight(spool.folder)) return { rows: rowsRead, bytes: undefined }
        }
        spool.remove(path)
        const result = await ask(sql, fallback)
        return { rows: result.rowsRead, bytes: result.bytes() }
      })
      call.response.setHeader('X-ClickHouse-Summary', summary({ result: rows, elapsed: since(started) }))
      call.response.setHeader('X-ClickHouse-Format', target.format)
      if (bytes) sendBytes(call, bytes)
      else await sendFile(call, path)
    } finally {
      spool.remove(path)
    }
  }

  async function insert(call: Call, sql: string): Promise<void> {
    needRoom(spool.folder)
    const started = process.hrtime.bigint()
    const written = await sessions.use('writer', call.signal, async (lane) => {
      await lane.prepare(wishesOf(call.search, sql))
      return cancellable(call.signal, (tag) => runInsert(lane.session, `${tag}${sql}`))
    })
    end(call, { written, elapsed: since(started) })
  }

  async function write(call: Call, sql: string, kind: 'write' | 'kill' | 'session'): Promise<void> {
    const format = call.search.get('default_format') ?? 'TabSeparated'
    if (kind === 'kill') return end(call, {}, (await sessions.control(sql, format)).bytes())
    // what takes away makes room
    if (kind === 'write' && !/^\s*(DROP|TRUNCATE)\b/i.test(sql)) needRoom(spool.folder)
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
    end(call, {}, bytes)
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

const since = (started: bigint) => Number(process.hrtime.bigint() - started)

function end({ response }: Call, counts: Parameters<typeof summary>[0], bytes?: Uint8Array): void {
  response.setHeader('X-ClickHouse-Summary', summary(counts))
  response.end(bytes)
}
