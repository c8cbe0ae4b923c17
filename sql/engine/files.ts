/** Names of the engine's files in the data folder, and the two small ones that processes find it by. */
import { randomBytes, randomUUID } from 'node:crypto'
import { linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { isAlive } from '../alive.ts'

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

/** A file that gets its name once it is whole; the name tells who writes it. */
export const draftOf = (file: string): string => `${file}.${process.pid}-${randomUUID()}`

/** Removes the drafts of processes that died before their file was whole. */
export function removeDrafts(paths: Paths): void {
  const folder = dirname(paths.address)
  for (const name of readdirSync(folder)) {
    const pid = Number(/^engine\.(?:json|key|log)\.(\d+)-/.exec(name)?.[1])
    if (Number.isInteger(pid) && pid !== process.pid && !isAlive(pid))
      rmSync(join(folder, name), { force: true })
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
  const draft = draftOf(paths.address)
  writeFileSync(draft, JSON.stringify(address), { mode: 0o600 })
  renameSync(draft, paths.address)
}

/** The key of this data folder, made once; only its owner can read it. */
export function readKey(paths: Paths): string {
  try {
    return readFileSync(paths.key, 'utf8')
  } catch {
    const draft = draftOf(paths.key)
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
