import { readdir, rm, stat } from 'node:fs/promises'
import path from 'node:path'

/** What the file is called that says why the one beside it did not load. */
export const note = '.reason.txt'

/** For how many days files are kept: they hold personal data. Null: for ever. */
export type KeptFiles = { failed_files: number; loaded_files: number | null }
const usual: KeptFiles = { failed_files: 30, loaded_files: null }
const dayMs = 86_400_000

/**
 * Removes what did not load longer ago than it is kept, with its reason: of watched folders (paths from the data folder on) and of
 * every other source there is or was. The reason tells when it failed; a file without one is nothing of ours and stays. What was loaded goes
 * where the configuration says so.
 */
export async function forgetFiles(
  dataDir: string,
  watched: readonly string[],
  { failed_files, loaded_files }: KeptFiles = usual,
  now: number = Date.now(),
): Promise<void> {
  const sources = path.join(dataDir, 'sources')
  const folders = [
    ...watched.map((folder) => path.resolve(dataDir, folder)),
    ...(await namesIn(sources)).map((name) => path.join(sources, name)),
  ]
  for (const folder of folders) {
    const failed = path.join(folder, 'failed')
    for (const name of await namesIn(failed)) {
      if (!name.endsWith(note)) continue
      const reason = path.join(failed, name)
      const { mtimeMs } = await stat(reason)
      if (now - mtimeMs <= failed_files * dayMs) continue
      // the reason goes last: without it the file would stay for ever
      for (const file of [reason.slice(0, -note.length), reason]) await rm(file, { force: true })
    }
    if (loaded_files === null) continue
    const done = path.join(folder, 'done')
    for (const name of await namesIn(done)) {
      const file = path.join(done, name)
      // it was moved there when it was loaded, which changed nothing but its name
      if (now - (await stat(file)).ctimeMs > loaded_files * dayMs) await rm(file, { force: true })
    }
  }
}

const namesIn = (folder: string): Promise<string[]> => readdir(folder).catch(() => [])
