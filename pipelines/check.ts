import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import path from 'node:path'
import { finished } from 'node:stream/promises'
import { decodeGtfsRealtime, snapshotFiles } from './decoders/gtfsRealtime.ts'
import { splitJsonArray } from './decoders/jsonArray.ts'
import { decodeOpen311 } from './decoders/open311.ts'
import { readParquetFooter } from './decoders/parquet.ts'
import { partByUnits, unitSeparator } from './decoders/tabs.ts'
import { packingOf, unpack } from './decoders/unpack.ts'
import { decodeXes } from './decoders/xes.ts'
import { LoadError } from './loadError.ts'
import type { Mapping } from './mapping.ts'
import { type Chunk, CsvScanner, LineScanner, likelyDelimiter, type Scan, type Scanner } from './scan.ts'

/** A file that passed every check, ready to be handed to the engine chunk by chunk. */
export type CheckedFile = {
  path: string
  format: 'csv' | 'ndjson' | 'parquet'
  columns: string[]
  delimiter: string
  rows: number
  chunks: Chunk[]
  bytes: number
  /** Columns of Parquet whose times are moments in UTC, not local times. */
  utcColumns: string[]
}

export type CheckOptions = {
  mapping: Mapping
  /** Where decompressed or decoded bytes are put. */
  spoolDir: string
  chunkBytes?: number
  onBytes?: (read: number, total: number) => void
  signal?: AbortSignal | undefined
}

const chunkBytes = 16 * 2 ** 20
/** Rows that take this many times the bytes of the file they were decoded from are an attack or a mistake. */
const highestGrowth = 1_000

/** The SHA-256 of a file's bytes, as hex; of a folder of snapshots with their schedule, of all their bytes in order. */
export async function hashFile(file: string): Promise<string> {
  const hash = createHash('sha256')
  for (const part of await partsOf(file))
    for await (const block of createReadStream(part, { highWaterMark: 1 << 20 })) hash.update(block as Buffer)
  return hash.digest('hex')
}

/** The files that one load reads. */
async function partsOf(file: string): Promise<string[]> {
  if (!(await stat(file)).isDirectory()) return [file]
  const { snapshots, schedule } = await snapshotFiles(file)
  return [...snapshots, ...(schedule ? [schedule] : [])]
}

/**
 * Reads the file once in bounded memory and says what is wrong with it, or where its rows are. Throws LoadError. Compressed, decoded
 * and re-encoded text is spooled on the way; a plain UTF-8 file is not copied.
 */
export async function checkFile(file: string, options: CheckOptions): Promise<CheckedFile> {
  const name = path.basename(file)
  if (options.mapping.format === 'gtfs-rt') return checkSnapshots(file, options)
  const { size, isFolder } = await statFile(file)
  if (isFolder)
    throw new LoadError(`${name} is a folder, but the mapping ${options.mapping.name} reads one file a load.`)
  if (size === 0) throw new LoadError(`The file ${name} is empty.`)
  const head = await readHead(file)
  const packing = packingOf(head)
  const { mapping } = options
  if (head.toString('latin1', 0, 4) === 'PAR1') {
    if (mapping.format !== 'auto' && mapping.format !== 'parquet') throw wrongFormat(name, 'Parquet', mapping)
    const { columns, rows, utcColumns } = await readParquetFooter(file)
    if (rows === 0) throw new LoadError(`The file ${name} has columns but no rows.`)
    const chunks = [{ start: 0, end: size, line: 1 }]
    return { path: file, format: 'parquet', columns, delimiter: '', rows, chunks, bytes: size, utcColumns }
  }
  if (mapping.format === 'parquet')
    throw new LoadError(`The file ${name} is not Parquet: it does not begin with PAR1.`)
  if (!packing) refuseForeign(head, name)

  let read = 0
  const count = (bytes: number): void => {
    read += bytes
    options.onBytes?.(read, size)
  }
  const unpacked = peekable(packing ? unpack(packing, file, name, count) : plain(file, size, count))
  const first = await unpacked.first()
  if (!first) throw new LoadError(`The file ${name} is empty.`)
  if (packing) refuseForeign(first, name)
  const format = mapping.format === 'auto' ? sniff(first) : mapping.format
  const blocks = recode(unpacked.blocks(), mapping.encoding)
  const byTabs =
    format === 'csv' && (mapping.delimiter ?? String.fromCharCode(likelyDelimiter(first))) === '\t'
  const decode = byTabs ? partByUnits : decoders[format]
  const bytes = decode ? decode(blocks) : blocks
  const scanner =
    format === 'csv'
      ? new CsvScanner({
          delimiter: byTabs ? unitSeparator : mapping.delimiter,
          chunkBytes: options.chunkBytes ?? chunkBytes,
        })
      : new LineScanner({ chunkBytes: options.chunkBytes ?? chunkBytes })
  const copies = packing !== undefined || decode !== undefined || mapping.encoding !== 'utf-8'
  const target = copies ? path.join(options.spoolDir, 'rows') : file
  const scan = await scanInto(
    scanner,
    limited(bytes, size, name),
    copies ? target : undefined,
    options.signal,
  )
  if (scan.rows === 0)
    throw new LoadError(
      format === 'csv' && scan.columns.some((column) => column !== '')
        ? `The file ${name} has a header but no rows.`
        : `The file ${name} holds no rows.`,
    )
  return {
    path: target,
    format: format === 'csv' ? 'csv' : 'ndjson',
    ...scan,
    bytes: scan.chunks.at(-1)?.end ?? 0,
    utcColumns: [],
  }
}

/** Formats that the engine does not read become lines that it reads. */
const decoders: Partial<
  Record<Mapping['format'], (blocks: AsyncIterable<Buffer>) => AsyncGenerator<Buffer>>
> = { xes: decodeXes, json: splitJsonArray, open311: decodeOpen311 }

/** Snapshots of GTFS-Realtime become one file of lines. */
async function checkSnapshots(target: string, options: CheckOptions): Promise<CheckedFile> {
  const files = await snapshotFiles(target)
  const { size } = await statFile(target)
  let read = 0
  const lines = decodeGtfsRealtime(files, {
    zone: options.mapping.zone,
    onBytes: (bytes) => {
      read += bytes
      options.onBytes?.(Math.min(read, size), size)
    },
    signal: options.signal,
  })
  const rows = path.join(options.spoolDir, 'rows')
  const scanner = new LineScanner({ chunkBytes: options.chunkBytes ?? chunkBytes })
  const scan = await scanInto(scanner, lines, rows, options.signal)
  if (scan.rows === 0) throw new LoadError(`${path.basename(target)} tells no visit to a stop.`)
  return { path: rows, format: 'ndjson', ...scan, bytes: scan.chunks.at(-1)?.end ?? 0, utcColumns: [] }
}

/** Scans the blocks and, when there is a target, writes them there on the way. */
async function scanInto(
  scanner: Scanner,
  blocks: AsyncIterable<Buffer>,
  target: string | undefined,
  signal: AbortSignal | undefined,
): Promise<Scan> {
  const out = target === undefined ? undefined : createWriteStream(target, { mode: 0o600 })
  const written = out ? finished(out) : Promise.resolve()
  written.catch(() => {})
  try {
    for await (const block of blocks) {
      signal?.throwIfAborted()
      scanner.push(block)
      if (out && !out.write(block)) await new Promise<void>((resume, fail) => drain(out, resume, fail))
    }
    out?.end()
    await written
  } catch (error) {
    out?.destroy()
    throw error
  }
  return scanner.end()
}

function drain(out: NodeJS.EventEmitter, resume: () => void, fail: (error: Error) => void): void {
  out.once('drain', () => {
    out.off('error', fail)
    resume()
  })
  out.once('error', fail)
}

/** Size and time of change of a file, or of all files of a folder of snapshots. */
export async function statFile(file: string): Promise<{ size: number; mtimeMs: number; isFolder: boolean }> {
  try {
    const found = await stat(file)
    const isFolder = found.isDirectory()
    const names = isFolder ? await partsOf(file) : [file]
    const parts = isFolder ? await Promise.all(names.map((part) => stat(part))) : [found]
    const odd = parts.findIndex((part) => !part.isFile())
    if (odd >= 0) throw new LoadError(`${path.basename(names[odd] ?? file)} is not a file.`)
    return {
      size: parts.reduce((sum, part) => sum + part.size, 0),
      mtimeMs: Math.max(...parts.map((part) => part.mtimeMs)),
      isFolder,
    }
  } catch (error) {
    if (error instanceof LoadError) throw error
    throw new LoadError(`The file ${file} does not exist or may not be read.`)
  }
}

async function readHead(file: string): Promise<Buffer> {
  const handle = await open(file)
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4096), 0, 4096, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await handle.close()
  }
}

/** The file as long as it was when it was opened: one that grows meanwhile is found out after it was staged. */
async function* plain(file: string, size: number, count: (bytes: number) => void): AsyncGenerator<Buffer> {
  for await (const block of createReadStream(file, { end: size - 1, highWaterMark: 1 << 20 })) {
    count((block as Buffer).length)
    yield block as Buffer
  }
}

/** The same blocks; throws LoadError when they come to far more than the file. */
async function* limited(blocks: AsyncIterable<Buffer>, size: number, name: string): AsyncGenerator<Buffer> {
  let grown = 0
  for await (const block of blocks) {
    grown += block.length
    if (grown > 64 * 2 ** 20 && grown > size * highestGrowth)
      throw new LoadError(
        `The rows of ${name} take more than ${highestGrowth} times the space of the file, so it was stopped.`,
      )
    yield block
  }
}

async function* recode(blocks: AsyncIterable<Buffer>, encoding: Mapping['encoding']): AsyncGenerator<Buffer> {
  if (encoding === 'utf-8') return yield* blocks
  const text = new TextDecoder(encoding)
  for await (const block of blocks) yield Buffer.from(text.decode(block, { stream: true }), 'utf8')
}

/** Lets the first block be looked at before the rest is read. */
function peekable(source: AsyncGenerator<Buffer>) {
  let head: Buffer | undefined
  return {
    async first(): Promise<Buffer | undefined> {
      const next = await source.next()
      head = next.done ? undefined : next.value
      return head
    },
    async *blocks(): AsyncGenerator<Buffer> {
      if (head) yield head
      head = undefined
      yield* source
    },
  }
}

function sniff(first: Buffer): 'csv' | 'ndjson' | 'json' | 'xes' {
  const text = first
    .toString('utf8', 0, 200)
    .replace(/^\uFEFF/, '')
    .trimStart()
  if (text.startsWith('{')) return 'ndjson'
  if (text.startsWith('<')) return 'xes'
  if (text.startsWith('[')) return 'json'
  return 'csv'
}

const foreign: readonly { magic: string; what: string }[] = [
  { magic: '504b0304', what: 'a zip archive or an Excel workbook; unpack it, or save the sheet as CSV' },
  { magic: 'd0cf11e0', what: 'an old Excel workbook; save the sheet as CSV' },
  { magic: '1f8b', what: 'compressed twice; unpack it once' },
  { magic: '28b52ffd', what: 'compressed twice; unpack it once' },
  { magic: '25504446', what: 'a PDF' },
  { magic: 'fffe', what: 'UTF-16 text; save it as UTF-8' },
  { magic: 'feff', what: 'UTF-16 text; save it as UTF-8' },
  { magic: '89504e47', what: 'a picture' },
  { magic: '7f454c46', what: 'a program' },
]

function refuseForeign(head: Buffer, name: string): void {
  const hex = head.toString('hex', 0, 8)
  const found = foreign.find(({ magic }) => hex.startsWith(magic))
  if (found) throw new LoadError(`The file ${name} is ${found.what}.`)
}

function wrongFormat(name: string, found: string, mapping: Mapping): LoadError {
  return new LoadError(
    `The file ${name} is ${found}, but the mapping ${mapping.name} reads ${mapping.format}.`,
  )
}
