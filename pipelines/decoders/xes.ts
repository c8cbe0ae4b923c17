import { LoadError } from '../loadError.ts'
import { Lines } from './lines.ts'
import { readXml } from './xml.ts'

const attributeTags = new Set(['string', 'date', 'int', 'float', 'boolean', 'id'])
const mostAttributes = 1_000
/** What an event may come to, in characters, with the attributes of its trace. */
const longestEvent = 500_000

/**
 * XES (IEEE 1849) as lines of JSON: one event a line, attributes of its trace with `case:` before their names, nested attributes
 * left out. Streams; documents with a DOCTYPE are refused, so no entity is ever expanded.
 */
export async function* decodeXes(blocks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const lines = new Lines()
  const trace = new Attributes('case:')
  const event = new Attributes('')
  let inTrace = false
  /** 0 outside events. */
  let eventDepth = 0

  const reading = readXml(blocks, 'XES', {
    open(name, attributes, depth) {
      if (depth === 1 && name !== 'log')
        throw new LoadError(`The file is XML, but its first element is <${name}>, not <log>: it is not XES.`)
      if (attributeTags.has(name)) {
        const target =
          eventDepth > 0
            ? depth === eventDepth + 1
              ? event
              : undefined
            : inTrace && depth === 3
              ? trace
              : undefined
        if (!target || attributes.key === undefined) return
        target.add(attributes.key, attributes.value ?? '')
        if (target.count > mostAttributes)
          throw new LoadError(
            `A <${target === trace ? 'trace' : 'event'}> has more than ${mostAttributes} attributes.`,
          )
        if (event.size + trace.size > longestEvent)
          throw new LoadError(
            `The attributes of an <event> and its <trace> come to more than ${longestEvent} characters.`,
          )
      } else if (name === 'event' && eventDepth === 0) eventDepth = depth
      else if (name === 'trace' && depth === 2) inTrace = true
    },
    close(name, depth) {
      if (depth === eventDepth) {
        const both = trace.count > 0 && event.count > 0 ? ',' : ''
        lines.addJson(`{${trace.json()}${both}${event.json()}}`)
        event.clear()
        eventDepth = 0
      } else if (name === 'trace' && depth === 2) {
        inTrace = false
        trace.clear()
      }
    },
  })
  for await (const _ of reading) yield* lines.take()
  yield* lines.take(true)
}

/** The attributes of one element as the inside of a JSON object. */
class Attributes {
  /** A log uses the same few keys millions of times. */
  readonly #names = new Map<string, string>()
  #parts: string[] = []
  #json: string | undefined = ''
  count = 0
  size = 0

  constructor(readonly prefix: string) {}

  add(key: string, value: string): void {
    this.#parts.push(this.#nameOf(key) + quoted(value))
    this.count++
    this.size += key.length + value.length
    this.#json = undefined
  }

  /** Made once for all events of a trace. */
  json(): string {
    this.#json ??= this.#parts.join(',')
    return this.#json
  }

  clear(): void {
    this.#parts = []
    this.#json = ''
    this.count = 0
    this.size = 0
  }

  #nameOf(key: string): string {
    const known = this.#names.get(key)
    if (known !== undefined) return known
    const name = `${JSON.stringify(this.prefix + key)}:`
    // a copy: the key itself would keep the whole block of the file in memory
    if (this.#names.size < 1_000 && key.length < 100) this.#names.set(Buffer.from(key).toString(), name)
    return name
  }
}

/** Text that is its own JSON: without quotes, backslashes, control characters and halves of surrogate pairs. */
const plain = /^[ !#-[\]-\ud7ff\ue000-\uffff]*$/
const quoted = (text: string): string => (plain.test(text) ? `"${text}"` : JSON.stringify(text))
