import { randomBytes } from 'node:crypto'
import { open, readdir, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { isAlive } from '../sql/alive.ts'

/**
 * A file is there whole or not at all: written aside, on disk, then named. What had the name before is replaced. What a process that died
 * while it wrote in the same folder left aside is removed.
 */
export async function writeDurably(file: string, body: string | Uint8Array): Promise<void> {
  const folder = path.dirname(file)
  await writeWhole(file, body)
  await removeLeft(folder)
  await settleFolder(folder)
}

/** So many files are written at once: the disk settles them together. */
const together = 32

/** The same for many files of a folder, by name and body. Where one fails, some of the others may be there. */
export async function writeAllDurably(
  folder: string,
  files: Iterable<readonly [name: string, body: string]>,
): Promise<void> {
  const waiting = files[Symbol.iterator]()
  const writeOn = async () => {
    for (let next = waiting.next(); !next.done; next = waiting.next()) {
      const [name, body] = next.value
      await writeWhole(path.join(folder, name), body)
    }
  }
  await Promise.all(Array.from({ length: together }, writeOn))
  await removeLeft(folder)
  await settleFolder(folder)
}

/** Tells this process from one of the same number that ran before. */
const mine = randomBytes(4).toString('hex')

/** Its name is on disk once its folder is settled. */
async function writeWhole(file: string, body: string | Uint8Array): Promise<void> {
  const aside = path.join(path.dirname(file), `.${path.basename(file)}.${process.pid}-${mine}.part`)
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
}

/** A killed process removes nothing, and what it wrote may tell of people. */
async function removeLeft(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const [, pid, writer] = /^\..+\.(\d+)(?:-([0-9a-f]{8}))?\.part$/.exec(name) ?? []
    if (pid === undefined) continue
    const writes = Number(pid) === process.pid ? writer === mine : isAlive(Number(pid))
    if (!writes) await rm(path.join(folder, name), { force: true })
  }
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
