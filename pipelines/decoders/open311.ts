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

function requestOf(record: Fields): Fields {
  const request = pick(record, requestFields)
  if (record.status?.trim().toLowerCase() !== 'closed') return request
  const isDuplicate = /duplicate/i.test(`${record.status_notes ?? ''} ${record.status_description ?? ''}`)
  return {
    ...request,
    closed_datetime: record.closed_date || record.closed_datetime || record.updated_datetime || '',
    outcome: isDuplicate ? 'duplicate' : 'closed',
  }
}

const pick = (record: Fields, names: readonly string[]): Fields =>
  Object.fromEntries(names.flatMap((name) => (record[name] ? [[name, record[name].trim()]] : [])))

type Kind = 'request' | 'service'

async function* recordsOf(blocks: AsyncIterable<Buffer>, kind: Kind): AsyncGenerator<Fields[]> {
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

async function* xmlRecords(blocks: AsyncIterable<Buffer>, kind: Kind): AsyncGenerator<Fields[]> {
  let records: Fields[] = []
  let record: Fields | undefined
  let field = ''
  let text = ''
  const reading = readXml(blocks, 'Open311', {
    open(name, _, depth) {
      if (depth === 1) checkRoot(name, kind)
      if (depth === 2) record = {}
      if (depth === 3) field = name
      text = ''
    },
    text(more) {
      if (field !== '' && text.length + more.length <= longestText) text += more
    },
    close(_, depth) {
      if (depth === 3 && record) {
        record[field] = text
        field = ''
      }
      if (depth === 2 && record) {
        records.push(record)
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

async function* jsonRecords(lines: AsyncIterable<Buffer>, kind: Kind): AsyncGenerator<Fields[]> {
  const text = new TextDecoder('utf-8')
  const idName = kind === 'request' ? 'service_request_id' : 'service_code'
  let rest = ''
  let number = 0
  const read = (line: string): Fields[] => {
    if (line.trim() === '') return []
    number++
    let value: unknown
    try {
      value = JSON.parse(line)
    } catch {
      throw new LoadError(`Record ${number} of the Open311 file is not JSON.`)
    }
    if (value === null || typeof value !== 'object')
      throw new LoadError(`Record ${number} of the Open311 file is no object.`)
    const { extended_attributes: more, ...fields } = value as Record<string, unknown>
    const record = texts({ ...(typeof more === 'object' ? more : {}), ...fields })
    if (number === 1 && kind === 'request' && !(idName in record) && 'metadata' in record)
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

/** Plain values as text; everything nested is left out. */
const texts = (record: Record<string, unknown>): Fields =>
  Object.fromEntries(
    Object.entries(record).flatMap(([name, value]) =>
      typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
        ? [[name, String(value)]]
        : [],
    ),
  )
