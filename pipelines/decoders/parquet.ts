import { open } from 'node:fs/promises'
import { LoadError } from '../loadError.ts'

const largestFooter = 67_108_864
const mostValues = 2_000_000
const broken = 'The Parquet file is damaged: its footer cannot be read. Export it again.'

export type ParquetFooter = {
  /** The plain columns; nested ones are left out. */
  columns: string[]
  /** Those of them that hold moments in UTC. */
  utcColumns: string[]
  rows: number
}

/** What the footer of a Parquet file says. Throws LoadError when it cannot be read. */
export async function readParquetFooter(file: string): Promise<ParquetFooter> {
  const handle = await open(file)
  try {
    const { size } = await handle.stat()
    if (size < 12) throw new LoadError(broken)
    const tail = Buffer.alloc(8)
    await handle.read(tail, 0, 8, size - 8)
    const length = tail.readUInt32LE(0)
    if (tail.toString('latin1', 4) !== 'PAR1' || length > size - 12 || length > largestFooter)
      throw new LoadError(broken)
    const footer = Buffer.alloc(length)
    await handle.read(footer, 0, length, size - 8 - length)
    // the row groups that follow are the engine's to read
    return describe(new ThriftReader(footer).struct(0, 3))
  } catch (error) {
    if (error instanceof RangeError) throw new LoadError(broken)
    throw error
  } finally {
    await handle.close()
  }
}

type Value = number | bigint | boolean | Buffer | Value[] | Map<number, Value>

/**
 * FileMetaData: field 2 is the list of schema elements (4 name, 5 children, 6 converted type, 10 logical type), field 3 the number
 * of rows. See parquet.thrift of the Apache Parquet format.
 */
function describe(meta: Map<number, Value>): ParquetFooter {
  const schema = meta.get(2)
  const rows = meta.get(3)
  if (!Array.isArray(schema) || typeof rows !== 'bigint') throw new LoadError(broken)
  if (rows < 0n) throw new LoadError(broken)
  const elements = schema.map((element) => {
    if (!(element instanceof Map)) throw new LoadError(broken)
    const name = element.get(4)
    const children = element.get(5)
    return {
      name: Buffer.isBuffer(name) ? name.toString('utf8') : '',
      children: typeof children === 'bigint' ? Number(children) : 0,
      utc: isUtc(element),
    }
  })
  const columns: string[] = []
  const utcColumns: string[] = []
  let at = 1
  const skip = (): void => {
    const element = elements[at++]
    for (let child = 0; child < (element?.children ?? 0) && at < elements.length; child++) skip()
  }
  while (at < elements.length) {
    const element = elements[at]
    if (element?.children === 0) {
      columns.push(element.name)
      if (element.utc) utcColumns.push(element.name)
    }
    skip()
  }
  return { columns, utcColumns, rows: Number(rows) }
}

/** Logical type TIMESTAMP (8) with isAdjustedToUTC (1), or one of the older TIMESTAMP_MILLIS (9) and TIMESTAMP_MICROS (10). */
function isUtc(element: Map<number, Value>): boolean {
  const logical = element.get(10)
  const timestamp = logical instanceof Map ? logical.get(8) : undefined
  if (timestamp instanceof Map) return timestamp.get(1) === true
  const converted = element.get(6)
  return !(logical instanceof Map) && (converted === 9n || converted === 10n)
}

/** Thrift's compact protocol, as far as a Parquet footer uses it. Reading past the end throws RangeError. */
class ThriftReader {
  #at = 0
  #values = 0
  constructor(readonly bytes: Buffer) {}

  /** The fields of a struct up to the field `last`. */
  struct(depth: number, last = Number.POSITIVE_INFINITY): Map<number, Value> {
    if (depth > 32) throw new RangeError('too deep')
    const fields = new Map<number, Value>()
    for (let id = 0; id < last; ) {
      const head = this.#byte()
      if (head === 0) break
      const delta = head >> 4
      id = delta === 0 ? Number(this.#zigzag()) : id + delta
      fields.set(id, this.#value(head & 15, depth))
    }
    return fields
  }

  #value(type: number, depth: number): Value {
    // an empty struct is one byte in the file and a hundred here
    if (++this.#values > mostValues) throw new RangeError('too many values')
    if (type === 1 || type === 2) return type === 1
    if (type === 3) return this.#byte()
    if (type >= 4 && type <= 6) return this.#zigzag()
    if (type === 7) return this.#take(8).readDoubleLE(0)
    if (type === 8) return this.#take(Number(this.#varint()))
    if (type === 9 || type === 10) return this.#list(depth)
    if (type === 12) return this.struct(depth + 1)
    throw new RangeError('unknown type')
  }

  #list(depth: number): Value[] {
    const head = this.#byte()
    const count = head >> 4 === 15 ? Number(this.#varint()) : head >> 4
    if (count > this.bytes.length || count > mostValues) throw new RangeError('too long')
    const type = head & 15
    return Array.from({ length: count }, () =>
      type === 1 || type === 2 ? this.#byte() === 1 : this.#value(type, depth + 1),
    )
  }

  #byte(): number {
    return this.#take(1).readUInt8(0)
  }

  #take(length: number): Buffer {
    if (length < 0 || this.#at + length > this.bytes.length) throw new RangeError('past the end')
    this.#at += length
    return this.bytes.subarray(this.#at - length, this.#at)
  }

  #varint(): bigint {
    let value = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#byte()
      value |= BigInt(byte & 127) << shift
      if (byte < 128) return value
    }
    throw new RangeError('too long')
  }

  #zigzag(): bigint {
    const value = this.#varint()
    return (value >> 1n) ^ -(value & 1n)
  }
}
