/** Finds the engine of a data folder or starts it, holds a lease on it, and brings it back when it dies. */
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { type ClientRequest, get } from 'node:http'
import { createRequire } from 'node:module'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { DbError } from './dbError.ts'
import { draftOf, type Paths, pathsOf, readAddress, readKey, removeDrafts } from './files.ts'

/** One running engine. `gone` settles when it has ended or the lease on it was given back. */
export type Connection = { url: string; key: string; pid: number; gone: Promise<void>; release(): void }

/** Longer than a host needs to stop, or to start on a busy machine. */
const lockedFor = 10_000
const callsWaitFor = 10_000
const firstDelay = 100
const longestDelay = 5_000

export class EngineSupervisor {
  #connection: Promise<Connection | undefined>
  #live: Connection | undefined
  #why: unknown
  #closed = false

  private constructor(
    private readonly dataDir: string,
    first: Connection,
  ) {
    this.#connection = Promise.resolve(first)
    this.#watch(first)
  }

  /** Throws a DbError that says why the engine cannot run here. */
  static async open(dataDir: string): Promise<EngineSupervisor> {
    return new EngineSupervisor(dataDir, await connect(dataDir, 0))
  }

  /** The engine that runs now. While it is being started again calls wait up to 10 s, then fail with ENGINE_GONE. */
  async current(): Promise<Connection> {
    if (this.#closed) throw new DbError('The connection to the engine is closed.')
    if (this.#live) return this.#live
    const tooLong = new AbortController()
    const timer = wait(callsWaitFor, undefined, { signal: tooLong.signal }).catch(() => undefined)
    const found = await Promise.race([this.#connection, timer])
    tooLong.abort()
    if (found) return found
    const reason = this.#why instanceof Error ? ` (${this.#why.message})` : ''
    throw new DbError(`The engine does not start again${reason}; try again in a moment.`, {
      code: 'ENGINE_GONE',
    })
  }

  close(): void {
    this.#closed = true
    this.#connection.then((connection) => connection?.release())
  }

  #watch(connection: Connection): void {
    this.#live = connection
    connection.gone.then(() => {
      this.#live = undefined
      if (!this.#closed) this.#connection = this.#restart(Number(new URL(connection.url).port))
    })
  }

  async #restart(port: number): Promise<Connection | undefined> {
    for (let delay = firstDelay; !this.#closed; delay = Math.min(delay * 2, longestDelay)) {
      try {
        const connection = await connect(this.dataDir, port)
        if (this.#closed) connection.release()
        else this.#watch(connection)
        return connection
      } catch (error) {
        this.#why = error
        await wait(delay, undefined, { ref: false })
      }
    }
    return undefined
  }
}

/** Takes a lease on the running engine, or starts one. Of several processes that start one at once the lock picks one. */
async function connect(dataDir: string, port: number): Promise<Connection> {
  const paths = pathsOf(dataDir)
  const key = readKey(paths)
  const deadline = Date.now() + lockedFor
  for (;;) {
    const running = await lease(paths, key)
    if (running) return running
    const failure = await launch(dataDir, paths, port)
    if (!failure) continue
    if (failure !== 'locked') throw failure
    if (Date.now() > deadline)
      throw new DbError(
        `The data folder ${dataDir} is in use by another program: stop that program, or choose another folder with CLEARWAY_DATA.`,
        { code: 'LOCKED' },
      )
    await wait(100)
  }
}

/** A request that stays open as long as this process needs the engine. Undefined when none answers to our key. */
function lease(paths: Paths, key: string): Promise<Connection | undefined> {
  const address = readAddress(paths)
  if (!address) return Promise.resolve(undefined)
  const url = `http://127.0.0.1:${address.port}`
  return new Promise((resolve) => {
    const request: ClientRequest = get(`${url}/lease`, { agent: false, headers: { 'X-ClickHouse-Key': key } })
    request.setTimeout(5_000, () => request.destroy())
    request.on('error', () => resolve(undefined))
    request.on('response', (response) => {
      if (response.statusCode !== 200) {
        request.destroy()
        return resolve(undefined)
      }
      request.setTimeout(0)
      response.socket.unref()
      const gone = new Promise<void>((settle) => response.once('close', settle))
      response.on('error', () => {})
      response.resume()
      resolve({ url, key, pid: address.pid, gone, release: () => request.destroy() })
    })
  })
}

/** Starts a host and waits until it answers. Returns what went wrong, or nothing. */
async function launch(dataDir: string, paths: Paths, port: number): Promise<'locked' | DbError | undefined> {
  removeDrafts(paths)
  const log = draftOf(paths.log)
  const out = openSync(log, 'a', 0o600)
  try {
    const child = spawn(process.execPath, [...hostCommand(), dataDir, String(port)], {
      detached: true,
      cwd: dataDir,
      stdio: ['ignore', out, out, 'ipc'],
      env: { ...process.env, NODE_OPTIONS: '', TZ: 'UTC', UV_THREADPOOL_SIZE: '16' },
    })
    const code = await started(child)
    if (code === 'ready') {
      child.unref()
      renameSync(log, paths.log)
      return undefined
    }
    return explain(code, readFileSync(log, 'utf8'), dataDir)
  } finally {
    closeSync(out)
    rmSync(log, { force: true })
  }
}

function started(child: ChildProcess): Promise<'ready' | number | string> {
  return new Promise((resolve) => {
    child.once('message', () => resolve('ready'))
    child.once('error', (error) => resolve(error.message))
    child.once('exit', (code, signal) => resolve(code ?? signal ?? 'unknown'))
  })
}

/** Source code runs through tsx; the built program has the host as one file beside it. */
function hostCommand(): string[] {
  if (!import.meta.url.endsWith('.ts')) return [fileURLToPath(new URL('./engine-host.js', import.meta.url))]
  const tsx = createRequire(import.meta.url).resolve('tsx')
  return ['--import', pathToFileURL(tsx).href, fileURLToPath(new URL('./host.ts', import.meta.url))]
}

/** Turns the end of a host into one sentence, from what the engine wrote to stderr. */
export function explain(code: number | string, output: string, dataDir: string): 'locked' | DbError {
  if (/Cannot lock file|Another server instance in same directory/.test(output)) return 'locked'
  const cause = new Error(output.trim() || `The engine ended with ${code}`)
  if (code === 70)
    return new DbError(
      `The embedded engine does not run on this machine (${process.platform} ${process.arch}): it needs Linux with glibc or macOS and a complete "npm install"; or set CLICKHOUSE_URL to use a server.`,
      { cause, code: 'NO_ENGINE' },
    )
  if (/NOT_ENOUGH_SPACE|No space left/.test(output))
    return new DbError(`The disk of the data folder ${dataDir} is full: free some space and start again.`, {
      cause,
    })
  if (/Permission denied|Read-only file system/.test(output))
    return new DbError(
      `The data folder ${dataDir} cannot be written: give this user the right to write there.`,
      { cause },
    )
  const file = /((?:\/|store\/|metadata\/)[^\s'"]+\.sql)\b/.exec(output)?.[1]
  if (file)
    return new DbError(
      `The data folder ${dataDir} is damaged: the engine cannot read ${file}. Put that file back from a backup, or restore the folder; nothing was changed.`,
      { cause, code: 'DAMAGED' },
    )
  const last = /DB::Exception: ([^\n]{1,300})/.exec(output)?.[1] ?? cause.message.split('\n').at(-1)
  return new DbError(`The engine could not open the data folder ${dataDir}: ${last}`, { cause })
}
