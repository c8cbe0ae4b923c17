import { createReadStream } from 'node:fs'
import { type Readable, Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { extract, type Header } from 'tar-stream'
import { isCode } from '../durable.ts'
import { counting, telling } from '../reports/delivery/bytes.ts'
import { BackupError } from './backupError.ts'
import {
  type Head,
  headName,
  headSchema,
  isInner,
  layout,
  type Manifest,
  manifestName,
  manifestSchema,
} from './head.ts'

/** One thing of a backup. `to` is where a symbolic link leads, or the first name of a file that has several. */
export type Found = {
  path: string
  type: 'file' | 'directory' | 'symlink' | 'link'
  mode: number
  to: string
}

export type Unpacking = {
  /** Asked with the head before anything else is read; may refuse. */
  onHead?: (head: Head) => void
  /** Takes a thing: for a file gives where its bytes go. */
  take?: (found: Found) => Promise<Writable | undefined>
  onBytes?: (bytes: number) => void
}

/**
 * Reads a backup from its first byte to its last and compares every checksum. Throws a BackupError that names what is damaged, missing or too
 * much. What was taken before that is worth nothing then.
 */
export async function unpack(
  file: string,
  { onHead = () => {}, take = async () => undefined, onBytes = () => {} }: Unpacking = {},
): Promise<{ head: Head; files: number; bytes: number }> {
  const seen: Manifest = { files: [], links: [] }
  let head: Head | undefined
  let manifest: Manifest | undefined
  let at = 'its beginning'
  const archive = extract()
  const read = createReadStream(file, { highWaterMark: 1 << 17 })
  const reading = pipeline(read, telling(onBytes), archive)
  // who waits for bytes that come no more would wait for ever
  const broken = new AbortController()
  reading.catch((error: unknown) => broken.abort(error))
  try {
    for await (const entry of archive) {
      const found = foundOf(entry.header)
      at = found.path
      if (!head && found.path !== headName) throw noBackup(file)
      if (manifest) throw new BackupError(`${file} is damaged: ${at} stands behind its end.`)
      if (found.path === manifestName) {
        manifest = manifestSchema.parse(JSON.parse(await text(entry)))
        continue
      }
      if (!head) {
        const { through, sum } = counting()
        const body = await text(entry.pipe(through))
        head = headOf(file, body)
        seen.files.push({ path: headName, ...sum() })
        onHead(head)
        continue
      }
      if (found.type === 'file') {
        const { through, sum } = counting()
        const into = (await take(found)) ?? nowhere()
        await pipeline(entry as unknown as Readable, through, into, { signal: broken.signal })
        seen.files.push({ path: found.path, ...sum() })
        continue
      }
      await take(found)
      entry.resume()
      if (found.type !== 'directory') seen.links.push({ path: found.path, to: found.to })
    }
    await reading
  } catch (caught) {
    read.destroy()
    if (caught instanceof BackupError) throw caught
    const error: unknown = broken.signal.aborted ? broken.signal.reason : caught
    if (isCode(error, 'ENOENT', 'EISDIR', 'EACCES') && !head)
      throw new BackupError(`${file} is no file that can be read: give the path of a backup.`, {
        cause: error,
      })
    if (isCode(error, 'ENOSPC', 'EACCES', 'EDQUOT', 'EROFS')) throw error
    if (!head) throw noBackup(file)
    const why = error instanceof Error ? error.message : String(error)
    throw new BackupError(`${file} is damaged at ${at} (${why}). Take another backup.`, { cause: error })
  }
  if (!head) throw noBackup(file)
  if (!manifest) throw new BackupError(`${file} is cut off after ${at}. Take another backup.`)
  const fault = faultBetween(manifest, seen)
  if (fault) throw new BackupError(`${file} is damaged: ${fault}. Take another backup.`)
  return { head, files: seen.files.length, bytes: seen.files.reduce((sum, { bytes }) => sum + bytes, 0) }
}

function headOf(file: string, body: string): Head {
  let given: unknown
  try {
    given = JSON.parse(body)
  } catch {
    throw noBackup(file)
  }
  const { backup } = (given ?? {}) as { backup?: unknown }
  if (typeof backup === 'number' && backup > layout)
    throw new BackupError(
      `${file} was made by a newer Clearway (layout ${backup}, this one reads ${layout}). Update Clearway.`,
    )
  const read = headSchema.safeParse(given)
  if (!read.success) throw noBackup(file)
  return read.data
}

const noBackup = (file: string) =>
  new BackupError(`${file} is no backup of Clearway, or its beginning is damaged.`)

function foundOf(header: Header): Found {
  const { type, linkname } = header
  const path = header.name.replace(/\/$/, '')
  if (!isInner(path)) throw new BackupError(`A backup may not hold "${path}".`)
  if (type !== 'file' && type !== 'directory' && type !== 'symlink' && type !== 'link')
    throw new BackupError(`A backup may not hold "${path}", which is a ${type}.`)
  const to = linkname ?? ''
  // ours lead from `public` into `sites/7`: never out of the folder
  if ((type === 'symlink' || type === 'link') && !isInner(to))
    throw new BackupError(`A backup may not hold "${path}", which leads to "${to}".`)
  return { path, type, mode: header.mode ?? 0o600, to }
}

/** The first difference between what is listed and what was found. */
function faultBetween(listed: Manifest, found: Manifest): string | undefined {
  const files = new Map(found.files.map((file) => [file.path, file]))
  for (const { path, bytes, sha256 } of listed.files) {
    const file = files.get(path)
    if (!file) return `${path} is missing`
    if (file.sha256 !== sha256 || file.bytes !== bytes) return `${path} was changed`
    files.delete(path)
  }
  const [extra] = files.keys()
  if (extra !== undefined) return `${extra} is not in its list`
  const names = ({ links }: Manifest) => JSON.stringify(links)
  return names(listed) === names(found) ? undefined : 'its links were changed'
}

const nowhere = (): Writable => new Writable({ write: (_, __, done) => done() })
