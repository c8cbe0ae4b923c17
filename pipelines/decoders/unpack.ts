import { createReadStream } from 'node:fs'
import { createGunzip } from 'node:zlib'
import { Decompress } from 'fzstd'
import { LoadError } from '../loadError.ts'

/** What grows more than this is an attack or a mistake. Real logs stay under 60. */
const highestRatio = 300
const largestUnpacked = 256 * 2 ** 30
/** What zstd itself unpacks without being asked for more memory. */
const largestWindow = 128 * 2 ** 20
/** Every block moves a whole window of bytes: so many for nothing, and then so many for each byte that comes out. */
const freeMoves = 16 * 2 ** 30
const movesPerByte = 2048

export type Packing = 'gzip' | 'zstd'

/** How a file is compressed, by its first bytes. */
export function packingOf(head: Buffer): Packing | undefined {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip'
  return head.toString('hex', 0, 4) === '28b52ffd' ? 'zstd' : undefined
}

/** The unpacked bytes of a file, block by block. Throws LoadError when it is damaged, cut off or explodes. */
export async function* unpack(
  packing: Packing,
  file: string,
  name: string,
  count: (bytes: number) => void,
): AsyncGenerator<Buffer> {
  const source = createReadStream(file, { highWaterMark: 1 << 18 })
  const blocks = packing === 'gzip' ? gunzip(source) : unzstd(source, name)
  let packed = 0
  let unpacked = 0
  source.on('data', (block) => {
    packed += block.length
    count(block.length)
  })
  try {
    for await (const block of blocks) {
      unpacked += block.length
      if (unpacked > largestUnpacked || (unpacked > 64 * 2 ** 20 && unpacked > packed * highestRatio))
        throw new LoadError(
          `The ${packing} file ${name} unpacks to more than ${highestRatio} times its size and was stopped.`,
        )
      yield block
    }
  } catch (error) {
    if (error instanceof LoadError) throw error
    throw new LoadError(`The ${packing} file ${name} is damaged or cut off. Copy or compress it again.`)
  } finally {
    source.destroy()
  }
}

function gunzip(source: NodeJS.ReadableStream): AsyncIterable<Buffer> {
  const unpacked = source.pipe(createGunzip({ chunkSize: 1 << 18 }))
  source.on('error', (error) => unpacked.destroy(error))
  return unpacked
}

async function* unzstd(source: AsyncIterable<Buffer>, name: string): AsyncGenerator<Buffer> {
  let blocks: Buffer[] = []
  const stream = new Decompress((block) => {
    if (block.length > 0) blocks.push(Buffer.from(block))
  })
  const taken = function* (): Generator<Buffer> {
    const ready = blocks
    blocks = []
    yield* ready
  }
  const frames = new Frames(name)
  let unpacked = 0
  for await (const packed of source) {
    // a few bytes may stand for a lot: the blocks are handed on before much more is unpacked
    for (let at = 0; at < packed.length; at += 4096) {
      const part = packed.subarray(at, at + 4096)
      frames.push(part)
      if (frames.moves > freeMoves + unpacked * movesPerByte)
        throw new LoadError(`The zstd file ${name} is made of countless tiny blocks. Compress it again.`)
      stream.push(part)
      for (const block of blocks) unpacked += block.length
      yield* taken()
    }
  }
  stream.push(new Uint8Array(0), true)
  yield* taken()
}

/**
 * Walks over the frames and blocks of zstd without unpacking them, and refuses a frame that asks for too much memory before any is
 * given: RFC 8878, 3.1.
 */
class Frames {
  /** Bytes that unpacking has to move: one window a frame and a block. */
  moves = 0
  #rest: Buffer = Buffer.alloc(0)
  #skip = 0
  #window = 0
  #inFrame = false
  #checksum = 0

  constructor(readonly name: string) {}

  push(part: Buffer): void {
    let bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, part]) : part
    for (;;) {
      const skipped = Math.min(this.#skip, bytes.length)
      this.#skip -= skipped
      bytes = bytes.subarray(skipped)
      const used = this.#skip > 0 ? 0 : this.#inFrame ? this.#block(bytes) : this.#frame(bytes)
      if (used === 0) break
      bytes = bytes.subarray(used)
    }
    this.#rest = Buffer.from(bytes)
  }

  /** The length of the frame's header; 0 when it is not whole. */
  #frame(bytes: Buffer): number {
    if (bytes.length < 6) return 0
    if ((bytes.readUInt32LE(0) & 0xfffffff0) >>> 0 === 0x184d2a50) {
      if (bytes.length < 8) return 0
      this.#skip = bytes.readUInt32LE(4)
      return 8
    }
    // anything else is told as damage where it is unpacked
    if (bytes.readUInt32LE(0) !== 0xfd2fb528) return 0
    const descriptor = bytes.readUInt8(4)
    const isSingle = (descriptor & 32) !== 0
    const at = 5 + (isSingle ? 0 : 1) + ([0, 1, 2, 4][descriptor & 3] ?? 0)
    const sizeBytes = [isSingle ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0
    if (isSingle && bytes.length < at + sizeBytes) return 0
    this.#window = isSingle ? contentSize(bytes, at, sizeBytes) : windowSize(bytes.readUInt8(5))
    if (this.#window > largestWindow)
      throw new LoadError(
        `The zstd file ${this.name} needs a window of more than 128 MB. Compress it without --long or --ultra.`,
      )
    if (bytes.length < at + sizeBytes) return 0
    this.moves += this.#window
    this.#checksum = (descriptor & 4) !== 0 ? 4 : 0
    this.#inFrame = true
    return at + sizeBytes
  }

  #block(bytes: Buffer): number {
    if (bytes.length < 3) return 0
    const header = bytes.readUIntLE(0, 3)
    const isRepeated = ((header >> 1) & 3) === 1
    this.moves += this.#window
    this.#inFrame = (header & 1) === 0
    this.#skip = (isRepeated ? 1 : header >> 3) + (this.#inFrame ? 0 : this.#checksum)
    return 3
  }
}

function windowSize(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3))
  return base + (base / 8) * (descriptor & 7)
}

function contentSize(bytes: Buffer, at: number, length: number): number {
  if (length === 8) return Number(bytes.readBigUInt64LE(at))
  return bytes.readUIntLE(at, length) + (length === 2 ? 256 : 0)
}
