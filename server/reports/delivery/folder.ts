import { copyFile, link, lstat, mkdir, open, realpath, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Destination } from '../../../sql/reportSchedules.ts'
import { isCode, settleFolder } from '../../durable.ts'
import type { Parcel } from '../parcel.ts'
import { aboutName, hasAbout, markedName, safeName, sha256Of } from './bytes.ts'
import { delivered, type Handed, refused } from './handed.ts'
import type { DeliverySettings } from './settings.ts'

type Folder = Extract<Destination, { kind: 'folder' }>

/**
 * Lays the file into a folder under its own name. What lies there already is never changed: the same content is taken as delivered,
 * beside another content the file gets a name with its checksum.
 */
export async function toFolder(
  { key, file, message }: Parcel,
  destination: Folder,
  { outgoing, folders }: Pick<DeliverySettings, 'outgoing' | 'folders'>,
): Promise<Handed> {
  const folder = await allowedFolder(destination.path, outgoing, folders)
  if (folder === undefined)
    return refused(
      `The folder ${destination.path} is not allowed: give one below reports/outgoing of the data folder, or name what lies above it in REPORT_FOLDERS.`,
    )
  await mkdir(folder, { recursive: true })
  const aside = path.join(folder, `.${key}.part`)
  const tell = async (place: string) => {
    if (!hasAbout(file.name)) return
    await writeFile(aside, message.text, { flush: true })
    await nameIt(aside, aboutName(place))
    await settleFolder(folder)
  }
  try {
    await copyFile(file.path, aside)
    const handle = await open(aside, 'r')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
    for (const name of [safeName(file.name), markedName(file.name, file.sha256.slice(0, 16))]) {
      const place = path.join(folder, name)
      const isNew = await nameIt(aside, place)
      if (!isNew && (await sha256Of(place)) !== file.sha256) continue
      await rm(aside, { force: true })
      await settleFolder(folder)
      await tell(place)
      return delivered(place, isNew ? '' : 'It was there already.')
    }
    return refused(`Other files have the names that ${safeName(file.name)} could have in ${folder}.`)
  } finally {
    await rm(aside, { force: true })
  }
}

/** Gives a file a name that nothing has yet. */
async function nameIt(aside: string, place: string): Promise<boolean> {
  try {
    await link(aside, place)
    return true
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false
    // file systems that know one name for each file
    if (!isCode(error, 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK')) throw error
  }
  const taken = await lstat(place).catch(() => undefined)
  if (taken) return false
  await rename(aside, place)
  return true
}

/** Where a folder really lies, links followed; undefined when that is outside of what is allowed. */
async function allowedFolder(
  given: string,
  outgoing: string,
  folders: string[],
): Promise<string | undefined> {
  if (given.includes('\0')) return undefined
  await mkdir(outgoing, { recursive: true })
  const wanted = path.resolve(outgoing, given)
  const real = await whereItLies(wanted)
  for (const root of path.isAbsolute(given) ? folders : [outgoing])
    if (isBelow(wanted, path.resolve(root)) && isBelow(real, await whereItLies(path.resolve(root))))
      return real
  return undefined
}

/** The real path of what is there already, and what follows it. */
async function whereItLies(folder: string): Promise<string> {
  try {
    return await realpath(folder)
  } catch (error) {
    const above = path.dirname(folder)
    if (!isCode(error, 'ENOENT') || above === folder) throw error
    // a link that leads nowhere yet may lead anywhere
    if (await lstat(folder).catch(() => undefined)) throw new Error(`${folder} is a link that leads nowhere.`)
    return path.join(await whereItLies(above), path.basename(folder))
  }
}

const isBelow = (folder: string, root: string): boolean =>
  folder === root || folder.startsWith(root.endsWith(path.sep) ? root : root + path.sep)
