import { SaxesParser, type SaxesTagPlain } from 'saxes'
import { LoadError } from '../loadError.ts'

const attributeTags = new Set(['string', 'date', 'int', 'float', 'boolean', 'id'])
const deepest = 64
const mostAttributes = 1_000

/**
 * XES (IEEE 1849) as lines of JSON: one event a line, attributes of its trace with `case:` before their names, nested attributes
 * left out. Streams; documents with a DOCTYPE are refused, so no entity is ever expanded.
 */
export async function* decodeXes(blocks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let lines: string[] = []
  let size = 0
  let trace: Record<string, string> | undefined
  let event: Record<string, string> | undefined
  let depth = 0
  let traceDepth = 0
  let eventDepth = 0
  let sawLog = false

  const parser = new SaxesParser()
  parser.on('doctype', () => {
    throw new LoadError('The XES file declares a DOCTYPE. Entities are not read; remove the declaration.')
  })
  parser.on('error', (error) => {
    throw new LoadError(`The XES file is not well-formed XML: ${error.message.replace(/\s+/g, ' ')}`)
  })
  parser.on('opentag', (tag: SaxesTagPlain) => {
    depth++
    if (depth > deepest)
      throw new LoadError(`The XES file nests deeper than ${deepest} elements near line ${parser.line}.`)
    if (depth === 1) {
      if (tag.name !== 'log')
        throw new LoadError(
          `The file is XML, but its first element is <${tag.name}>, not <log>: it is not XES.`,
        )
      sawLog = true
    } else if (tag.name === 'trace' && depth === 2) {
      trace = {}
      traceDepth = depth
    } else if (tag.name === 'event' && !event) {
      event = {}
      eventDepth = depth
    } else if (attributeTags.has(tag.name)) {
      const target =
        event && depth === eventDepth + 1
          ? event
          : !event && trace && depth === traceDepth + 1
            ? trace
            : undefined
      const key = tag.attributes.key
      if (target && key !== undefined) {
        target[target === trace ? `case:${key}` : key] = tag.attributes.value ?? ''
        if (Object.keys(target).length > mostAttributes)
          throw new LoadError(
            `An element near line ${parser.line} has more than ${mostAttributes} attributes.`,
          )
      }
    }
  })
  parser.on('closetag', (tag) => {
    if (event && tag.name === 'event' && depth === eventDepth) {
      const line = `${JSON.stringify({ ...trace, ...event })}\n`
      lines.push(line)
      size += line.length
      event = undefined
    } else if (trace && tag.name === 'trace' && depth === traceDepth) trace = undefined
    depth--
  })

  const text = new TextDecoder('utf-8', { fatal: true })
  try {
    for await (const block of blocks) {
      parser.write(decode(text, block))
      if (size > 262_144) {
        yield Buffer.from(lines.join(''))
        lines = []
        size = 0
      }
    }
    parser.close()
  } catch (error) {
    if (error instanceof LoadError) throw error
    throw new LoadError(
      `The XES file cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
  if (!sawLog) throw new LoadError('The XES file is empty.')
  if (lines.length > 0) yield Buffer.from(lines.join(''))
}

function decode(text: TextDecoder, block: Buffer): string {
  try {
    return text.decode(block, { stream: true })
  } catch {
    throw new LoadError('The XES file is not UTF-8 text. Save it as UTF-8.')
  }
}
