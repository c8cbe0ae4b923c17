import { createReadStream } from 'node:fs'
import { open, readFile, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { HttpConfig } from '../../sql/sourceConfig.ts'
import { splitJsonArray } from '../decoders/jsonArray.ts'
import { readParquetFooter } from '../decoders/parquet.ts'
import { packingOf, unpack } from '../decoders/unpack.ts'
import { readXml } from '../decoders/xml.ts'
import { LoadError } from '../loadError.ts'
import type { Answer } from './httpDownload.ts'
import { shownAddress } from './httpDownload.ts'

export type AnswerFormat = NonNullable<HttpConfig['format']>

/** What an answer is, and the ending its file should have. */
export type Recognized = { format: AnswerFormat; ending: string }

const types: Record<string, AnswerFormat> = {
  'text/csv': 'csv',
  'application/csv': 'csv',
  'text/tab-separated-values': 'tsv',
  'application/x-ndjson': 'ndjson',
  'application/ndjson': 'ndjson',
  'application/jsonl': 'ndjson',
  'application/json': 'json',
  'text/json': 'json',
  'application/xml': 'xml',
  'text/xml': 'xml',
  'application/vnd.apache.parquet': 'parquet',
}
const endings: Record<string, AnswerFormat> = {
  ...{ csv: 'csv', tsv: 'tsv', ndjson: 'ndjson', jsonl: 'ndjson', json: 'json', parquet: 'parquet' },
  ...{ xes: 'xes', xml: 'xml' },
}
const mostInMemory = 64 * 2 ** 20

/**
 * Says what the answer in a file is: as configured, else by its type, the ending of its address, its first bytes. Throws LoadError when it
 * is a web page, or something else than was said. A JSON object around a list becomes the list.
 */
export async function recognize(
  file: string,
  url: URL,
  { type }: Pick<Answer, 'type'>,
  wanted: Pick<HttpConfig, 'format' | 'rows'> = {},
): Promise<Recognized> {
  const shown = shownAddress(url)
  const start = await firstOf(file)
  if (start.kind === 'page' || (type === 'text/html' && wanted.format === undefined))
    throw new LoadError(
      `The address ${shown} answered with a web page, not with data: is a login needed, or is it the address of a page?`,
    )
  const named = /\.([a-z]+)(\.(gz|zst))?$/i.exec(url.pathname)?.[1]?.toLowerCase() ?? ''
  const told = wanted.format ?? types[type] ?? endings[named]
  let format = told ?? start.kind ?? 'csv'
  if (format === 'json' && start.kind === 'ndjson')
    format = await unwrap(file, shown, start.packed, wanted.rows)
  else if (start.kind !== undefined && !fits(format, start.kind))
    throw new LoadError(`The address ${shown} answered with ${start.kind} where ${format} was expected.`)
  return { format, ending: `.${format}${start.packed ? `.${start.packed}` : ''}` }
}

type Start = {
  kind: 'page' | 'parquet' | 'json' | 'ndjson' | 'xml' | 'csv' | undefined
  packed?: 'gz' | 'zst'
}

async function firstOf(file: string): Promise<Start> {
  const handle = await open(file)
  const head = await handle.read(Buffer.alloc(1024), 0, 1024, 0).finally(() => handle.close())
  const bytes = head.buffer.subarray(0, head.bytesRead)
  const packing = packingOf(bytes)
  if (packing === undefined) return { kind: kindOf(bytes) }
  const packed = packing === 'gzip' ? 'gz' : 'zst'
  for await (const block of unpack(packing, file, path.basename(file), () => {}))
    return { kind: kindOf(block), packed }
  return { kind: undefined, packed }
}

function kindOf(bytes: Buffer): Start['kind'] {
  if (bytes.toString('latin1', 0, 4) === 'PAR1') return 'parquet'
  const text = bytes
    .toString('utf8', 0, 1024)
    .replace(/^\uFEFF/, '')
    .trimStart()
  if (text === '') return undefined
  if (/^<(!doctype\s+)?html/i.test(text)) return 'page'
  if (text.startsWith('<')) return 'xml'
  if (text.startsWith('[')) return 'json'
  return text.startsWith('{') ? 'ndjson' : 'csv'
}

function fits(format: AnswerFormat, kind: Start['kind']): boolean {
  if (format === 'tsv') return kind === 'csv'
  return format === 'xes' ? kind === 'xml' : format === kind
}

/** `{"rows": [...]}` becomes `[...]`; without a list in it the object is a row, and what is no single object is one object a line. */
async function unwrap(
  file: string,
  shown: string,
  packed: string | undefined,
  where: string | undefined,
): Promise<'json' | 'ndjson'> {
  if (packed !== undefined || (await stat(file)).size > mostInMemory) return 'ndjson'
  let answer: unknown
  try {
    answer = JSON.parse((await readFile(file, 'utf8')).replace(/^\uFEFF/, ''))
  } catch {
    return 'ndjson'
  }
  const lists = listsIn(answer)
  if (lists.length === 0 && where === undefined) {
    await writeFile(file, `${JSON.stringify(answer)}\n`)
    return 'ndjson'
  }
  const filled = lists.filter(({ rows }) => rows.length > 0)
  const found =
    where === undefined
      ? filled.length > 1
        ? undefined
        : (filled[0] ?? lists[0])
      : lists.find(({ name }) => name === where)
  if (!found) {
    const names = lists.map(({ name }) => name).join(', ') || 'no list'
    throw new LoadError(`The answer of ${shown} has ${names}: name the list with the rows as rows.`)
  }
  await writeFile(file, JSON.stringify(found.rows))
  return 'json'
}

/** Lists of objects in an object, and in the objects in it. */
function listsIn(value: unknown, path: string[] = []): { name: string; rows: unknown[] }[] {
  if (Array.isArray(value)) {
    const areRows = value.every((each) => each !== null && typeof each === 'object' && !Array.isArray(each))
    return areRows ? [{ name: path.join('.'), rows: value }] : []
  }
  if (value === null || typeof value !== 'object' || path.length > 2) return []
  return Object.entries(value).flatMap(([name, inner]) => listsIn(inner, [...path, name]))
}

/** How many rows a file holds, in bounded memory. Throws LoadError when it ends in the middle, as far as its format tells. */
export async function countRows(file: string, format: AnswerFormat): Promise<number> {
  const { size } = await stat(file)
  if (size === 0) {
    if (['csv', 'tsv', 'ndjson'].includes(format)) return 0
    throw new LoadError(`The answer is empty; ${format} without rows looks different.`)
  }
  if (format === 'parquet') return (await readParquetFooter(file)).rows
  const handle = await open(file)
  const head = await handle.read(Buffer.alloc(8), 0, 8, 0).finally(() => handle.close())
  const packing = packingOf(head.buffer)
  const blocks: AsyncIterable<Buffer> = packing
    ? unpack(packing, file, path.basename(file), () => {})
    : createReadStream(file, { highWaterMark: 1 << 18 })
  if (format === 'xml' || format === 'xes') return countElements(blocks)
  if (format === 'json') return countLines(splitJsonArray(blocks), false)
  const lines = await countLines(blocks, format === 'csv')
  return format === 'ndjson' ? lines : Math.max(0, lines - 1)
}

async function countElements(blocks: AsyncIterable<Buffer>): Promise<number> {
  let rows = 0
  const close = (_: string, depth: number): void => {
    if (depth === 2) rows++
  }
  for await (const _ of readXml(blocks, 'XML', { open: () => {}, close })) {
    // counted on the way
  }
  return rows
}

const quote = 34
const lf = 10
const cr = 13

/** Lines that are not blank; with `quoted` a line end between quotes is part of a cell. */
async function countLines(blocks: AsyncIterable<Buffer>, quoted: boolean): Promise<number> {
  let lines = 0
  let inQuotes = false
  let hasText = false
  for await (const block of blocks)
    for (const byte of block) {
      if (quoted && byte === quote) inQuotes = !inQuotes
      if (byte === lf && !inQuotes) {
        if (hasText) lines++
        hasText = false
      } else if (byte !== cr) hasText = true
    }
  return hasText ? lines + 1 : lines
}
