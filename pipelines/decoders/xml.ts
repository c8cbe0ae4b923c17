import { SaxesParser } from 'saxes'
import { LoadError } from '../loadError.ts'

const deepest = 64
const longestGap = 4 * 2 ** 20
/** A few bytes may stand for many rows: those of so many are handed on before more are read. */
const step = 65_536

export type XmlHandlers = {
  /** `depth` is 1 for the first element. */
  open: (name: string, attributes: Record<string, string>, depth: number) => void
  close: (name: string, depth: number) => void
  text?: (text: string) => void
}

/**
 * Reads XML block by block in bounded memory and yields every few of them. Documents with a DOCTYPE are refused, so no entity is ever
 * expanded and nothing outside is read. Throws LoadError; `what` names the format in its sentences.
 */
export async function* readXml(
  blocks: AsyncIterable<Buffer>,
  what: string,
  handlers: XmlHandlers,
): AsyncGenerator<void> {
  let depth = 0
  let sinceTag = 0
  let isEmpty = true
  const parser = new SaxesParser()
  parser.on('doctype', () => {
    throw new LoadError(`The ${what} file declares a DOCTYPE. Entities are not read; remove the declaration.`)
  })
  parser.on('error', (error) => {
    throw new LoadError(`The ${what} file is not well-formed XML: ${error.message.replace(/\s+/g, ' ')}`)
  })
  parser.on('opentag', (tag) => {
    depth++
    sinceTag = 0
    isEmpty = false
    if (depth > deepest)
      throw new LoadError(`The ${what} file nests deeper than ${deepest} elements near line ${parser.line}.`)
    handlers.open(tag.name, tag.attributes, depth)
  })
  parser.on('closetag', (tag) => {
    sinceTag = 0
    handlers.close(tag.name, depth)
    depth--
  })
  const { text: onText } = handlers
  if (onText) parser.on('text', onText)
  const text = new TextDecoder('utf-8', { fatal: true })
  try {
    for await (const block of blocks)
      for (let at = 0; at < block.length; at += step) {
        const part = block.subarray(at, at + step)
        sinceTag += part.length
        parser.write(decode(text, part, what))
        if (sinceTag > longestGap)
          throw new LoadError(
            `The ${what} file has an element of more than 4 MB near line ${parser.line}. Is it whole?`,
          )
        yield
      }
    parser.close()
  } catch (error) {
    if (error instanceof LoadError) throw error
    throw new LoadError(
      `The ${what} file cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
  if (isEmpty) throw new LoadError(`The ${what} file is empty.`)
  yield
}

function decode(text: TextDecoder, block: Buffer, what: string): string {
  try {
    return text.decode(block, { stream: true })
  } catch {
    throw new LoadError(`The ${what} file is not UTF-8 text. Save it as UTF-8.`)
  }
}
