import { LoadError } from '../loadError.ts'
import { splitJsonArray } from './jsonArray.ts'
import { Lines } from './lines.ts'
import { readXml } from './xml.ts'

type Fields = Record<string, string>

const longestText = 100_000
/** What is taken of a request. Descriptions, addresses, places and pictures of residents stay where they are. */
const requestFields = [
  ...[
    'service_request_id',
    'jurisdiction_id',
    'service_code',
    'service_name',
    'agency_responsible',
    'status',
  ],
  ...['requested_datetime', 'updated_datetime', 'expected_datetime', 'source', 'channel', 'ward'],
]
const serviceFields = ['service_code', 'service_name', 'group', 'type', 'metadata', 'keywords', 'description']

/** What is looked at beside them, to tell when and how a request was closed. */
const closingFields = ['status_notes', 'status_description', 'closed_date', 'closed_datetime']
const wantedFields = new Set([...requestFields, ...closingFields, ...serviceFields])

/**
 * Open311 GeoReport v2, XML or JSON, as lines of JSON. A request gets `closed_datetime` when its status is closed (`closed_date`
 * of the bulk format, else `updated_datetime`) and then an `outcome`: `duplicate` when the status notes say so, else `closed`,
 * since closed is not the same as solved.
 */
export async function* decodeOpen311(blocks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const lines = new Lines()
  for await (const records of recordsOf(blocks, 'request')) {
    for (const record of records) lines.add(requestOf(record))
    yield* lines.take()
  }
  yield* lines.take(true)
}

/** The service list of Open311 GeoReport v2, XML or JSON. */
export async function readOpen311Services(blocks: AsyncIterable<Buffer>): Promise<Fields[]> {
  const services: Fields[] = []
  for await (const records of recordsOf(blocks, 'service'))
    for (const record of records) services.push(pick(record, serviceFields))
  return services
}

/** One value of a record, '' where it has none. */
type Source = (name: string) => string

function requestOf(record: Source): Fields {
  const request = pick(record, requestFields)
  if (request.status?.toLowerCase() !== 'closed') return request
  request.closed_datetime = record('closed_date') || record('closed_datetime') || record('updated_datetime')
  const isDuplicate = /duplicate/i.test(`${record('status_notes')} ${record('status_description')}`)
  request.outcome = isDuplicate ? 'duplicate' : 'closed'
  return request
}

function pick(record: Source, names: readonly string[]): Fields {
  const fields: Fields = {}
  for (const name of names) {
    const value = record(name)
    if (value !== '') fields[name] = value
  }
  return fields
}

type Kind = 'request' | 'service'

async function* recordsOf(blocks: AsyncIterable<Buffer>, kind: Kind): AsyncGenerator<Source[]> {
  const iterator = blocks[Symbol.asyncIterator]()
  const first = await iterator.next()
  if (first.done) return
  const all = (async function* () {
    yield first.value
    yield* { [Symbol.asyncIterator]: () => iterator }
  })()
  const start = first.value
    .toString('utf8', 0, 200)
    .replace(/^\uFEFF/, '')
    .trimStart()
  if (start.startsWith('<')) yield* xmlRecords(all, kind)
  else if (start.startsWith('[')) yield* jsonRecords(splitJsonArray(all), kind)
  else if (start.startsWith('{')) yield* jsonRecords(all, kind)
  else throw new LoadError('The file is neither XML nor JSON: it is not Open311.')
}

async function* xmlRecords(blocks: AsyncIterable<Buffer>, kind: Kind): AsyncGenerator<Source[]> {
  let records: Source[] = []
  let record: Map<string, string> | undefined
  let field = ''
  let text = ''
  const reading = readXml(blocks, 'Open311', {
    open(name, _, depth) {
      if (depth === 1) checkRoot(name, kind)
      if (depth === 2) record = new Map()
      if (depth === 3) field = wantedFields.has(name) ? name : ''
      text = ''
    },
    text(more) {
      if (field !== '' && text.length + more.length <= longestText) text += more
    },
    close(_, depth) {
      if (depth === 3 && record && field !== '') {
        record.set(field, text.trim())
        field = ''
      }
      if (depth === 2 && record) {
        const values = record
        records.push((name) => values.get(name) ?? '')
        record = undefined
      }
    },
  })
  for await (const _ of reading) {
    yield records
    records = []
  }
}

function checkRoot(name: string, kind: Kind): void {
  const isOf: Record<string, Kind> = { service_requests: 'request', requests: 'request', services: 'service' }
  if (isOf[name] === kind) return
  if (name === 'errors')
    throw new LoadError('The Open311 file is an error answer of the server, not data. Ask the server again.')
  const wanted = kind === 'request' ? 'requests (<service_requests>)' : 'a service list (<services>)'
  throw new LoadError(`The first element of the file is <${name}>; Open311 ${wanted} were expected.`)
}

async function* jsonRecords(lines: AsyncIterable<Buffer>, kind: Kind): AsyncGenerator<Source[]> {
  const text = new TextDecoder('utf-8')
  const idName = kind === 'request' ? 'service_request_id' : 'service_code'
  let rest = ''
  let number = 0
  const read = (line: string): Source[] => {
    if (line.trim() === '') return []
    number++
    let value: unknown
    try {
      value = JSON.parse(line)
    } catch {
      throw new LoadError(`Record ${number} of the Open311 file is not JSON.`)
    }
    if (!isObject(value)) throw new LoadError(`Record ${number} of the Open311 file is no object.`)
    const more = isObject(value.extended_attributes) ? value.extended_attributes : {}
    const record: Source = (name) => textOf(value[name]) || textOf(more[name])
    if (number === 1 && kind === 'request' && !(idName in value) && 'metadata' in value)
      throw new LoadError('The file is a service list; Open311 requests were expected.')
    return [record]
  }
  for await (const block of lines) {
    const parts = (rest + text.decode(block, { stream: true })).split('\n')
    rest = parts.pop() ?? ''
    if (rest.length > 4 * 2 ** 20) throw new LoadError('A record of the Open311 file is longer than 4 MB.')
    yield parts.flatMap(read)
  }
  yield read(rest)
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

/** A plain value as text; everything nested is left out. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value.trim()
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : ''
}
