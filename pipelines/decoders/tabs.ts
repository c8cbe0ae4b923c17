import { LoadError } from '../loadError.ts'

const tab = 9
const lf = 10
const cr = 13
const quote = 34
const unit = 31

/** What parts the cells instead of a tab: the engine reads no CSV parted by tabs. */
export const unitSeparator = String.fromCharCode(unit)

/** Text parted by tabs with the same cells parted by the unit separator; tabs inside quotes stay. */
export async function* partByUnits(blocks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let isQuoted = false
  let isStart = true
  let afterQuote = false
  for await (const given of blocks) {
    if (given.includes(unit))
      throw new LoadError(
        'The file holds the control character U+001F. Remove it, or save the file with commas.',
      )
    const block = Buffer.from(given)
    for (let at = 0; at < block.length; at++) {
      const byte = block[at]
      if (isQuoted) {
        if (byte === quote) {
          isQuoted = false
          afterQuote = true
        }
        continue
      }
      if (byte === quote && (isStart || afterQuote)) isQuoted = true
      else if (byte === tab) block[at] = unit
      afterQuote = false
      isStart = byte === tab || byte === lf || byte === cr
    }
    yield block
  }
}
