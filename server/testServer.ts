import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import buildOnce from './buildOnce.ts'

/** The built server and its commands on a data folder of the test file's own, with this configuration; for files that kill it. */
export function useBuiltServer(name: string, config: object) {
  const server = { dir: '', data: '', command, launch: (...args: string[]) => launch(args), start }
  const launch = (args: string[]) =>
    spawn(process.execPath, [join(import.meta.dirname, 'launch.mjs'), ...args, '--data', server.data], {
      cwd: server.dir,
      env: { PATH: process.env.PATH },
    })
  const running = new Set<ReturnType<typeof launch>>()
  beforeAll(async () => {
    buildOnce()
    server.dir = await mkdtemp(join(tmpdir(), `clearway-${name}-`))
    server.data = join(server.dir, 'data')
    await mkdir(server.data)
    await writeFile(join(server.data, 'clearway.config.json'), JSON.stringify(config))
  }, 180_000)
  afterAll(async () => {
    for (const child of running) child.kill('SIGKILL')
    await rm(server.dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
  })

  async function command(...args: string[]): Promise<{ code: unknown; stdout: string; stderr: string }> {
    const child = launch(args)
    const said = { stdout: '', stderr: '' }
    for (const pipe of ['stdout', 'stderr'] as const)
      child[pipe].on('data', (chunk) => {
        said[pipe] += chunk
      })
    return { code: await new Promise((resolve) => child.on('close', resolve)), ...said }
  }

  async function start() {
    const child = launch(['serve', '--port', '0'])
    running.add(child)
    const ended = new Promise<void>((resolve) => child.on('close', () => resolve()))
    const address = await new Promise<string>((resolve, reject) => {
      child.stdout.on('data', (chunk) => {
        const [found] = /http:\/\/localhost:\d+/.exec(String(chunk)) ?? []
        if (found) resolve(found.replace('localhost', '127.0.0.1'))
      })
      void ended.then(() => reject(new Error('The server ended.')))
    })
    const kill = async (signal: NodeJS.Signals) => {
      child.kill(signal)
      await ended
      running.delete(child)
    }
    return { address, kill }
  }

  return server
}
