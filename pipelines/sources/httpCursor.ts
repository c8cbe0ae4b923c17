import { open, readFile, rename } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'

const cursorSchema = z.object({
  /** What was asked; of another question nothing is known yet. */
  question: z.string(),
  /** How far the source has been read, as ISO 8601. */
  position: z.iso.datetime().nullable(),
  /** When it was last asked and everything was loaded. */
  asked_at: z.iso.datetime().nullable(),
  etag: z.string().nullable(),
  last_modified: z.string().nullable(),
  last_file: z.string().nullable(),
  last_load_id: z.string().nullable(),
  last_at: z.string().nullable(),
})

/** What is remembered of a source that is asked. */
export type HttpCursor = z.output<typeof cursorSchema>

const fileIn = (folder: string): string => path.join(folder, 'cursor.json')

/** The cursor of this question; a new one when there is none, or none that can be read: rows asked for again count once. */
export async function readCursor(folder: string, question: string): Promise<HttpCursor> {
  const nothing = { position: null, asked_at: null, etag: null, last_modified: null }
  const none = { question, ...nothing, last_file: null, last_load_id: null, last_at: null }
  try {
    const read = cursorSchema.parse(JSON.parse(await readFile(fileIn(folder), 'utf8')))
    return read.question === question ? read : none
  } catch {
    return none
  }
}

/** When this returns the cursor survives any crash; until then the earlier one does. */
export async function writeCursor(folder: string, cursor: HttpCursor): Promise<void> {
  const file = fileIn(folder)
  const handle = await open(`${file}.part`, 'w', 0o600)
  try {
    await handle.writeFile(`${JSON.stringify(cursor, null, 2)}\n`)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(`${file}.part`, file)
  const dir = await open(folder, 'r')
  try {
    await dir.sync()
  } finally {
    await dir.close()
  }
}
