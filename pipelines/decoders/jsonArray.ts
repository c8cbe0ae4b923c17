import { LoadError } from '../loadError.ts'

const quote = 34
const backslash = 92
const comma = 44
const openings = new Set([91, 123])
const closings = new Set([93, 125])
const whitespace = new Set([32, 9, 10, 13])
const deepest = 256

/**
 * A JSON array as lines, one element a line, in memory bounded by one block. Only where elements begin and end is looked at here;
 * whether each is good JSON is the engine's to say, row by row. Throws LoadError when the array does not end.
 */
export async function* splitJsonArray(blocks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let depth = 0
  let inText = false
  let escaped = false
  let isOver = false
  let hasElement = false
  let isFirst = true
  for await (const given of blocks) {
    const block =
      isFirst && given[0] === 0xef && given[1] === 0xbb && given[2] === 0xbf ? given.subarray(3) : given
    isFirst = false
    const out = Buffer.allocUnsafe(block.length + 1)
    let size = 0
    for (const byte of block) {
      if (inText) {
        if (escaped) escaped = false
        else if (byte === backslash) escaped = true
        else if (byte === quote) inText = false
        out[size++] = byte
        continue
      }
      // between elements and inside them white space says nothing, and a line end would part the line
      if (whitespace.has(byte)) {
        if (depth > 1) out[size++] = 32
        continue
      }
      if (isOver || (depth === 0 && byte !== 91))
        throw new LoadError('After the JSON array the file goes on. Write one array, or one object a line.')
      if (depth === 1 && byte === comma) {
        out[size++] = 10
        continue
      }
      if (closings.has(byte)) {
        depth--
        isOver = depth === 0
        if (isOver) {
          if (hasElement) out[size++] = 10
          continue
        }
      } else if (openings.has(byte)) {
        depth++
        if (depth > deepest) throw new LoadError(`The JSON array nests deeper than ${deepest} levels.`)
        if (depth === 1) continue
      } else if (byte === quote) inText = true
      hasElement = true
      out[size++] = byte
    }
    if (size > 0) yield out.subarray(0, size)
  }
  if (!isOver) throw new LoadError('The JSON array is never closed: the file was cut off. Copy it again.')
}
