import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { writeDurably } from '../durable.ts'
import { StartError } from '../env.ts'

const headsFile = z.object({
  at: z.string(),
  entries: z.number(),
  heads: z.array(z.string().regex(/^[0-9a-f]{16}:\d{1,15}:[0-9a-f]{64}$/)),
})

/** The last entries of all chains as they were kept in a file outside the store; none when there is no file yet. */
export async function readHeadsFile(path: string): Promise<string[]> {
  if (!existsSync(path)) return []
  const text = await readFile(path, 'utf8')
  try {
    return headsFile.parse(JSON.parse(text)).heads
  } catch {
    throw new StartError(
      `${path} holds no heads of an audit: name the file that an earlier --head wrote, or a new one.`,
    )
  }
}

/** Keeps them for the next time. */
export const writeHeadsFile = (path: string, heads: readonly string[], entries: number): Promise<void> =>
  writeDurably(path, `${JSON.stringify({ at: new Date().toISOString(), entries, heads }, null, 2)}\n`)
