import { randomUUID } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { open, readdir, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { unzipSync } from 'fflate'
import { packingOf, unpack } from '../decoders/unpack.ts'
import { withLock } from '../lock.ts'
import { records } from './records.ts'

/**
 * What is not looked through: the engine's own files, what is there only while a load or a question runs, figures that were published, locks
 * and backups.
 */
const others = [
  'clickhouse',
  'spool',
  'incoming',
  'locks',
  'releases',
  'sites',
  'public',
  'backups',
  'erasing',
]

export type Searched = {
  /** Whether a text names one of the people. */
  names: (text: string) => boolean
  /** Whether a Parquet file does; the engine reads it. */
  inParquet: (file: string) => Promise<boolean>
}

/** A file that names somebody. `lines`: so many lines of it. Null: it can only go as a whole. */
export type Named = { file: string; lines: number | null }

/** All files of the data folder and of the folders that are watched, however deep. */
export async function filesBeside(dataDir: string, watched: readonly string[]): Promise<string[]> {
  const top = await readdir(dataDir)
  const folders = [
    ...top.filter((name) => !others.includes(name)).map((name) => path.join(dataDir, name)),
    ...watched.map((folder) => path.resolve(dataDir, folder)),
  ]
  const found = await Promise.all(folders.map(filesUnder))
  return [...new Set(found.flat())].filter(
    (file) => !/\.(key|lock)$|clearway\.config\.json$|erasures\.ndjson$/.test(file),
  )
}

async function filesUnder(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch((error) => {
    if (error.code === 'ENOTDIR') return undefined
    if (error.code === 'ENOENT') return []
    throw error
  })
  if (!entries) return [folder]
  return entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name))
}

const isLines = /\.(csv|tsv|txt|ndjson|jsonl)(\.gz)?$/i
const isCsv = /\.(csv|tsv|txt)(\.gz)?$/i

/** Whether a file names somebody; undefined when it does not, or is gone meanwhile. */
export async function search(file: string, { names, inParquet }: Searched): Promise<Named | undefined> {
  try {
    if (names(path.basename(file))) return { file, lines: null }
    if (isLines.test(file)) {
      let lines = 0
      for await (const record of recordsOf(file)) if (names(record)) lines += 1
      return lines > 0 ? { file, lines } : undefined
    }
    if ((await beginOf(file)) === 'PAR1') return (await inParquet(file)) ? { file, lines: null } : undefined
    for await (const text of textsOf(file)) if (names(text)) return { file, lines: null }
    return undefined
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/** Takes people out of a file: their lines, or the file where it has none. */
export async function eraseFrom({ file, lines }: Named, { names }: Searched): Promise<void> {
  if (lines === null) return rm(file, { force: true })
  const aside = path.join(path.dirname(file), `.${randomUUID()}.part`)
  const kept = Readable.from(without(file, names))
  const to = createWriteStream(aside, { flags: 'wx', mode: 0o600, flush: true })
  try {
    await (/\.gz$/i.test(file) ? pipeline(kept, createGzip(), to) : pipeline(kept, to))
    await rename(aside, file)
  } finally {
    await rm(aside, { force: true })
  }
}

/** The same for answers of the form that wait: whoever writes them waits, and finds another file after it. */
export const eraseAnswers = (dataDir: string, named: Named, searched: Searched): Promise<void> =>
  withLock(path.join(dataDir, 'locks'), 'answers', () => eraseFrom(named, searched))

async function* without(file: string, names: Searched['names']): AsyncGenerator<string> {
  for await (const record of recordsOf(file)) if (!names(record)) yield record
}

async function* recordsOf(file: string): AsyncGenerator<string> {
  const packing = await packingIn(file)
  const blocks = packing
    ? unpack(packing, file, path.basename(file), () => {})
    : createReadStream(file, { highWaterMark: 1 << 20 })
  yield* records(blocks, isCsv.test(file))
}

/** What a file says, in pieces that cut no word in two: a spreadsheet by its parts, everything else line by line. */
async function* textsOf(file: string): AsyncGenerator<string> {
  if ((await beginOf(file)) !== 'PK\x03\x04') {
    const packing = await packingIn(file)
    const blocks = packing
      ? unpack(packing, file, path.basename(file), () => {})
      : createReadStream(file, { highWaterMark: 1 << 20 })
    return yield* records(blocks, false)
  }
  const chunks: Buffer[] = []
  for await (const chunk of createReadStream(file)) chunks.push(chunk as Buffer)
  for (const part of Object.values(unzipSync(Buffer.concat(chunks)))) yield Buffer.from(part).toString('utf8')
}

async function headOf(file: string): Promise<Buffer> {
  const handle = await open(file, 'r')
  try {
    const head = Buffer.alloc(4)
    await handle.read(head, 0, 4, 0)
    return head
  } finally {
    await handle.close()
  }
}
const packingIn = async (file: string) => packingOf(await headOf(file))
/** The four letters that say what a file is. */
const beginOf = async (file: string): Promise<string> => (await headOf(file)).toString('latin1')
