import { readdir, rm, stat } from 'node:fs/promises'
import path from 'node:path'

/** What the file is called that says why the one beside it did not load. */
export const note = '.reason.txt'

/** Days that files which did not load are kept: they hold personal data. */
export const keptDays = 30

/**
 * Removes what did not load more than 30 days ago, with its reason: of watched folders (paths from the data folder on) and of
 * every other source there is or was. The reason tells when it failed; a file without one is nothing of ours and stays.
 */
export async function forgetFailed(
  dataDir: string,
  watched: readonly string[],
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
      if (now - mtimeMs <= keptDays * 86_400_000) continue
      // the reason goes last: without it the file would stay for ever
      for (const file of [reason.slice(0, -note.length), reason]) await rm(file, { force: true })
    }
  }
}

const namesIn = (folder: string): Promise<string[]> => readdir(folder).catch(() => [])
