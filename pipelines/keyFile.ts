import { randomBytes, randomUUID } from 'node:crypto'
import { link, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'

/** A random key of the data folder as hex: made once and whole, kept beside the data, never stored in it. */
export async function keyFile(dataDir: string, name: string, bytes: number): Promise<string> {
  const file = path.join(dataDir, name)
  const held = await readFile(file, 'utf8').catch(() => undefined)
  if (held) return held.trim()
  // left empty by a process that died or a disk that was full
  if (held === '') await rm(file, { force: true })
  const draft = `${file}.${randomUUID()}.draft`
  try {
    await writeFile(draft, randomBytes(bytes).toString('hex'), { flag: 'wx', mode: 0o600, flush: true })
    await link(draft, file)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  } finally {
    await rm(draft, { force: true })
  }
  return (await readFile(file, 'utf8')).trim()
}
