import { existsSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { withLock } from '../pipelines/lock.ts'
import { locks } from '../pipelines/publish.ts'
import { applyConfig } from '../sql/applyConfig.ts'
import { type Config, configSchema } from '../sql/config.ts'
import { type Db, openDb } from '../sql/db.ts'
import { migrate } from '../sql/migrate.ts'
import { noteConfig } from './audit/noteConfig.ts'
import { type Env, StartError } from './env.ts'

export const configName = 'clearway.config.json'

/** Opens the store and brings its tables up to date. The caller closes it. */
export async function openStore(env: Env): Promise<Db> {
  const db = await openDb(env)
  try {
    await migrate(db)
    return db
  } catch (error) {
    await db.close()
    throw error
  }
}

/** Where the configuration is: in the data folder, else where the command was started. */
export const configPath = (dataDir: string): string | undefined =>
  [join(dataDir, configName), resolve(configName)].find((candidate) => existsSync(candidate))

/** The configuration that was found. Null when there is none. */
export function findConfig(dataDir: string): Config | null {
  const path = configPath(dataDir)
  return path ? readConfig(path) : null
}

/** The configuration that figures are made under: the one that was found, else the sample city's where it was made. */
export function configInForce(dataDir: string): Config | null {
  const sample = join(dataDir, 'sample-city', configName)
  return findConfig(dataDir) ?? (existsSync(sample) ? readConfig(sample) : null)
}

/** The same for what can do without one: a place without services, promises and calendars. */
export const configOrNone = (dataDir: string): Config =>
  configInForce(dataDir) ?? configSchema.parse({ jurisdiction: { name: 'This place', time_zone: 'UTC' } })

/** What was read last, by path: a thousand schedules take long to check, and a running server asks often. */
const lastRead = new Map<string, { stamp: string; config: Config }>()

/** Throws a StartError that names the file, the place in it and what is wrong there. Read again only when the file changed. */
export function readConfig(path: string): Config {
  const { ino, size, mtimeNs } = statSync(path, { bigint: true })
  const stamp = [ino, size, mtimeNs].join(' ')
  const last = lastRead.get(path)
  if (last?.stamp === stamp) return last.config
  const config = checkedConfig(path)
  lastRead.set(path, { stamp, config })
  return config
}

function checkedConfig(path: string): Config {
  const text = readFileSync(path, 'utf8')
  const read = configSchema.safeParse(parse(path, text))
  if (read.success) return read.data
  const [issue] = read.error.issues
  throw new StartError(`${path}: ${issue?.path.join('.') || 'the file'}: ${issue?.message}.`)
}

function parse(path: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new StartError(`${path} is not JSON: ${error instanceof Error ? error.message : error}.`)
  }
}

/** Applies the configuration that was found, if any, and notes when it is another one than before. */
export async function configure(db: Db): Promise<void> {
  const config = findConfig(db.dataDir)
  if (!config) return
  await useConfig(db, config)
  await noteConfig(db, config)
}

/** Applies a configuration; what was derived under another one is derived anew. */
export async function useConfig(db: Db, config: Config): Promise<void> {
  await withLock(locks(db), 'publish', () => applyConfig(db, config))
}
