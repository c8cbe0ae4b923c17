import { createWriteStream } from 'node:fs'
import { chmod, link, mkdir, open, readdir, rename, rm, rmdir, stat, statfs, symlink } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { withLock } from '../../pipelines/lock.ts'
import { isAlive } from '../../sql/alive.ts'
import { copiesFolder, takeTables } from '../../sql/backup.ts'
import { openDb } from '../../sql/db.ts'
import { pathsOf, readAddress } from '../../sql/engine/files.ts'
import { doneMigrations, migrations } from '../../sql/migrate.ts'
import { isCode, settleFolder } from '../durable.ts'
import { BackupError } from './backupError.ts'
import { type Head, tablesName } from './head.ts'
import { type Found, unpack } from './unpack.ts'

export type Restored = { head: Head; files: number; bytes: number; folder: string }

/**
 * Makes a data folder of a backup. It is made beside the place it gets, compared with the checksums, opened once, and gets its name last: whoever
 * dies before that leaves nothing there, and the next try begins anew.
 */
export async function restore(
  file: string,
  dataDir: string,
  onShare: (share: number) => void = () => {},
): Promise<Restored> {
  const folder = resolve(dataDir)
  await mustBeEmpty(folder)
  const parent = dirname(folder)
  await mkdir(parent, { recursive: true })
  const name = `${basename(folder)}.restoring`
  const restored = await withLock(
    parent,
    name,
    () => build(resolve(file), folder, join(parent, name), onShare),
    {
      wait: false,
    },
  )
  if (restored) return restored
  throw new BackupError(`Another restore to ${folder} runs just now: wait for it.`)
}

async function build(
  file: string,
  folder: string,
  draft: string,
  onShare: (share: number) => void,
): Promise<Restored> {
  // left by one that died, whose engine ends a moment after it
  await removed(draft)
  await mkdir(draft, { mode: 0o700 })
  try {
    const size = await stat(file).then(
      (about) => about.size,
      () => 0,
    )
    await needRoom(dirname(folder), size)
    let read = 0
    const about = await unpack(file, {
      onHead: (head) => mustBeKnown(file, head),
      take: (found) => take(draft, found),
      onBytes: (bytes) => {
        read += bytes
        onShare((0.9 * read) / Math.max(1, size))
      },
    })
    await fillStore(draft, about.head)
    await settle(draft)
    await putInPlace(draft, folder)
    onShare(1)
    return { ...about, folder }
  } catch (error) {
    await removed(draft)
    if (isCode(error, 'ENOSPC', 'EDQUOT', '243')) throw noRoom(dirname(folder))
    throw error
  }
}

const removed = (folder: string) =>
  rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })

async function mustBeEmpty(folder: string): Promise<void> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (isCode(error, 'ENOENT')) return []
    if (isCode(error, 'ENOTDIR')) throw new BackupError(`${folder} is a file: give a folder with --data.`)
    throw error
  })
  if (names.length > 0)
    throw new BackupError(
      `The data folder ${folder} is not empty, and nothing is overwritten: give a new one with --data, or move this one away.`,
    )
}

function mustBeKnown(file: string, head: Head): void {
  const known = new Set(migrations.map(({ name }) => name))
  const newer = head.migrations.find((name) => !known.has(name))
  if (newer)
    throw new BackupError(
      `${file} was made by a newer Clearway (${head.clearway}): migration ${newer} is not in this one. Update Clearway.`,
    )
}

/** A link to a file that has several names is made of the first of them, which came before. */
async function take(draft: string, { path, type, mode, to }: Found) {
  const place = join(draft, path.startsWith(`${tablesName}/`) ? `backups/${path}` : path)
  await mkdir(dirname(place), { recursive: true })
  if (type === 'file') return createWriteStream(place, { flags: 'wx', mode: mode & 0o777 })
  if (type === 'directory') {
    await mkdir(place, { recursive: true })
    // what comes into it must be written first; owners may always
    await chmod(place, (mode & 0o777) | 0o700)
  } else if (type === 'symlink') await symlink(to, place)
  else await link(join(draft, to), place)
  return undefined
}

/** The tables go into a store of their own; then the engine ends, so that its folder can be moved. */
async function fillStore(draft: string, head: Head): Promise<void> {
  const db = await openDb({ CLEARWAY_DATA: draft, CLICKHOUSE_DATABASE: head.database })
  try {
    await takeTables(db, tablesName)
    const done = await doneMigrations(db)
    if (JSON.stringify(done) !== JSON.stringify(head.migrations))
      throw new BackupError('The tables of the backup are not those it tells of. Take another backup.')
  } finally {
    const paths = pathsOf(draft)
    const address = readAddress(paths)
    await db.close()
    while (address && isAlive(address.pid)) await wait(20)
    for (const path of [
      join(copiesFolder(draft), tablesName),
      paths.spool,
      paths.address,
      paths.key,
      paths.log,
    ])
      await rm(path, { recursive: true, force: true })
  }
}

/** Makes sure that all of it is on the disk, which neither the engine nor what was unpacked has waited for. */
async function settle(folder: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  await Promise.all(files.map(({ name }) => settleFile(join(folder, name))))
  for (const entry of entries) if (entry.isDirectory()) await settle(join(folder, entry.name))
  await settleFolder(folder)
}

async function settleFile(path: string): Promise<void> {
  const handle = await open(path, 'r')
  await handle.sync().finally(() => handle.close())
}

async function putInPlace(draft: string, folder: string): Promise<void> {
  try {
    await rmdir(folder).catch((error: unknown) => {
      if (!isCode(error, 'ENOENT')) throw error
    })
    await rename(draft, folder)
  } catch (error) {
    if (isCode(error, 'ENOTEMPTY', 'EEXIST'))
      throw new BackupError(`Something was put into ${folder} meanwhile: empty it and restore again.`)
    if (isCode(error, 'EBUSY', 'EXDEV'))
      throw new BackupError(
        `${folder} is a disk of its own and cannot be replaced: give a folder on it with --data, like ${join(folder, 'data')}.`,
      )
    throw error
  }
  await settleFolder(dirname(folder))
}

/** What is unpacked and what the engine makes of it lie beside each other for a moment. */
async function needRoom(folder: string, size: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder)
  const needed = 2 * size + 64 * 2 ** 20
  if (bavail * bsize < needed) throw noRoom(folder, needed)
}

const noRoom = (folder: string, needed?: number) =>
  new BackupError(
    `There is too little room at ${folder}${needed === undefined ? '' : `: ${Math.ceil(needed / 2 ** 20)} MB are needed`}. Free some, or give another folder with --data.`,
  )
