/** The only place that knows whether a ClickHouse server or the embedded engine answers. */
import { accessSync, constants, existsSync, mkdirSync, statfsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client'
import { DbError } from './engine/dbError.ts'
import { type Connection, EngineSupervisor } from './engine/start.ts'

export { DbError }

export type DbEnv = {
  CLEARWAY_DATA: string
  CLICKHOUSE_URL?: string | undefined
  CLICKHOUSE_USER?: string | undefined
  CLICKHOUSE_PASSWORD?: string | undefined
  /** `clearway` when not given. */
  CLICKHOUSE_DATABASE?: string | undefined
}

/** What opens a store, and nothing else of a larger environment. */
export const dbEnv = (
  { CLICKHOUSE_URL, CLICKHOUSE_USER, CLICKHOUSE_PASSWORD, CLICKHOUSE_DATABASE }: Partial<DbEnv>,
  CLEARWAY_DATA: string,
): DbEnv => ({ CLEARWAY_DATA, CLICKHOUSE_URL, CLICKHOUSE_USER, CLICKHOUSE_PASSWORD, CLICKHOUSE_DATABASE })

type Calls = Pick<ClickHouseClient, 'query' | 'command' | 'insert' | 'exec'>

export interface Db extends Calls {
  readonly kind: 'embedded' | 'server'
  /** The engine's version, like `26.7.2.1`. */
  readonly version: string
  /** Absolute path of the data folder. */
  readonly dataDir: string
  readonly database: string
  /** True when the store answers now. */
  ping(): Promise<boolean>
  /** Gives the engine back; the last one to do so ends it. */
  close(): Promise<void>
}

const oldestServer = { major: 24, minor: 8 }
const leastFreeBytes = 32 * 1024 * 1024
const settings = {
  async_insert: 0,
  output_format_json_quote_64bit_integers: 0,
  date_time_output_format: 'iso',
  max_execution_time: 600,
} as const

/** Opens the store, creating data folder and database when missing. Throws a DbError that says what to mend. */
export async function openDb(env: DbEnv): Promise<Db> {
  const dataDir = prepareFolder(resolve(env.CLEARWAY_DATA))
  const database = env.CLICKHOUSE_DATABASE ?? 'clearway'
  return env.CLICKHOUSE_URL
    ? openServer(env.CLICKHOUSE_URL, env, dataDir, database)
    : openEmbedded(dataDir, database)
}

async function openServer(url: string, env: DbEnv, dataDir: string, database: string): Promise<Db> {
  const login = {
    url,
    ...(env.CLICKHOUSE_USER ? { username: env.CLICKHOUSE_USER } : {}),
    ...(env.CLICKHOUSE_PASSWORD ? { password: env.CLICKHOUSE_PASSWORD } : {}),
    log: { level: ClickHouseLogLevel.OFF },
  }
  const probe = newClient({ ...login, request_timeout: 15_000 })
  let version: string
  try {
    version = await readVersion(probe)
    checkVersion(version)
    await createDatabase(probe, database)
  } catch (error) {
    throw refusal(error, url, env.CLICKHOUSE_USER ?? 'default')
  } finally {
    await probe.close()
  }
  const client = createClient({ ...defaults, ...login, database, compression: { response: true } })
  return {
    kind: 'server',
    version,
    dataDir,
    database,
    query: (params) => client.query(params),
    command: (params) => client.command(params),
    insert: (params) => client.insert(params),
    exec: (params) => client.exec(params),
    ping: async () => (await client.ping({ select: true })).success,
    close: () => client.close(),
  }
}

async function openEmbedded(dataDir: string, database: string): Promise<Db> {
  const engine = await EngineSupervisor.open(dataDir)
  const clients = new ClientOfTheDay(engine, database)
  try {
    const version = await clients.use((client) => readVersion(client))
    return {
      kind: 'embedded',
      version,
      dataDir,
      database,
      query: (params) => clients.use((client) => client.query(params)),
      command: (params) => clients.use((client) => client.command(params)),
      insert: (params) => clients.use((client) => client.insert(params), Array.isArray(params.values)),
      exec: (params) => clients.use((client) => client.exec(params), !('values' in params)),
      ping: () =>
        clients
          .use((client) => client.ping())
          .then(
            (answer) => answer.success,
            () => false,
          ),
      close: () => clients.close(),
    }
  } catch (error) {
    await clients.close()
    throw error
  }
}

const defaults = {
  request_timeout: 600_000,
  max_open_connections: 16,
  log: { level: ClickHouseLogLevel.OFF },
  clickhouse_settings: settings,
}

function newClient(config: Parameters<typeof createClient>[0]): ClickHouseClient {
  try {
    return createClient(config)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new DbError(`CLICKHOUSE_URL is not an address of a server: ${reason}`, { cause: error })
  }
}

/** The client of the engine that runs now; an engine that was started again gets a new one. */
class ClientOfTheDay {
  #made: { engine: Connection; client: Promise<ClickHouseClient> } | undefined

  constructor(
    private readonly engine: EngineSupervisor,
    private readonly database: string,
  ) {}

  /** `repeatable`: the call can be sent once more when nobody took it; a stream that was begun cannot. */
  async use<T>(call: (client: ClickHouseClient) => Promise<T>, repeatable = true): Promise<T> {
    for (let again = repeatable; ; again = false) {
      const client = await this.#current()
      try {
        return await call(client)
      } catch (error) {
        const code = error instanceof Error && 'code' in error ? error.code : undefined
        if (code === 'ECONNREFUSED' && again) await this.#ended()
        else if (isCut(error))
          throw new DbError('The engine stopped while answering; it is being started again, so try again.', {
            cause: error,
            code: 'ENGINE_GONE',
          })
        else throw error
      }
    }
  }

  async close(): Promise<void> {
    const made = this.#made
    this.engine.close()
    await made?.client.then(
      (client) => client.close(),
      () => {},
    )
  }

  async #current(): Promise<ClickHouseClient> {
    const engine = await this.engine.current()
    if (this.#made?.engine !== engine) {
      this.#made?.client.then((client) => client.close()).catch(() => {})
      const client = this.#open(engine)
      client.catch(() => {
        if (this.#made?.client === client) this.#made = undefined
      })
      this.#made = { engine, client }
    }
    return this.#made.client
  }

  async #open({ url, key }: Connection): Promise<ClickHouseClient> {
    const login = { url, username: 'clearway', password: key }
    const plain = createClient({ ...login, log: defaults.log })
    await createDatabase(plain, this.database)
    await plain.close()
    return createClient({ ...defaults, ...login, database: this.database })
  }

  /** A refused connection arrives before the news that the engine has ended. */
  async #ended(): Promise<void> {
    await this.#made?.engine.gone
  }
}

function isCut(error: unknown): boolean {
  const codes = ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']
  if (!(error instanceof Error)) return false
  return ('code' in error && codes.includes(String(error.code))) || error.message === 'socket hang up'
}

async function readVersion(client: ClickHouseClient): Promise<string> {
  const result = await client.query({ query: 'SELECT version()', format: 'TabSeparated' })
  return (await result.text()).trim()
}

async function createDatabase(client: ClickHouseClient, database: string): Promise<void> {
  if (!/^\w+$/.test(database))
    throw new DbError(`CLICKHOUSE_DATABASE "${database}" may hold only letters, digits and underscores.`)
  const query = `SELECT count() FROM system.databases WHERE name = '${database}'`
  const found = await (await client.query({ query, format: 'TabSeparated' })).text()
  if (found.trim() === '0') await client.command({ query: `CREATE DATABASE IF NOT EXISTS ${database}` })
}

/** Whether an engine's version, like `26.7.2.1`, is this one or a newer one. */
export function isAtLeast(version: string, major: number, minor: number): boolean {
  const [itsMajor = 0, itsMinor = 0] = version.split('.').map(Number)
  return itsMajor > major || (itsMajor === major && itsMinor >= minor)
}

function checkVersion(version: string): void {
  if (!isAtLeast(version, oldestServer.major, oldestServer.minor))
    throw new DbError(
      `The ClickHouse server is version ${version}, and Clearway needs ${oldestServer.major}.${oldestServer.minor} or newer: update the server, or unset CLICKHOUSE_URL to use the embedded engine.`,
    )
}

function refusal(error: unknown, url: string, user: string): DbError {
  if (error instanceof DbError) return error
  const message = error instanceof Error ? error.message : String(error)
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const exception = /^\d+$/.test(code) ? code : /Code: (\d+)/.exec(message)?.[1]
  const where = withoutPassword(url)
  if (exception && ['516', '192', '193', '194'].includes(exception))
    return new DbError(
      `The ClickHouse server at ${where} refused user "${user}": check CLICKHOUSE_USER and CLICKHOUSE_PASSWORD.`,
      { cause: error },
    )
  if (exception)
    return new DbError(`The ClickHouse server at ${where} answered with an error: ${message}`, {
      cause: error,
    })
  return new DbError(
    `No ClickHouse server answers at ${where} (${code || message || 'no answer'}): check CLICKHOUSE_URL and that the server runs.`,
    { cause: error },
  )
}

function withoutPassword(url: string): string {
  const parsed = new URL(url)
  parsed.username = ''
  parsed.password = ''
  return parsed.href
}

/** Makes a folder and those above it one by one: `recursive` tries for ever where a file system takes no folders. */
function makeFolder(path: string): void {
  if (existsSync(path)) return
  makeFolder(dirname(path))
  try {
    mkdirSync(path)
  } catch (error) {
    // another process may have been quicker
    if (!existsSync(path)) throw error
  }
}

function prepareFolder(dataDir: string): string {
  if (/[*?{}]/.test(dataDir))
    throw new DbError(
      `The path of the data folder ${dataDir} must not hold * ? { or }: choose another CLEARWAY_DATA.`,
    )
  try {
    makeFolder(dataDir)
    accessSync(dataDir, constants.W_OK | constants.X_OK)
  } catch (error) {
    throw new DbError(
      `The data folder ${dataDir} cannot be made or written: give this user the right to write there, or choose another folder with CLEARWAY_DATA.`,
      { cause: error },
    )
  }
  const disk = statfsSync(dataDir)
  if (disk.bavail * disk.bsize < leastFreeBytes)
    throw new DbError(`The disk of the data folder ${dataDir} is full: free at least 32 MB and start again.`)
  return dataDir
}
