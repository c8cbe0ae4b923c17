/** Names of the engine's files in the data folder, and the two small ones that processes find it by. */
import { randomBytes, randomUUID } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export type Paths = Record<'store' | 'spool' | 'backups' | 'address' | 'key' | 'log', string>
export type Address = { pid: number; port: number; started: string }

export function pathsOf(dataDir: string): Paths {
  return {
    store: join(dataDir, 'clickhouse'),
    spool: join(dataDir, 'spool'),
    backups: join(dataDir, 'backups/'),
    address: join(dataDir, 'engine.json'),
    key: join(dataDir, 'engine.key'),
    log: join(dataDir, 'engine.log'),
  }
}

/** Where the running engine listens; undefined when none has written it down. It may be stale: ask before trusting. */
export function readAddress(paths: Paths): Address | undefined {
  try {
    return JSON.parse(readFileSync(paths.address, 'utf8')) as Address
  } catch {
    return undefined
  }
}

/** Written in one step, so that a reader never sees half of it. */
export function writeAddress(paths: Paths, address: Address): void {
  const draft = `${paths.address}.${randomUUID()}`
  writeFileSync(draft, JSON.stringify(address), { mode: 0o600 })
  renameSync(draft, paths.address)
}

/** The key of this data folder, made once; only its owner can read it. */
export function readKey(paths: Paths): string {
  try {
    return readFileSync(paths.key, 'utf8')
  } catch {
    const draft = `${paths.key}.${randomUUID()}`
    writeFileSync(draft, randomBytes(32).toString('hex'), { mode: 0o600 })
    try {
      linkSync(draft, paths.key)
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    } finally {
      rmSync(draft, { force: true })
    }
    return readFileSync(paths.key, 'utf8')
  }
}

export function makeFolders(paths: Paths): void {
  mkdirSync(paths.backups, { recursive: true })
}
