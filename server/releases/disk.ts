import { link, mkdir, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { settleFolder } from '../durable.ts'

/** What is done to the disk for a release, call by call, so that a test can end the process before any of them. */
export const disk = {
  makeFolder: async (path: string): Promise<void> => {
    await mkdir(path, { recursive: true })
  },
  /** A new file nobody changes any more; it is on the disk when this returns. */
  write: (path: string, body: string | Uint8Array): Promise<void> =>
    writeFile(path, body, { flag: 'wx', mode: 0o444, flush: true }),
  link: (from: string, to: string): Promise<void> => link(from, to),
  symlink: (target: string, path: string): Promise<void> => symlink(target, path),
  rename: (from: string, to: string): Promise<void> => rename(from, to),
  remove: (path: string): Promise<void> => rm(path, { recursive: true, force: true }),
  /** Makes sure that the names in a folder are on the disk. */
  settle: settleFolder,
}
export type Disk = typeof disk

/** Where a symbolic link leads; undefined where there is nothing. */
export const leadsTo = (path: string): Promise<string | undefined> =>
  readlink(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
