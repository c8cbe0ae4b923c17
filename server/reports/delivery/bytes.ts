import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import path from 'node:path'
import { Transform } from 'node:stream'
import { isCode } from '../../durable.ts'

/** SHA-256 of a file as hex; undefined when there is none. */
export async function sha256Of(file: string): Promise<string | undefined> {
  const hash = createHash('sha256')
  try {
    for await (const block of createReadStream(file)) hash.update(block as Buffer)
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined
    throw error
  }
  return hash.digest('hex')
}

/** Lets bytes through; when all went, `sum` tells how many there were and their SHA-256. */
export function counting() {
  const hash = createHash('sha256')
  let bytes = 0
  const through = new Transform({
    transform(block: Buffer, _, done) {
      hash.update(block)
      bytes += block.length
      done(null, block)
    },
  })
  return { through, sum: () => ({ sha256: hash.digest('hex'), bytes }) }
}

/** Lets bytes through and tells how many; where the listener fails the stream ends with it. */
export const telling = (onBytes: (bytes: number) => void) =>
  async function* (source: AsyncIterable<Buffer>) {
    for await (const block of source) {
      onBytes(block.length)
      yield block
    }
  }

export const sizeOf = (file: string): Promise<number | undefined> =>
  stat(file).then(
    ({ size }) => size,
    (error) => {
      if (isCode(error, 'ENOENT')) return undefined
      throw error
    },
  )

/** What a format that holds one table and nothing else has beside it: the report as text, with its head. */
export const aboutName = (name: string): string => `${name}.about.txt`
export const hasAbout = (name: string): boolean => /\.(csv|parquet|ndjson)$/.test(name)

/** A name that any file system takes: one part of a path, not hidden, without control characters. */
export const safeName = (name: string): string =>
  name
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
    .replace(/[\u0000-\u001f\u007f/\\:*?"<>|]+/g, '-')
    .replace(/^\.+/, '')
    .slice(0, 150) || 'report'

/** `brief-2026-06.pdf` with a mark: `brief-2026-06.1a2b3c.pdf`. */
export function markedName(name: string, mark: string): string {
  const { name: stem, ext } = path.parse(safeName(name))
  return `${stem}.${mark}${ext}`
}

/** Content-Disposition of a file that is saved under this name, in any script (RFC 6266 and 8187). */
export function savedAs(name: string, how: 'attachment' | 'inline' = 'attachment'): string {
  const coded = encodeURIComponent(name).replace(/['()*!]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`)
  return `${how}; filename="${name.replace(/[^\w.-]/g, '_')}"; filename*=UTF-8''${coded}`
}
