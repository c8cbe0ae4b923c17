import type { Server, ServerOptions } from 'node:http'
import type { Socket } from 'node:net'

/**
 * What a connection may take. Milliseconds: heads of questions come within ten seconds and whole questions within five minutes (a body of 256 MB
 * over a slow line), or the connection is closed; it is looked after every second. One that waits to ask more is kept longer than proxies keep
 * theirs, a minute: were it closed just then, somebody's question would be lost. A head may have 128 kB, so that ten thousand values are told to
 * be too many by name.
 */
export const connectionLimits: ServerOptions = {
  headersTimeout: 10_000,
  requestTimeout: 300_000,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 1_000,
  maxHeaderSize: 128 * 1024,
}

/** Connections at once; and milliseconds without a byte in either direction after which one is closed. */
const most = { open: 20_000, silent: 360_000, headers: 100 }
/** New connections find room: once it is crowded, those that have asked nothing for longest are closed for them. */
export function keepRoom(server: Server, crowded = 12_000): void {
  server.maxConnections = most.open
  server.maxHeadersCount = most.headers
  server.timeout = most.silent
  /** Those that never asked anything, and those that wait to ask more; the longest silent first. */
  const [silent, idle] = [new Set<Socket>(), new Set<Socket>()]
  let open = 0
  server.on('connection', (socket: Socket) => {
    open++
    silent.add(socket)
    socket.once('close', () => {
      open--
      silent.delete(socket)
      idle.delete(socket)
    })
    if (open > crowded) (silent.values().next().value ?? idle.values().next().value)?.destroy()
  })
  server.on('request', ({ socket }, response) => {
    silent.delete(socket)
    idle.delete(socket)
    response.once('close', () => {
      if (!socket.destroyed) idle.add(socket)
    })
  })
}

const told: Record<number, [kind: string, title: string, detail: string]> = {
  400: ['not-understood', 'Bad Request', 'This is not a request as HTTP writes it.'],
  408: ['too-slow', 'Request Timeout', 'The request did not come within the time that is waited for one.'],
  431: [
    'too-long',
    'Request Header Fields Too Large',
    'Address and headers are longer than 128 kB together.',
  ],
}

const headers = {
  'Content-Type': 'application/problem+json',
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
  'Referrer-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
}

function problem(status: number) {
  const [kind, title, detail] = told[status] ?? [
    'internal',
    'Internal Server Error',
    'Something went wrong on our side.',
  ]
  return JSON.stringify({ type: `urn:clearway:problem:${kind}`, title, status, detail, request_id: '' })
}

/** What cannot be made a question of: an address or a name of a host that is none. */
export const notUnderstood = (error: unknown): Response => {
  const status = error instanceof Error && error.name === 'RequestError' ? 400 : 500
  return new Response(problem(status), { status, headers })
}

/** What the parser refuses is told as a problem too, and the connection closed. */
export function refused(error: NodeJS.ErrnoException, socket: Socket): void {
  const hasAnswer = (socket as Socket & { _httpMessage?: { headersSent?: boolean } })._httpMessage
    ?.headersSent
  // who has said nothing, as a browser that connects ahead, is not waiting for an answer
  const hasAsked = socket.bytesRead > 0
  if (!socket.writable || error.code === 'ECONNRESET' || hasAnswer || !hasAsked) {
    socket.destroy()
    return
  }
  const status =
    error.code === 'HPE_HEADER_OVERFLOW' ? 431 : error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400
  const body = problem(status)
  const head = Object.entries({ ...headers, 'Content-Length': Buffer.byteLength(body), Connection: 'close' })
  const [, title] = told[status] ?? []
  socket.end(
    `HTTP/1.1 ${status} ${title}\r\n${head.map(([name, value]) => `${name}: ${value}`).join('\r\n')}\r\n\r\n${body}`,
  )
}
