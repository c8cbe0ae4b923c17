import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll } from 'vitest'

type Behave = (request: IncomingMessage, response: ServerResponse, url: URL) => void

/** For tests: a server on loopback that behaves as the test says, path by path, and remembers what it was asked. */
export function useServer() {
  const behaviours = new Map<string, Behave>()
  const server = {
    origin: '',
    asked: [] as { url: URL; headers: IncomingMessage['headers'] }[],
    /** Answers requests for a path from now on, and gives its address. */
    on(path: string, behave: Behave): string {
      behaviours.set(path, behave)
      return server.origin + path
    },
    count: (path: string): number => server.asked.filter(({ url }) => url.pathname === path).length,
  }
  const http = createServer((request, response) => {
    const url = new URL(request.url ?? '/', server.origin)
    server.asked.push({ url, headers: request.headers })
    const behave = behaviours.get(url.pathname)
    if (behave) behave(request, response, url)
    else response.writeHead(404).end()
  })
  beforeAll(async () => {
    await new Promise<void>((ready) => http.listen(0, '127.0.0.1', ready))
    server.origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  })
  afterAll(async () => {
    http.closeAllConnections()
    await new Promise((closed) => http.close(closed))
  })
  return server
}
