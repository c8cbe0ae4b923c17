import { open, rename, rm } from 'node:fs/promises'
import path from 'node:path'

/** A file is there whole or not at all: written aside, on disk, then named. What had the name before is replaced. */
export async function writeDurably(file: string, body: string | Uint8Array): Promise<void> {
  const aside = path.join(path.dirname(file), `.${path.basename(file)}.${process.pid}.part`)
  try {
    const handle = await open(aside, 'w', 0o600)
    try {
      await handle.writeFile(body)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(aside, file)
  } catch (error) {
    await rm(aside, { force: true })
    throw error
  }
  await settleFolder(path.dirname(file))
}

/** Makes sure that the names in a folder are on disk. */
export async function settleFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

export const isCode = (error: unknown, ...codes: string[]): boolean =>
  error instanceof Error && 'code' in error && codes.includes(String(error.code))
