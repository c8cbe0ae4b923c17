import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { lstat, readdir, rm, stat, statfs } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import { withLock } from '../../pipelines/lock.ts'
import { locks } from '../../pipelines/publish.ts'
import { completeDead } from '../../pipelines/recover.ts'
import { bytesOfTables, copiesFolder, copiesIn, copyTables } from '../../sql/backup.ts'
import { dataVersion } from '../../sql/dataVersion.ts'
import type { Db } from '../../sql/db.ts'
import { doneMigrations } from '../../sql/migrate.ts'
import { isCode } from '../durable.ts'
import { configName, configPath } from '../open.ts'
import { version } from '../version.ts'
import { BackupError } from './backupError.ts'
import { type Head, layout, tablesName } from './head.ts'
import { type LastBackup, lastBackupName, noteBackup } from './lastBackup.ts'
import { Packing } from './pack.ts'

/** What belongs to the running engine and to this machine, or is made again; by its path in the data folder. */
const notKept = new Set([
  ...['clickhouse', 'spool', 'backups', 'locks', 'incoming', lastBackupName],
  ...['engine.json', 'engine.key', 'engine.log', tablesName],
])
/** What is being written just now. */
const drafts =
  /\.(part|draft)$|^engine\.(json|key|log)\.|\.lock(\.break)?$|^(releases|reports\/[^/]+)\/\.[^/]+$|^reports\/making$/
const isLeftOut = (path: string) => notKept.has(path) || drafts.test(path)

/** Reports that were sent: they only ever come, so they are copied when everybody works again. */
const archive = 'reports/archive'

export type Making = { onShare?: (share: number) => void; now?: () => Date }

/**
 * Puts all that is held into one file, while the server runs and loads run. For as long as the tables and the small files are copied nobody
 * publishes, so that all of it is of one moment: what was acknowledged before is in it, as rows or as what waits to be loaded.
 */
export async function makeBackup(
  db: Db,
  out: string,
  { onShare = () => {}, now = () => new Date() }: Making = {},
): Promise<LastBackup> {
  const { dataDir, database } = db
  if (db.kind === 'server')
    throw new BackupError(
      `The tables are on a ClickHouse server, which backs them up itself: BACKUP DATABASE ${database} TO Disk('backups', 'clearway'). Copy the data folder ${dataDir} beside it, after the tables and while no load runs.`,
    )
  const made = await withLock(
    locks(db),
    'backup',
    async () => {
      const at = now()
      const file = await placeOf(out, dataDir, at)
      // left by one that died
      for (const name of await readdir(copiesFolder(dataDir)))
        if (/^[0-9a-f-]{36}$/.test(name)) await rm(copiesIn(dataDir, name), { recursive: true, force: true })
      const copies = randomUUID()
      try {
        const note = await pack(db, { file, copies, at, onShare })
        await noteBackup(dataDir, note)
        return note
      } finally {
        await rm(copiesIn(dataDir, copies), { recursive: true, force: true })
      }
    },
    { wait: false },
  )
  if (made) return made
  throw new BackupError('Another backup of this data folder is being made just now: wait for it.')
}

type Place = { file: string; copies: string; at: Date; onShare: (share: number) => void }

async function pack(db: Db, { file, copies, at, onShare }: Place): Promise<LastBackup> {
  const { dataDir } = db
  const beside = await sizeOf(dataDir, '', isLeftOut)
  const tables = await bytesOfTables(db)
  await needRoom(copiesFolder(dataDir), tables)
  await needRoom(dirname(file), beside + tables)
  let [done, whole] = [0, beside + tables]
  let packing: Packing | undefined
  const onBytes = (bytes: number) => {
    done += bytes
    onShare(Math.min(1, done / Math.max(1, whole)))
  }
  try {
    const { head, begun } = await inOneMoment(db, async () => {
      await copyTables(db, copies)
      whole = beside + (await sizeOf(copiesIn(dataDir, copies), ''))
      const head = await headOf(db, at)
      const begun = await Packing.start(file, head, onBytes)
      packing = begun
      // in this order: an answer moves from the first to the second
      await withLock(locks(db), 'answers', () => begun.folder(join(dataDir, 'answers'), 'answers'))
      await begun.folder(join(dataDir, 'push'), 'push', isLeftOut)
      const isLater = (path: string) => ['answers', 'push', archive].includes(path) || isLeftOut(path)
      await begun.folder(dataDir, '', isLater)
      const config = configPath(dataDir)
      if (config && dirname(config) !== dataDir) await begun.file(config, configName)
      return { head, begun }
    })
    await begun.folder(copiesIn(dataDir, copies), tablesName)
    await begun.folder(join(dataDir, archive), archive, isLeftOut)
    const about = await begun.end()
    return { made_at: head.made_at, file, ...about, data_version: head.data_version }
  } catch (error) {
    await packing?.abort()
    if (isCode(error, 'ENOSPC', 'EDQUOT', '243')) throw noRoom(dirname(file))
    throw error
  }
}

/** While this works nobody publishes rows, weeks, releases or steps of reports; each waits, and goes on after it. */
const inOneMoment = <T>(db: Db, work: () => Promise<T>): Promise<T> =>
  withLock(locks(db), 'releases', () =>
    withLock(locks(db), 'reports', () =>
      withLock(locks(db), 'weeks', () =>
        withLock(locks(db), 'publish', async () => {
          await completeDead(db)
          return work()
        }),
      ),
    ),
  )

async function headOf(db: Db, at: Date): Promise<Head> {
  return {
    ...{ backup: layout, clearway: version, made_at: at.toISOString(), engine: db.version },
    ...{ database: db.database, migrations: await doneMigrations(db) },
    data_version: (await dataVersion(db)).version,
  }
}

/** The file: in a folder it gets a name of its own. */
async function placeOf(out: string, dataDir: string, at: Date): Promise<string> {
  const given = resolve(out)
  const isFolder = await stat(given).then(
    (about) => about.isDirectory(),
    () => false,
  )
  const stamp = at.toISOString().slice(0, 19).replaceAll(':', '')
  const file = isFolder ? join(given, `clearway-${stamp}Z.tar`) : given
  if (!existsSync(dirname(file)))
    throw new BackupError(
      `The folder ${dirname(file)} does not exist: make it, or choose another place with --out.`,
    )
  if (!relative(dataDir, file).startsWith('..'))
    throw new BackupError(
      `${file} lies in the data folder, which would be lost with it: choose another place with --out.`,
    )
  if (existsSync(file)) throw new BackupError(`${file} exists already: choose another name, or a folder.`)
  return file
}

const spare = 64 * 1024 * 1024

async function needRoom(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder)
  if (bavail * bsize < bytes + spare) throw noRoom(folder, bytes)
}

const noRoom = (folder: string, bytes?: number) =>
  new BackupError(
    `There is too little room at ${folder}${bytes === undefined ? '' : `: ${Math.ceil((bytes + spare) / 2 ** 20)} MB are needed`}. Free some, or choose another place with --out.`,
  )

/** Bytes of all files below a folder. */
async function sizeOf(
  folder: string,
  as: string,
  skip: (path: string) => boolean = () => false,
): Promise<number> {
  let bytes = 0
  for (const name of await readdir(folder).catch(() => [])) {
    const inner = as === '' ? name : `${as}/${name}`
    const about = skip(inner) ? undefined : await lstat(join(folder, name)).catch(() => undefined)
    if (about?.isDirectory()) bytes += await sizeOf(join(folder, name), inner, skip)
    else if (about?.isFile()) bytes += about.size
  }
  return bytes
}
