import { createReadStream } from 'node:fs'
import { createGunzip } from 'node:zlib'
import { Decompress } from 'fzstd'
import { LoadError } from '../loadError.ts'

/** What grows more than this is an attack or a mistake. Real logs stay under 60. */
const highestRatio = 300
const largestUnpacked = 256 * 2 ** 30
/** What zstd itself unpacks without being asked for more memory. */
const largestWindow = 128 * 2 ** 20

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
  let isFirst = true
  for await (const packed of source) {
    if (isFirst && windowOf(packed) > largestWindow)
      throw new LoadError(
        `The zstd file ${name} needs a window of more than 128 MB. Compress it without --long or --ultra.`,
      )
    isFirst = false
    // a few bytes may stand for a lot: the blocks are handed on before much more is unpacked
    for (let at = 0; at < packed.length; at += 4096) {
      stream.push(packed.subarray(at, at + 4096))
      yield* taken()
    }
  }
  stream.push(new Uint8Array(0), true)
  yield* taken()
}

/** The bytes that have to be remembered while unpacking: RFC 8878, 3.1.1.1. */
function windowOf(head: Buffer): number {
  const descriptor = head[4] ?? 0
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] ?? 0
  if ((descriptor & 32) === 0) {
    const window = head[5] ?? 0
    const base = 2 ** (10 + (window >> 3))
    return base + (base / 8) * (window & 7)
  }
  const at = 5 + dictionaryBytes
  if (head.length < at + 8) return 0
  const sizes = [head.readUInt8(at), head.readUInt16LE(at) + 256, head.readUInt32LE(at)]
  return sizes[descriptor >> 6] ?? Number(head.readBigUInt64LE(at))
}
