import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { isCode, writeDurably } from '../durable.ts'

const noted = z.object({
  made_at: z.string(),
  file: z.string(),
  bytes: z.number(),
  sha256: z.string(),
  data_version: z.string(),
})
export type LastBackup = z.output<typeof noted>

/** A note beside the data, so that the status page can tell also while the store does not answer. It is in no backup itself. */
export const lastBackupName = 'last-backup.json'

/** Undefined where none was ever made. */
export async function readLastBackup(dataDir: string): Promise<LastBackup | undefined> {
  try {
    return noted.parse(JSON.parse(await readFile(join(dataDir, lastBackupName), 'utf8')))
  } catch (error) {
    if (isCode(error, 'ENOENT') || error instanceof SyntaxError || error instanceof z.ZodError)
      return undefined
    throw error
  }
}

export const noteBackup = (dataDir: string, last: LastBackup): Promise<void> =>
  writeDurably(join(dataDir, lastBackupName), JSON.stringify(last))
