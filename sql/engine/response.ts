/** How answers leave: result files, counts and failures. */
import { createReadStream, readFileSync, statSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { createGzip, gzipSync } from 'node:zlib'
import { toException } from './errors.ts'

const smallResult = 1024 * 1024

export type Call = {
  request: IncomingMessage
  response: ServerResponse
  search: URLSearchParams
  /** Aborted when the client has gone. */
  signal: AbortSignal
}

/** A result that is in memory already. */
export function sendBytes({ request, response, search }: Call, bytes: Uint8Array): void {
  const zipped = wantsGzip(request, search)
  if (zipped) response.setHeader('Content-Encoding', 'gzip')
  response.end(zipped ? gzipSync(bytes, { level: 3 }) : bytes)
}

function wantsGzip(request: IncomingMessage, search: URLSearchParams): boolean {
  return (
    search.get('enable_http_compression') === '1' &&
    /\bgzip\b/.test(String(request.headers['accept-encoding']))
  )
}

/** Small answers are read at once: a file that was written a moment ago comes from memory, faster than any thread. */
export async function sendFile({ request, response, search }: Call, path: string): Promise<void> {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0
  if (wantsGzip(request, search)) {
    response.setHeader('Content-Encoding', 'gzip')
    if (size <= smallResult) response.end(gzipSync(size === 0 ? '' : readFileSync(path), { level: 3 }))
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

/** The counts of a statement as the client reads them; `elapsed` in nanoseconds. */
export function summary({ result = 0, written = 0, elapsed = 0 }): string {
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
export function fail(response: ServerResponse, error: unknown): void {
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
