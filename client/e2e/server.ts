import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'

/** The built command line. */
export const command = join(import.meta.dirname, '../../dist/server/clearway.js')

/** The built server on a free port with this data folder, once it answers. */
export async function startServer(
  dir: string,
  ...args: ['serve'] | ['demo', '--no-release']
): Promise<{ url: string; stop: () => Promise<void> }> {
  const server = spawn(process.execPath, [command, ...args, '--port', '0', '--data', dir], {
    env: { ...process.env, NODE_ENV: 'production', LOG_LEVEL: 'error' },
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
