import type { Server } from 'node:http'
import { createAdaptorServer } from '@hono/node-server'
import { StartError } from './env.ts'

const loopback = '127.0.0.1'
const patience = 500

export type Fetch = Parameters<typeof createAdaptorServer>[0]['fetch']

/** Throws a StartError when the port cannot be had. */
export function listen(fetch: Fetch, port: number, host = loopback): Promise<Server> {
  const server = createAdaptorServer({ fetch }) as Server
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(portError(error, port, host)))
    server.listen(port, host, () => resolve(server))
  })
}

/** Tells before any work is done that the port is taken. */
export async function portIsFree(port: number, host?: string): Promise<void> {
  if (port === 0) return
  const server = await listen(() => new Response(), port, host)
  await new Promise((resolve) => server.close(resolve))
}

function portError(error: Error, port: number, host: string): Error {
  const code = 'code' in error ? error.code : ''
  if (code === 'EADDRINUSE')
    return new StartError(
      `Port ${port} is in use by another program: stop that program, or choose another port with --port or PORT.`,
    )
  if (code === 'EACCES')
    return new StartError(
      `Port ${port} may not be used by this user: choose one from 1024 with --port or PORT.`,
    )
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return new StartError(
      `HOST is ${host}, which is no address of this machine: 0.0.0.0 stands for all of them.`,
    )
  return error
}

/** The port a server got. */
export function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}

/** Resolves when the process is asked to end. */
export const toldToStop = () =>
  new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  })

/** Lets running answers finish for half a second, then hangs up. */
export function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeIdleConnections()
    setTimeout(() => server.closeAllConnections(), patience).unref()
  })
}
