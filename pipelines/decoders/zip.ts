import { createReadStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import path from 'node:path'
import { createInflateRaw } from 'node:zlib'
import { LoadError } from '../loadError.ts'

type Entry = { name: string; method: number; packed: number; offset: number }

const mostEntries = 10_000
const highestRatio = 300
const largestEntry = 4 * 2 ** 30

export type Zip = {
  has: (name: string) => boolean
  /** The bytes of one file, unpacked on the way; throws LoadError when the archive lies or explodes. */
  read: (name: string) => AsyncGenerator<Buffer>
}

/**
 * A zip archive that is read where it lies: nothing is ever unpacked to disk, so names inside it reach no path. See APPNOTE.TXT of
 * PKWARE, 4.3; archives beyond 4 GB (Zip64) and encrypted ones are refused.
 */
export async function openZip(file: string): Promise<Zip> {
  const name = path.basename(file)
  const broken = (): LoadError => new LoadError(`The zip archive ${name} is damaged. Download it again.`)
  // opening a pipe would wait for its other end
  if (!(await stat(file)).isFile()) throw new LoadError(`${name} is not a file.`)
  const handle = await open(file)
  const entries = new Map<string, Entry>()
  try {
    const { size } = await handle.stat()
    const tail = Buffer.alloc(Math.min(size, 65_557))
    await handle.read(tail, 0, tail.length, size - tail.length)
    const at = tail.lastIndexOf(Buffer.from('504b0506', 'hex'))
    if (at < 0 || at + 22 > tail.length) throw broken()
    const count = tail.readUInt16LE(at + 10)
    const length = tail.readUInt32LE(at + 12)
    const start = tail.readUInt32LE(at + 16)
    if (count > mostEntries || length > 64 * 2 ** 20 || start + length > size) throw broken()
    const list = Buffer.alloc(length)
    await handle.read(list, 0, length, start)
    for (let next = 0, entry = 0; entry < count; entry++) {
      if (next + 46 > length || list.readUInt32LE(next) !== 0x02014b50) throw broken()
      const nameLength = list.readUInt16LE(next + 28)
      const found = list.toString('utf8', next + 46, next + 46 + nameLength)
      if ((list.readUInt16LE(next + 8) & 1) !== 0)
        throw new LoadError(`The zip archive ${name} is encrypted. Unlock it first.`)
      entries.set(path.posix.basename(found), {
        name: found,
        method: list.readUInt16LE(next + 10),
        packed: list.readUInt32LE(next + 20),
        offset: list.readUInt32LE(next + 42),
      })
      next += 46 + nameLength + list.readUInt16LE(next + 30) + list.readUInt16LE(next + 32)
    }
  } catch (error) {
    if (error instanceof RangeError) throw broken()
    throw error
  } finally {
    await handle.close()
  }
  return {
    has: (wanted) => entries.has(wanted),
    async *read(wanted) {
      const entry = entries.get(wanted)
      if (!entry || (entry.method !== 0 && entry.method !== 8)) throw broken()
      if (entry.packed === 0) return
      const begin = await dataStart(file, entry.offset).catch(() => {
        throw broken()
      })
      const bytes = createReadStream(file, { start: begin, end: begin + entry.packed - 1 })
      const unpacked = entry.method === 0 ? bytes : bytes.pipe(createInflateRaw())
      bytes.on('error', (error) => unpacked.destroy(error))
      let size = 0
      try {
        for await (const block of unpacked) {
          size += (block as Buffer).length
          if (size > largestEntry || (size > 64 * 2 ** 20 && size > entry.packed * highestRatio))
            throw new LoadError(
              `${wanted} in ${name} unpacks to more than ${highestRatio} times its size and was stopped.`,
            )
          yield block as Buffer
        }
      } catch (error) {
        throw error instanceof LoadError ? error : broken()
      } finally {
        bytes.destroy()
      }
    },
  }
}

/** Where the bytes of an entry begin, after its local header. */
async function dataStart(file: string, offset: number): Promise<number> {
  const handle = await open(file)
  try {
    const head = Buffer.alloc(30)
    const { bytesRead } = await handle.read(head, 0, 30, offset)
    if (bytesRead < 30 || head.readUInt32LE(0) !== 0x04034b50) throw new RangeError('no local header')
    return offset + 30 + head.readUInt16LE(26) + head.readUInt16LE(28)
  } finally {
    await handle.close()
  }
}
