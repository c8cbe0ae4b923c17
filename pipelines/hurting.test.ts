import { execFileSync } from 'node:child_process'
import { appendFile, mkdir, open, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { crc32, gzipSync } from 'node:zlib'
import protobuf from 'protobufjs'
import { expect, test } from 'vitest'
import schema from './decoders/gtfs-realtime.proto?raw'
import { decodeXes } from './decoders/xes.ts'
import { type LoadRequest, load } from './load.ts'
import { LoadError } from './loadError.ts'
import { loadMapping, type Mapping, parseMapping } from './mapping.ts'
import { rejectedCsv } from './rejectedRows.ts'
import { useStore } from './testStore.ts'

// What badInput.test.ts refuses because it is wrong, people meant well; these files are made to hurt.

const store = useStore()
const [clearway, xes, open311, gtfs] = await Promise.all(
  ['clearway', 'xes', 'open311', 'gtfs-rt'].map((name) => loadMapping(name)),
)
const header = 'case_id,service,activity,time\n'
const row = 'A,permits,Applied,2026-01-05T09:00:00Z\n'
const event = { case_id: 'A', service: 'permits', activity: 'Applied', time: '2026-01-05T09:00:00Z' }
const mebi = 2 ** 20

/** Loads what should be refused, and looks for anything that it left. */
async function refusal(file: string, request: Partial<LoadRequest>): Promise<string> {
  const source = path.basename(file).slice(0, 60)
  const failure: unknown = await load(store.db, {
    ...{ file, mapping: clearway as Mapping, source },
    ...request,
  }).catch((error: unknown) => error)
  expect(failure, source).toBeInstanceOf(LoadError)
  const facts = ['case_events', 'wait_times', 'outcomes', 'cases'].map(
    (table) => `SELECT 1 FROM ${table} WHERE source = {source: String}`,
  )
  expect(await store.rows(facts.join(' UNION ALL '), { source })).toEqual([])
  expect(await store.leftOvers()).toEqual([])
  expect(await readdir(path.join(store.dir, 'data', 'incoming')).catch(() => [])).toEqual([])
  const { message } = failure as LoadError
  const entries = await store.rows<{ state: string; error: string }>(
    'SELECT toString(state) AS state, error FROM loads FINAL WHERE source = {source: String}',
    { source },
  )
  for (const entry of entries) expect(entry).toEqual({ state: 'failed', error: message.slice(0, 2000) })
  expect(message.length).toBeLessThan(4000)
  return message
}

const frame = (head: string, ...blocks: string[]) => Buffer.from(`28b52ffd${head}${blocks.join('')}`, 'hex')
const nested = (open: string, close: string, depth: number) => open.repeat(depth) + close.repeat(depth)
const traceOf = (inner: string) => `<log><trace>${inner}</trace></log>`

test.each<{
  what: string
  name: string
  content: string | Buffer
  says: RegExp
  request?: Partial<LoadRequest>
}>([
  {
    what: '10,000 columns with the needed ones among them',
    name: 'wide.csv',
    content: `${header.trim()},${Array.from({ length: 9_996 }, (_, at) => `c${at}`).join(',')}\n${row.trim()}${','.repeat(9_996)}\n`,
    says: /header has 10000 columns; at most 400/,
  },
  {
    what: 'a column name without end',
    name: 'name.csv',
    content: `"${'n'.repeat(900_000)}\n",b\n1,2\n`,
    says: /fits none.*n…/,
  },
  {
    what: 'SQL and backticks for column names',
    name: 'sql.csv',
    content: "`;DROP TABLE loads,'),(--,\\\n1,2,3,4\n",
    says: /fits none/,
  },
  {
    what: 'a quote that opens with the file',
    name: 'quote1.csv',
    content: `"${header}${row.repeat(60_000)}`,
    says: /line 1 (is longer than 1 MB: a quote|is never closed)/,
  },
  {
    what: 'a quote that opens in the middle',
    name: 'quote2.csv',
    content: `${header}${row.repeat(9_000)}"${row.repeat(9_000)}`,
    says: /quote opened on line 9002 is never closed/,
  },
  {
    what: 'a quote that opens on the last line',
    name: 'quote3.csv',
    content: `${header}${row}A,permits,"Applied`,
    says: /quote opened on line 3 is never closed/,
  },
  {
    what: 'UTF-16 without a mark',
    name: 'utf16.csv',
    content: Buffer.from(header + row, 'utf16le').swap16(),
    says: /NUL bytes/,
  },
  {
    what: 'NUL bytes after many good rows',
    name: 'nul.csv',
    content: `${header}${row.repeat(40_000)}A,permits,\0,x\n`,
    says: /NUL bytes/,
  },
  {
    what: 'letters longer than they need to be',
    name: 'overlong.csv',
    content: Buffer.concat([Buffer.from(header + row), Buffer.from('c0af0a', 'hex')]),
    says: /Line 3 is not UTF-8/,
  },
  {
    what: 'line ends of an old Mac',
    name: 'cr.csv',
    content: (header + row).replaceAll('\n', '\r'),
    says: /carriage return without a line feed/,
  },
  { what: 'only a byte-order mark', name: 'bom.csv', content: '\uFEFF', says: /holds no rows/ },
  {
    what: 'nothing but empty lines',
    name: 'lines.csv',
    content: '\n'.repeat(1_000_000),
    says: /holds no rows/,
  },
  {
    what: 'a header of nothing',
    name: 'commas.csv',
    content: ',,,\n1,2,3,4\n',
    says: /fits none.*\(no name\), \(no name\)/,
  },
  {
    what: 'a row between every two of many gaps',
    name: 'gaps.csv',
    content: header + `${row}\n`.repeat(30_000),
    says: /too many empty lines/,
  },
  {
    what: 'the header again before every row',
    name: 'again.csv',
    content: (header + row).repeat(5),
    says: /4 of 9 rows were rejected.*not a service/,
  },
  {
    what: 'a zip archive inside a gzip',
    name: 'zip.csv.gz',
    content: Buffer.from('504b030414000000', 'hex'),
    says: /a zip archive/,
  },
  {
    what: 'a gzip of many members that explodes',
    name: 'members.csv',
    content: Buffer.concat(Array.from({ length: 90 }, () => gzipSync(Buffer.alloc(mebi, 'a,b\n')))),
    says: /unpacks to more than 300 times/,
  },
  {
    what: 'a huge window in the second frame of a zstd file',
    name: 'second.csv.zst',
    // the first frame is the header as it stands
    content: Buffer.concat([
      frame('0000', 'f10000', Buffer.from(header).toString('hex')),
      frame('00a8', '010000'),
    ]),
    says: /window of more than 128 MB/,
  },
  {
    what: 'a huge content size in a zstd frame',
    name: 'single.csv.zst',
    content: Buffer.concat([frame('a000000040', '010000'), Buffer.alloc(20)]),
    says: /window of more than 128 MB/,
  },
  {
    what: 'a zstd file of empty blocks with a large window',
    name: 'tiny.csv.zst',
    content: frame('0088', '000000'.repeat(20_000), '010000'),
    says: /countless tiny blocks/,
  },
  {
    what: 'elements nested 100,000 deep',
    name: 'deep.xes',
    content: traceOf(nested('<event>', '</event>', 100_000)),
    request: { mapping: xes as Mapping },
    says: /nests deeper than 64/,
  },
  {
    what: 'an entity from outside',
    name: 'outside.xes',
    content: `<!DOCTYPE l SYSTEM "file:///etc/passwd">${traceOf('')}`,
    request: { mapping: xes as Mapping },
    says: /DOCTYPE/,
  },
  {
    what: 'an undeclared entity',
    name: 'entity.xes',
    content: traceOf('<string key="a" value="&lol9;"/>'),
    request: { mapping: xes as Mapping },
    says: /not well-formed.*entity/,
  },
  {
    what: 'a NUL by its number',
    name: 'nul.xes',
    content: traceOf('<event><string key="a" value="&#0;"/></event>'),
    request: { mapping: xes as Mapping },
    says: /not well-formed/,
  },
  {
    what: 'a long attribute of a trace that swells every event',
    name: 'swell.xes',
    content: traceOf(`<string key="a" value="${'x'.repeat(400_000)}"/>${'<event/>'.repeat(10_000)}`),
    request: { mapping: xes as Mapping },
    says: /take far more space than the file/,
  },
  {
    what: 'an attribute of a trace that swells every event of a gzip',
    name: 'swell.xes.gz',
    content: traceOf(`<string key="a" value="${'x'.repeat(4_000)}"/>${'<event/>'.repeat(100_000)}`),
    request: { mapping: xes as Mapping },
    says: /take more than 1000 times the space/,
  },
  {
    what: 'an event with megabytes of attributes',
    name: 'fat.xes',
    content: traceOf(
      Array.from({ length: 9 }, (_, at) => `<string key="k${at}" value="${'x'.repeat(100_000)}"/>`).join(''),
    ),
    request: { mapping: xes as Mapping },
    says: /come to more than 500000 characters/,
  },
  {
    what: 'a JSON array nested 100,000 deep',
    name: 'deep.json',
    content: nested('[', ']', 100_000),
    says: /nests deeper than 256/,
  },
  {
    what: 'a JSON array of one value without end',
    name: 'long.json',
    content: `["${'x'.repeat(3 * mebi)}"]`,
    says: /longer than 1 MB/,
  },
  {
    what: 'Open311 JSON nested 100,000 deep',
    name: 'deep311.json',
    content: nested('[', ']', 100_000),
    request: { mapping: open311 as Mapping },
    says: /nests deeper than 256/,
  },
  {
    what: 'an Open311 record without end',
    name: 'long311.json',
    content: `{"a":"${'x'.repeat(6 * mebi)}"}`,
    request: { mapping: open311 as Mapping },
    says: /longer than 4 MB/,
  },
])('$what: refused in one clear sentence, and nothing is left', async ({ name, content, says, request }) => {
  expect(await refusal(await store.file(name, content), request ?? {})).toMatch(says)
})

test('one line of 300 MB is refused before it is in memory', async () => {
  const file = path.join(store.dir, 'line.csv')
  const handle = await open(file, 'w')
  await handle.write(header)
  const block = Buffer.alloc(4 * mebi, 'x')
  for (let at = 0; at < 75; at++) await handle.write(block)
  await handle.close()
  let highest = 0
  const before = process.memoryUsage().rss
  const watch = setInterval(() => {
    highest = Math.max(highest, process.memoryUsage().rss - before)
  }, 5)
  const message = await refusal(file, {})
  clearInterval(watch)
  expect(message).toMatch(/Line 2 is longer than 1 MB/)
  expect(highest).toBeLessThan(150 * mebi)
})

test('a pipe, a device, a folder and a link to itself are refused instead of waited for', async () => {
  const pipe = path.join(store.dir, 'pipe.csv')
  const loop = path.join(store.dir, 'loop.csv')
  const snapshots = path.join(store.dir, 'pipes')
  await mkdir(snapshots)
  execFileSync('mkfifo', [pipe, path.join(snapshots, '1.pb')])
  await symlink(loop, loop)
  expect(await refusal(pipe, {})).toMatch(/pipe\.csv is not a file/)
  expect(await refusal('/dev/zero', {})).toMatch(/zero is not a file/)
  expect(await refusal(loop, {})).toMatch(/does not exist or may not be read/)
  expect(await refusal(path.join(store.dir, 'data'), {})).toMatch(/holds no snapshots/)
  expect(await refusal(snapshots, { mapping: gtfs as Mapping })).toMatch(/1\.pb is not a file/)
})

test('a file that grows while it is loaded is refused', async () => {
  const file = await store.file('grows.csv', header + row)
  const grow = () => appendFile(file, row)
  const onStart = () => void grow()
  expect(await refusal(file, { onStart })).toMatch(/changed while it was loaded/)
})

test('tricks in the name of a file stay text', async () => {
  const name = `it's \`x\`\n'); DROP TABLE loads; --..;%2e%2e%2f${'é'.repeat(90)}.csv`
  const file = await store.file(name, header + row)
  expect(await load(store.db, { file, mapping: clearway as Mapping })).toMatchObject({ accepted: 1 })
  const held = await store.rows(`SELECT source FROM loads FINAL WHERE file_name = {name: String}`, { name })
  expect(held).toEqual([{ source: name.slice(0, -4) }])
})

test('cells are kept exactly as they came, whatever a spreadsheet or a shell would make of them', async () => {
  const ids = [
    "=cmd|' /C calc'!A0",
    '+1',
    '-1',
    '@SUM(A1)',
    '../../etc/passwd',
    "'; DROP TABLE loads; --",
    '`id`',
    '$(id)',
    '%00',
    '\\N',
    'é\u0301',
    '{{7*7}}',
    '<script>',
  ]
  const file = await store.file(
    'cells.csv',
    header + ids.map((id) => `"${id}",permits,Applied,2026-01-05\n`).join(''),
  )
  expect(await load(store.db, { file, mapping: clearway as Mapping, source: 'cells' })).toMatchObject({
    accepted: ids.length,
  })
  const held = await store.rows<{ case_id: string }>(`SELECT case_id FROM cases WHERE source = 'cells'`)
  expect(held.map(({ case_id }) => case_id).sort()).toEqual([...ids].sort())
})

test('old encodings, mixed line ends and empty lines load, with each row under its line', async () => {
  const latin = parseMapping(JSON.stringify({ name: 'latin', encoding: 'windows-1252' }), 'latin.json')
  const text = `${header}"A",permits,Pr\xfcfung \x80,2026-01-05\r\n\r\n${'\n'.repeat(100_000)}B,permits,b,2026-01-05\nC,permits,c,soon`
  const file = await store.file('latin.csv', Buffer.from(text, 'latin1'))
  const result = await load(store.db, { file, mapping: latin, source: 'latin', maxRejectedShare: 0.5 })
  expect(result).toMatchObject({ read: 3, accepted: 2, rejected: 1 })
  expect(await store.value(`SELECT activity FROM case_events WHERE source = 'latin' AND case_id = 'A'`)).toBe(
    'Prüfung €',
  )
  expect(await store.value(`SELECT line FROM rejected_rows WHERE load_id = '${result.load_id}'`)).toBe(
    100_005,
  )
})

test('lines of JSON made to hurt are rejected one by one, or read as what they say', async () => {
  const json = (more: object, id = 'x') => JSON.stringify({ ...event, case_id: id, ...more })
  const good = {
    duplicate: `{"case_id":"first","case_id":"second",${JSON.stringify(event).slice(15)}`,
    proto: `{"__proto__":{"case_id":"no"},"constructor":1,${json({}, 'proto').slice(1)}`,
    nul: json({}, 'a\0b'),
    number: json({}, 'n').replace('"n"', '12345678901234567890'),
    big: json({ more: 'x'.repeat(1_000_000) }, 'big'),
  }
  const bad = [
    json({}, 'deep').replace('}', `,"a":${nested('[', ']', 100_000)}}`),
    json({}, 'huge').replace('}', ',"a":1e999999}'),
    json({}, '?').replace('?', '\\ud800'),
    '[1,2]',
    'null',
    '"text"',
    '{"case_id":"open"',
  ]
  const file = await store.file('hurt.ndjson', [...Object.values(good), ...bad].join('\n'))
  const result = await load(store.db, {
    file,
    mapping: clearway as Mapping,
    source: 'hurt',
    maxRejectedShare: 0.9,
  })
  const held = await store.rows<{ case_id: string }>(`SELECT case_id FROM cases WHERE source = 'hurt'`)
  expect(held.map(({ case_id }) => case_id).sort()).toEqual([
    '12345678901234567890',
    'a\0b',
    'big',
    'first',
    'proto',
  ])
  expect(result).toMatchObject({ accepted: 5, rejected: bad.length })
})

test('moments that are none are rejected; those of the changing clock are taken by one rule', async () => {
  const bad = [
    '9999-12-31',
    '0000-00-00',
    '0000-01-01',
    '2026-02-29',
    '2025-06-30T23:59:60Z',
    '2026-01-05T24:00:00Z',
    '2026-01-05T09:60:00Z',
    '2026-1-5',
    '-2026-01-05',
    '２０２６-01-05',
    '1e9',
    'now',
  ]
  const good = ['2025-03-30T01:30:00', '2025-10-26T01:30:00', '2024-02-29', '1900-01-01']
  const file = await store.file(
    'moments.csv',
    header + [...bad, ...good].map((time, at) => `${at},permits,${time},${time}\n`).join(''),
  )
  const result = await load(store.db, {
    file,
    mapping: clearway as Mapping,
    source: 'moments',
    zone: 'Europe/London',
    maxRejectedShare: 0.9,
  })
  const held = await store.rows(
    `SELECT activity, toString(time) AS time FROM case_events WHERE source = 'moments' ORDER BY time`,
  )
  // an hour that comes twice, or never, is one of summer time
  expect(held).toEqual([
    { activity: '1900-01-01', time: '1900-01-01 00:00:00.000000' },
    { activity: '2024-02-29', time: '2024-02-29 00:00:00.000000' },
    { activity: '2025-03-30T01:30:00', time: '2025-03-30 00:30:00.000000' },
    { activity: '2025-10-26T01:30:00', time: '2025-10-26 00:30:00.000000' },
  ])
  expect(result.rejected).toBe(bad.length)
})

/** A Parquet file of one row, made by the engine. */
async function parquet(name: string, select: string): Promise<string> {
  const file = path.join(store.dir, name)
  await store.db.command({
    query: `INSERT INTO FUNCTION file({file: String}, 'Parquet') ${select}`,
    query_params: { file },
  })
  return file
}
const four = `SELECT 'A' AS case_id, 'permits' AS service, 'Applied' AS activity, '2026-01-05T09:00:00Z' AS time`

test('a Parquet file that was cut, lies or has other types is refused', async () => {
  const good = await readFile(await parquet('good.parquet', `${four} FROM numbers(50000)`))
  const length = good.readUInt32LE(good.length - 8)
  const footer = good.length - 8 - length
  const lie = (change: (bytes: Buffer) => void): Buffer => {
    const copy = Buffer.from(good)
    change(copy)
    return copy
  }
  const bad: [string, Buffer, RegExp][] = [
    ['cut', good.subarray(0, -100), /Parquet file is damaged/],
    [
      'footer',
      lie((bytes) => bytes.writeUInt32LE(length + 1_000_000, good.length - 8)),
      /Parquet file is damaged/,
    ],
    ['short', lie((bytes) => bytes.writeUInt32LE(8, good.length - 8)), /Parquet file is damaged/],
    // a list of as many empty structs as the footer has bytes
    [
      'structs',
      Buffer.concat([
        Buffer.from('PAR1'),
        Buffer.from('1502', 'hex'),
        Buffer.from('19fcffffff1f', 'hex'),
        Buffer.alloc(60 * mebi),
        Buffer.from([0, 0, 192, 3]),
        Buffer.from('PAR1'),
      ]),
      /Parquet file is damaged/,
    ],
    ['pages', lie((bytes) => bytes.fill(0xff, 4, footer)), /engine could not take the file/],
    [
      'groups',
      lie((bytes) => bytes.fill(0x7f, footer + Math.floor(length / 2), footer + length - 200)),
      /engine could not take the file|damaged/,
    ],
  ]
  for (const [name, bytes, says] of bad)
    expect(await refusal(await store.file(`${name}.parquet`, bytes), {}), name).toMatch(says)
  const types: [string, string, RegExp][] = [
    ['list', four.replace(`'A' AS case_id`, `['A'] AS case_id`), /"case_id" is missing|fits none/],
    ['tuple', four.replace(`'A' AS case_id`, `tuple('A') AS case_id`), /"case_id" is missing|fits none/],
    [
      'number',
      four.replace(`'2026-01-05T09:00:00Z'`, '20260105'),
      /1 of 1 rows were rejected.*time is not a time/,
    ],
    ['real', four.replace(`'2026-01-05T09:00:00Z'`, 'nan'), /1 of 1 rows were rejected.*time is not a time/],
  ]
  for (const [name, select, says] of types)
    expect(await refusal(await parquet(`${name}.parquet`, select), {}), name).toMatch(says)
})

test('a Parquet file of 10,000 columns loads the few that are meant', async () => {
  const more = Array.from({ length: 9_996 }, (_, at) => `${at} AS c${at}`).join(', ')
  const file = await parquet('wide.parquet', `${four}, ${more}`)
  expect(await load(store.db, { file, mapping: clearway as Mapping, source: 'wide' })).toMatchObject({
    accepted: 1,
  })
})

/** A zip archive of files as they are; a name may be anything. */
function zip(files: [string, string][]): Buffer {
  const parts: Buffer[] = []
  const list: Buffer[] = []
  let offset = 0
  for (const [name, text] of files) {
    const shared = Buffer.alloc(26)
    shared.writeUInt32LE(crc32(text), 10)
    shared.writeUInt32LE(text.length, 14)
    shared.writeUInt32LE(text.length, 18)
    shared.writeUInt16LE(name.length, 22)
    const local = Buffer.concat([Buffer.from('504b0304', 'hex'), shared, Buffer.from(name + text)])
    const entry = Buffer.alloc(46)
    entry.writeUInt32LE(0x02014b50, 0)
    shared.copy(entry, 6)
    entry.writeUInt16LE(name.length, 28)
    entry.writeUInt32LE(offset, 42)
    list.push(entry, Buffer.from(name))
    parts.push(local)
    offset += local.length
  }
  const index = Buffer.concat(list)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(files.length, 10)
  end.writeUInt32LE(index.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...parts, index, end])
}

const feedType = protobuf.parse(schema, { keepCase: true }).root.lookupType('transit_realtime.FeedMessage')
const made = 1_768_500_000
const feed = (updates: object[]): Buffer =>
  Buffer.from(
    feedType
      .encode(
        feedType.fromObject({
          header: { gtfs_realtime_version: '2.0', timestamp: made },
          entity: updates.map((trip_update, id) => ({ id: `${id}`, trip_update })),
        }),
      )
      .finish(),
  )
const visit = (more: object, trip: object = {}) => ({
  trip: { trip_id: 'T1', start_date: '20260115', ...trip },
  stop_time_update: [{ stop_sequence: 1, arrival: { time: made - 60, delay: 60, ...more } }],
})
const plan: [string, string][] = [
  ['agency.txt', 'agency_timezone\nUTC\n'],
  ['trips.txt', 'route_id,trip_id\nR1,T1\n'],
  ['stop_times.txt', 'trip_id,arrival_time,departure_time,stop_id,stop_sequence\n'],
]

async function transit(name: string, snapshot: Buffer, schedule?: Buffer): Promise<string> {
  const folder = path.join(store.dir, name)
  await mkdir(folder)
  await writeFile(path.join(folder, '1.pb'), snapshot)
  if (schedule) await writeFile(path.join(folder, 'gtfs.zip'), schedule)
  return folder
}

test('a feed of lies is refused, and so is a schedule', async () => {
  const good = feed([visit({})])
  const entity = (length: string, body: Buffer) =>
    Buffer.concat([good, Buffer.from(`12${length}`, 'hex'), body])
  const bad: [string, Buffer, RegExp, Buffer?][] = [
    ['longer', entity('ffffffff07', Buffer.alloc(9)), /is not a GTFS-Realtime feed/],
    ['varint', entity('ffffffffffffffffffff01', Buffer.alloc(9)), /is not a GTFS-Realtime feed/],
    ['inner', entity('04', Buffer.from('0affff7f', 'hex')), /is not a GTFS-Realtime feed/],
    ['millions', entity('80808008', Buffer.alloc(16 * mebi, '1200', 'hex')), /is not a GTFS-Realtime feed/],
    ['deep', entity('80897a', Buffer.alloc(2_000_000, 0x1b)), /is not a GTFS-Realtime feed/],
    ['unseen', feed([]).subarray(2), /is not a GTFS-Realtime feed|does not say when/],
    ['far', feed([visit({ time: '9223372036854775807', delay: -2147483648 })]), /rows were rejected/],
    [
      'empty',
      good,
      /stop_times\.txt of the GTFS archive is empty/,
      zip([...plan.slice(0, 2), ['stop_times.txt', '']]),
    ],
    ['missing', good, /has no stop_times\.txt/, zip(plan.slice(0, 2))],
  ]
  for (const [name, bytes, says, schedule] of bad)
    expect(await refusal(await transit(name, bytes, schedule), { mapping: gtfs as Mapping }), name).toMatch(
      says,
    )
})

test('names inside a zip archive reach no path', async () => {
  const names = plan.map(([name, text]): [string, string] => [`../../../../${name}`, text])
  const folder = await transit(
    'outside',
    feed([visit({})]),
    zip([...names, ['/etc/cron.d/x', 'x'], ['a\0b', 'x']]),
  )
  expect(await load(store.db, { file: folder, mapping: gtfs as Mapping, source: 'outside' })).toMatchObject({
    accepted: 1,
  })
  expect((await readdir(folder)).sort()).toEqual(['1.pb', 'gtfs.zip'])
})

test('rejected rows go out as they came in, with the reason beside them', async () => {
  const file = await store.file(
    'mend.csv',
    `${header}${row}=1+1,permits,"a ""b"", c",soon\n__proto__,permits,,2026-01-05\n`,
  )
  const { load_id } = await load(store.db, {
    file,
    mapping: clearway as Mapping,
    source: 'mend',
    maxRejectedShare: 0.9,
  })
  let csv = ''
  for await (const part of rejectedCsv(store.db, load_id)) csv += part
  expect(csv.split(/\r?\n/).map((line) => line.split(/,\d+,/)[0])).toEqual([
    'case_id,service,activity,time,rejected_line,rejected_because',
    '=1+1,permits,"a ""b"", c",soon',
    '__proto__,permits,,2026-01-05',
    '',
  ])
})

test('keys that objects of JavaScript have anyway are attributes like any others', async () => {
  const inner = ['__proto__', 'constructor', 'key"\\\n'].map(
    (key) => `<string key="${key.replace('"', '&quot;')}" value="&lt;\u2028&#10;"/>`,
  )
  const blocks = (async function* () {
    yield Buffer.from(traceOf(`<event>${inner.join('')}</event>`))
  })()
  let lines = ''
  for await (const block of decodeXes(blocks)) lines += block.toString()
  expect(Object.entries(JSON.parse(lines))).toEqual(
    ['__proto__', 'constructor', 'key"\\ '].map((key) => [key, '<\u2028\n']),
  )
})
