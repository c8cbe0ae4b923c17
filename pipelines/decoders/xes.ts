import { LoadError } from '../loadError.ts'
import { Lines } from './lines.ts'
import { readXml } from './xml.ts'

const attributeTags = new Set(['string', 'date', 'int', 'float', 'boolean', 'id'])
const mostAttributes = 1_000

/**
 * XES (IEEE 1849) as lines of JSON: one event a line, attributes of its trace with `case:` before their names, nested attributes
 * left out. Streams; documents with a DOCTYPE are refused, so no entity is ever expanded.
 */
export async function* decodeXes(blocks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const lines = new Lines()
  let trace: Record<string, string> | undefined
  let event: Record<string, string> | undefined
  let eventDepth = 0

  const reading = readXml(blocks, 'XES', {
    open(name, attributes, depth) {
      if (depth === 1 && name !== 'log')
        throw new LoadError(`The file is XML, but its first element is <${name}>, not <log>: it is not XES.`)
      if (name === 'trace' && depth === 2) trace = {}
      else if (name === 'event' && !event) {
        event = {}
        eventDepth = depth
      } else if (attributeTags.has(name)) {
        const target =
          event && depth === eventDepth + 1 ? event : !event && trace && depth === 3 ? trace : undefined
        const key = attributes.key
        if (!target || key === undefined) return
        target[target === trace ? `case:${key}` : key] = attributes.value ?? ''
        if (Object.keys(target).length > mostAttributes)
          throw new LoadError(
            `A <${target === trace ? 'trace' : 'event'}> has more than ${mostAttributes} attributes.`,
          )
      }
    },
    close(name, depth) {
      if (event && name === 'event' && depth === eventDepth) {
        lines.add({ ...trace, ...event })
        event = undefined
      } else if (trace && name === 'trace' && depth === 2) trace = undefined
    },
  })
  for await (const _ of reading) yield* lines.take()
  yield* lines.take(true)
}
