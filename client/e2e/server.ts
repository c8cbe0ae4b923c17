import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'

/** The built command line. */
export const command = join(import.meta.dirname, '../../dist/server/clearway.js')

/** The built server with this data folder, once it answers; on a free port unless one is wanted. */
export async function startServer(
  dir: string,
  args: ['serve'] | ['demo', '--no-release'],
  { port = 0, env = {} }: { port?: number; env?: Record<string, string> } = {},
): Promise<{ url: string; stop: () => Promise<void> }> {
  const server = spawn(process.execPath, [command, ...args, '--port', String(port), '--data', dir], {
    env: { ...process.env, NODE_ENV: 'production', LOG_LEVEL: 'error', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const stop = () => ended(server)
  try {
    return { url: await address(server), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** The address the server prints once it answers. */
function address(server: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = ''
    const listen = (chunk: Buffer) => {
      said += chunk.toString()
      const found = /http:\/\/localhost:\d+/.exec(said)
      if (found) resolve(found[0])
    }
    server.stdout?.on('data', listen)
    server.stderr?.on('data', listen)
    server.once('exit', (code) =>
      reject(new Error(`The app ended with ${code} before it answered:\n${said}`)),
    )
  })
}

function ended(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => {
    server.once('exit', () => resolve())
    server.kill('SIGTERM')
  })
}
