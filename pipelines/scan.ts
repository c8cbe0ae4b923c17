import { isUtf8 } from 'node:buffer'
import { LoadError } from './loadError.ts'

/** A run of whole records of the spooled file: bytes from `start` to `end` (exclusive), and the line of its first record. */
export type Chunk = { start: number; end: number; line: number }

export type Scan = { rows: number; chunks: Chunk[]; columns: string[]; delimiter: string }

const longestRecord = 1_048_576
const mostColumns = 400
const mostChunks = 20_000
const lf = 10
const cr = 13
const quote = 34

/**
 * Reads the bytes of a text file once, block by block, and finds everything the engine would pass over in silence: ragged
 * lines, an unclosed quote, binary bytes, invalid UTF-8, lines without end. Memory is bounded by one record.
 */
export interface Scanner {
  push(block: Buffer): void
  /** The result; throws LoadError when the file ended in the middle of something. */
  end(): Scan
}

/** Stops at the first byte that is not UTF-8 text, naming its line. */
class Utf8Check {
  #carry: Buffer = Buffer.alloc(0)
  #line = 1

  push(block: Buffer): void {
    if (block.includes(0))
      throw new LoadError(
        'The file holds NUL bytes: it is binary or UTF-16, not text. Save it as UTF-8 text, or name its format.',
      )
    const bytes = this.#carry.length > 0 ? Buffer.concat([this.#carry, block]) : block
    const whole = bytes.subarray(0, bytes.length - unfinished(bytes))
    if (!isUtf8(whole)) this.#fail(whole)
    this.#line += countOf(whole, lf)
    this.#carry = Buffer.from(bytes.subarray(whole.length))
  }

  end(): void {
    if (this.#carry.length > 0) this.#fail(this.#carry)
  }

  #fail(bytes: Buffer): never {
    let line = this.#line
    for (let at = 0; at < bytes.length; line++) {
      const next = bytes.indexOf(lf, at)
      const end = next < 0 ? bytes.length : next + 1
      if (!isUtf8(bytes.subarray(at, end))) break
      at = end
    }
    throw new LoadError(
      `Line ${line} is not UTF-8 text. If the file comes from an older system, set "encoding": "windows-1252" in the mapping.`,
    )
  }
}

/** How many bytes at the end belong to a character that goes on in the next block. */
function unfinished(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0
    if (byte < 0x80) return 0
    if (byte >= 0xc0) return (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) > back ? back : 0
  }
  return 0
}

function countOf(bytes: Buffer, byte: number): number {
  let count = 0
  for (let at = bytes.indexOf(byte); at >= 0; at = bytes.indexOf(byte, at + 1)) count++
  return count
}

/** Collects chunks of whole records. Empty lines belong to no chunk. */
class Chunks {
  readonly list: Chunk[] = []
  #start = -1
  #line = 0
  #end = 0

  constructor(readonly bytes: number) {}

  add(start: number, end: number, line: number): void {
    if (this.#start >= 0 && (start !== this.#end || end - this.#start > this.bytes)) this.close()
    if (this.#start < 0) {
      this.#start = start
      this.#line = line
    }
    this.#end = end
  }

  close(): void {
    if (this.#start < 0) return
    this.list.push({ start: this.#start, end: this.#end, line: this.#line })
    this.#start = -1
    if (this.list.length > mostChunks)
      throw new LoadError(
        `The file has too many empty lines between its rows, the last one near line ${this.#line}.`,
      )
  }
}

/** Scans CSV after RFC 4180; quotes may hold the delimiter and line ends. `line` counts records and empty lines. */
export class CsvScanner implements Scanner {
  readonly #utf8 = new Utf8Check()
  readonly #chunks: Chunks
  #delimiter: number | undefined
  #head: Buffer | undefined = Buffer.alloc(0)
  #offset = 0
  #columns: string[] = []
  #rows = 0
  #line = 1
  #physicalLine = 1
  #quotedAt = 1
  /** 0 at the start of a field, 1 in a bare field, 2 between quotes, 3 after a quote between quotes, 4 after a CR. */
  #state = 0
  #fields = 1
  #recordStart = 0
  #header: Buffer[] | undefined = []

  constructor(options: { delimiter?: string | undefined; chunkBytes: number }) {
    this.#delimiter = options.delimiter?.charCodeAt(0)
    this.#chunks = new Chunks(options.chunkBytes)
  }

  push(block: Buffer): void {
    this.#utf8.push(block)
    if (this.#head === undefined) {
      this.#scan(block)
      return
    }
    this.#head = Buffer.concat([this.#head, block])
    if (!this.#head.includes(lf) && this.#head.length < longestRecord) return
    this.#open()
  }

  end(): Scan {
    this.#utf8.end()
    if (this.#head !== undefined) this.#open()
    if (this.#state === 2)
      throw new LoadError(
        `The quote opened on line ${this.#quotedAt} is never closed. Close it, or double quotes inside a cell.`,
      )
    if (this.#offset > this.#recordStart) this.#record(this.#offset, this.#fields === 1 && this.#state === 0)
    this.#chunks.close()
    return {
      rows: this.#rows,
      chunks: this.#chunks.list,
      columns: this.#columns,
      delimiter: String.fromCharCode(this.#delimiter ?? 44),
    }
  }

  /** With the first line at hand: skip a byte-order mark, choose the delimiter, begin. */
  #open(): void {
    let head = this.#head ?? Buffer.alloc(0)
    this.#head = undefined
    if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) {
      head = head.subarray(3)
      this.#offset = 3
      this.#recordStart = 3
    }
    this.#delimiter ??= likelyDelimiter(head)
    this.#scan(head)
  }

  #scan(block: Buffer): void {
    const delimiter = this.#delimiter ?? 44
    const base = this.#offset
    let state = this.#state
    let fields = this.#fields
    for (let at = 0; at < block.length; at++) {
      const byte = block[at] as number
      if (state === 2) {
        if (byte === quote) state = 3
        else if (byte === lf) {
          this.#physicalLine++
          if (base + at - this.#recordStart > longestRecord) this.#tooLong(true)
        }
        continue
      }
      if (byte === delimiter) {
        if (state === 4) this.#bareCr()
        fields++
        state = 0
      } else if (byte === lf) {
        this.#fields = fields
        if (this.#header) this.#header.push(block.subarray(0, at))
        const end = base + at + 1
        this.#record(end, fields === 1 && (state === 0 || (state === 4 && end - this.#recordStart === 2)))
        this.#physicalLine++
        fields = 1
        state = 0
      } else if (byte === cr) {
        if (state === 4) this.#bareCr()
        state = 4
      } else if (byte === quote && (state === 0 || state === 3)) {
        if (state === 0) this.#quotedAt = this.#physicalLine
        state = 2
      } else if (state === 3)
        throw new LoadError(
          `On line ${this.#physicalLine} text follows a closing quote. Write a quote inside a cell twice ("").`,
        )
      else if (state === 4) this.#bareCr()
      else state = 1
    }
    if (this.#header) this.#header.push(Buffer.from(block))
    this.#state = state
    this.#fields = fields
    this.#offset = base + block.length
    if (this.#offset - this.#recordStart > longestRecord) this.#tooLong(state === 2)
  }

  #record(end: number, blank: boolean): void {
    const start = this.#recordStart
    this.#recordStart = end
    if (this.#header) {
      const text = Buffer.concat(this.#header).toString('utf8').replace(/\r$/, '')
      this.#header = undefined
      this.#columns = splitRecord(text, String.fromCharCode(this.#delimiter ?? 44))
      if (this.#columns.length > mostColumns)
        throw new LoadError(
          `The header has ${this.#columns.length} columns; at most ${mostColumns} are read. Leave out what is not mapped.`,
        )
    } else if (!blank) {
      if (this.#fields !== this.#columns.length)
        throw new LoadError(
          `Line ${this.#physicalLine} has ${this.#fields} ${this.#fields === 1 ? 'column' : 'columns'}, the header has ${this.#columns.length}. Is a quote or a delimiter missing?`,
        )
      if (end - start > longestRecord) this.#tooLong(false)
      this.#chunks.add(start, end, this.#line)
      this.#rows++
    }
    this.#line++
  }

  #tooLong(quoted: boolean): never {
    throw new LoadError(
      quoted
        ? `The row at line ${this.#quotedAt} is longer than 1 MB: a quote opened there is probably never closed.`
        : `Line ${this.#physicalLine} is longer than 1 MB. Is this a text file with one row a line?`,
    )
  }

  #bareCr(): never {
    throw new LoadError(
      `Line ${this.#physicalLine} holds a carriage return without a line feed. Save the file with Unix or Windows line ends.`,
    )
  }
}

/** The one of , ; tab | that the first line has most of outside quotes. */
export function likelyDelimiter(head: Buffer): number {
  const counts = new Map([44, 59, 9, 124].map((byte) => [byte, 0]))
  let quoted = false
  for (const byte of head) {
    if (byte === quote) quoted = !quoted
    else if (byte === lf && !quoted) break
    else if (!quoted && counts.has(byte)) counts.set(byte, (counts.get(byte) ?? 0) + 1)
  }
  let best = 44
  for (const [byte, count] of counts) if (count > (counts.get(best) ?? 0)) best = byte
  return best
}

/** The cells of one CSV record. */
export function splitRecord(text: string, delimiter: string): string[] {
  const cells: string[] = []
  let cell = ''
  let quoted = false
  for (let at = 0; at < text.length; at++) {
    const letter = text[at]
    if (letter === '"') {
      if (quoted && text[at + 1] === '"') {
        cell += '"'
        at++
      } else quoted = !quoted
    } else if (letter === delimiter && !quoted) {
      cells.push(cell)
      cell = ''
    } else cell += letter
  }
  cells.push(cell)
  return cells.map((name) => name.trim())
}

/** Scans NDJSON: one object a line. Whether a line is good JSON is the engine's to say, row by row. */
export class LineScanner implements Scanner {
  readonly #utf8 = new Utf8Check()
  readonly #chunks: Chunks
  #offset = 0
  #recordStart = 0
  #line = 1
  #rows = 0
  readonly #names = new Set<string>()
  #sample: Buffer = Buffer.alloc(0)
  /** Whether the line that is being read has anything but a carriage return. */
  #hasText = false
  #sampled = 0

  constructor(options: { chunkBytes: number }) {
    this.#chunks = new Chunks(options.chunkBytes)
  }

  push(block: Buffer): void {
    this.#utf8.push(block)
    let from = 0
    if (this.#offset === 0 && block[0] === 0xef && block[1] === 0xbb && block[2] === 0xbf) {
      from = 3
      this.#recordStart = 3
    }
    for (let at = block.indexOf(lf, from); at >= 0; at = block.indexOf(lf, from)) {
      this.#record(this.#offset + at + 1, block.subarray(from, at))
      from = at + 1
    }
    const rest = block.subarray(from)
    if (rest.length > 1 || (rest.length === 1 && rest[0] !== cr)) this.#hasText = true
    if (this.#sampled < 100) this.#sample = Buffer.concat([this.#sample, rest])
    this.#offset += block.length
    if (this.#offset - this.#recordStart > longestRecord) this.#tooLong()
  }

  end(): Scan {
    this.#utf8.end()
    if (this.#offset > this.#recordStart) this.#record(this.#offset, Buffer.alloc(0))
    this.#chunks.close()
    return { rows: this.#rows, chunks: this.#chunks.list, columns: [...this.#names], delimiter: '' }
  }

  #record(end: number, rest: Buffer): void {
    const start = this.#recordStart
    this.#recordStart = end
    if (end - start > longestRecord) this.#tooLong()
    const blank = !this.#hasText && (rest.length === 0 || (rest.length === 1 && rest[0] === cr))
    this.#hasText = false
    if (!blank) {
      if (this.#sampled < 100) this.#learnNames(Buffer.concat([this.#sample, rest]))
      this.#chunks.add(start, end, this.#line)
      this.#rows++
    }
    this.#sample = Buffer.alloc(0)
    this.#line++
  }

  /** The first hundred lines tell which fields the file has. */
  #learnNames(line: Buffer): void {
    this.#sampled++
    try {
      const row: unknown = JSON.parse(line.toString('utf8'))
      if (row !== null && typeof row === 'object') for (const name of Object.keys(row)) this.#names.add(name)
    } catch {
      // the row will be rejected with its line number
    }
  }

  #tooLong(): never {
    throw new LoadError(
      `Row ${this.#line} is longer than 1 MB. Are these JSON objects, one a line or in one array?`,
    )
  }
}
