import { createHash, createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import ExcelJS from 'exceljs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makePublished } from '../../fixtures/published/make.ts'
import { ingest } from '../../pipelines/ingest.ts'
import { useStore } from '../../pipelines/testStore.ts'
import { isAlive } from '../../sql/alive.ts'
import { applyConfig } from '../../sql/applyConfig.ts'
import { configSchema } from '../../sql/config.ts'
import type { Db } from '../../sql/db.ts'
import { UnknownIdError } from '../../sql/errors.ts'
import type { ReportFormat } from '../../sql/reportIds.ts'
import { apart } from '../apart.ts'
import { createApp } from '../app.ts'
import { dataFiles } from '../openData/dataFiles.ts'
import { parquetBy } from '../openData/parquet.ts'
import { manifestFiles } from '../releases/manifest.ts'
import { parseCsv } from '../testCsv.ts'
import { steady } from './columns.ts'
import type { ReportCell, ReportColumn, ReportContent, ReportRequest, ReportTable } from './content.ts'
import type { Paper } from './document.ts'
import { compose, make } from './make.ts'
import { errorOf } from './makeReport.ts'
import { rawTableIds } from './rawTables.ts'
import { NotNowError, ReportError } from './reportError.ts'
import { storeDesk } from './storeDesk.ts'
import { writeReport } from './write.ts'

/** Every figure of every report in every format against the API's own answer, and text that programs might run. */

const store = useStore()
let dir = ''
let db: Db
let app: ReturnType<typeof createApp>
const config = configSchema.parse({
  jurisdiction: { name: 'Test City', time_zone: 'Europe/London' },
  feedback: { address: 'https://clearway.city.example' },
})
const june = { from: '2026-06-01', until: '2026-07-01' }
const nasty = [
  '=cmd|x',
  '+1',
  '-7',
  '@SUM(A1)',
  '\tTab',
  'two\nlines',
  '"=1+1',
  "' =2",
  '＝3',
  'plain',
  '<b> & c',
  'ü "q", x',
]
const paper: Paper = {
  pdf: async (document) => new TextEncoder().encode(JSON.stringify(document)),
  html: (document) => `<h1>${document.title}</h1>`,
  text: ({ title, head }) => [title, ...head.map(({ label, value }) => `${label}: ${value}`)].join('\n'),
  chartSvg: () => '<svg xmlns="http://www.w3.org/2000/svg"/>',
}

const cell = (text: string) => `"${text.replaceAll('"', '""')}"`
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'clearway-reports-'))
  const rows = Array.from({ length: 60 }, (_, index) => {
    const id = index < nasty.length ? (nasty[index] as string) : `case ${index}`
    const day = String((index % 25) + 1).padStart(2, '0')
    const month = index < nasty.length || index % 2 === 0 ? '06' : '05'
    const event = (activity: string, time: string, clock: string) =>
      [
        id,
        `${index} ${activity}`,
        'permits',
        activity,
        'complete',
        time,
        clock,
        '2026-06-12T08:00:00Z',
        index % 3 === 0 ? 'north' : 'south',
        'desk',
      ]
        .map(cell)
        .join(',')
    return [
      event('Apply', `2026-${month}-${day}T08:00:00Z`, 'start'),
      event('Check', `2026-${month}-${day}T11:30:00Z`, ''),
      ...(index % 4 === 0 ? [event('Apply', `2026-${month}-${day}T12:00:00Z`, '')] : []),
      ...(index % 5 === 0 ? [] : [event('Decide', `2026-${month}-${day}T18:00:00.250Z`, 'stop')]),
    ].join('\n')
  })
  const head = 'case_id,event_id,service,activity,lifecycle,time,clock,due_at,district,team'
  await ingest(store.db, await store.file('events.csv', [head, ...rows, ''].join('\n')), {
    mapping: 'clearway',
    source: 'desk',
  })
  db = { ...store.db, dataDir: dir } as Db
  app = createApp({ db, versionAge: 0 })
})
afterAll(() => rm(dir, { recursive: true, force: true }))

const request = (
  report: string,
  format: ReportFormat,
  options: ReportRequest['options'] = {},
): ReportRequest => ({
  report,
  format,
  options,
  filters: {
    ...june,
    compare: 'previous',
    service: report === 'release' || report === 'case-list' ? [] : ['permits'],
    department: [],
    district: [],
    channel: [],
    team: [],
  },
})
const making = () => ({ db, config, address: 'https://clearway.city.example', paper })
async function fileOf(asked: ReportRequest) {
  const made = await make(making(), asked, dir)
  const bytes = await readFile(made.file.path)
  expect(createHash('sha256').update(bytes).digest('hex')).toBe(made.file.sha256)
  return { made, bytes }
}

const here = { incoming: { socket: { remoteAddress: '127.0.0.1' } } }
async function api(path: string, more: Record<string, string> = {}): Promise<string[][]> {
  const search = new URLSearchParams({ ...june, format: 'csv', ...more })
  const answer = await app.request(`http://localhost/api/v1${path}?${search}`, {}, here)
  const text = await answer.text()
  expect(answer.status, text).toBe(200)
  return parseCsv(text)
}
/** As text; numbers to the twelve digits that reports tell. */
const alike = (cell: ReportCell | string): string =>
  cell === null || cell === '' ? '' : Number.isNaN(Number(cell)) ? String(cell) : String(steady(Number(cell)))

/** Cells of every format as the same text: times to the microsecond, numbers as numbers. */
function same(value: unknown, column: ReportColumn): string {
  if (value === null || value === undefined || value === '') return ''
  const { type } = column
  if (value instanceof Date) return type === 'day' ? value.toISOString().slice(0, 10) : value.toISOString()
  if (type === 'moment') return new Date(String(value)).toISOString()
  return type === 'whole' || type === 'number' ? String(Number(value)) : String(value)
}

async function excel(bytes: Buffer) {
  const book = new ExcelJS.Workbook()
  await book.xlsx.load(bytes as unknown as Parameters<typeof book.xlsx.load>[0])
  return book
}

/** What each format holds of every table of a report, cell by cell. */
async function allFormats(report: string, content: ReportContent) {
  const write = async (format: ReportFormat, options: ReportRequest['options'] = {}) => {
    const path = join(dir, `written.${format}`)
    await writeReport(db, paper, content, request(report, format, options), path)
    return path
  }
  const book = await excel(await readFile(await write('xlsx')))
  const all: { table: ReportTable; cells: Record<string, string[][]> }[] = []
  for (const [at, table] of content.tables.entries()) {
    const { columns } = table
    const grid = (rows: unknown[][]) =>
      rows.map((row) => columns.map((column, index) => same(row[index], column)))
    const csv = parseCsv(await readFile(await write('csv', { table: table.id, raw: true }), 'utf8'))
    const lines = (await readFile(await write('ndjson', { table: table.id }), 'utf8'))
      .split('\n')
      .filter(Boolean)
    const parquet = await write('parquet', { table: table.id })
    const types = await store.rows<{ name: string; type: string }>(`DESCRIBE file('${parquet}', Parquet)`)
    const read = await store.rows<Record<string, unknown>>(`SELECT * FROM file('${parquet}', Parquet)`)
    const sheet = book.worksheets[at]
    const values = (sheet?.getSheetValues() ?? []).slice(2) as unknown[][]
    expect(types.map(({ name }) => name)).toEqual(columns.map(({ name }) => name))
    for (const [index, { type }] of columns.entries()) expect(types[index]?.type).toMatch(kinds[type])
    expect(csv[0]).toEqual(columns.map(({ name }) => name))
    const cells = {
      csv: grid(csv.slice(1)),
      ndjson: grid(lines.map((line) => Object.values(JSON.parse(line) as object))),
      parquet: grid(read.map((row) => Object.values(row))),
      xlsx: grid(
        Array.from({ length: (sheet?.rowCount ?? 1) - 1 }, (_, index) => (values[index] ?? []).slice(1)),
      ),
    }
    all.push({ table, cells })
  }
  return all
}
const kinds = {
  text: /String/,
  day: /Date32/,
  moment: /DateTime64\(6/,
  whole: /Int64/,
  number: /Float64/,
  yes_no: /Bool/,
}

const kpi = 'time_to_outcome_median'
const addresses: Record<string, [path: string, more?: Record<string, string>]> = {
  kpis: ['/kpis'],
  series: [`/kpis/${kpi}/series`],
  findings: ['/bottlenecks'],
  stages: ['/bottlenecks'],
  stage: ['/stages/Check'],
  flow: ['/flow', { grain: 'week' }],
  change: ['/change'],
  breaches: ['/breaches'],
  causes: ['/causes'],
  'process-map': ['/process-map'],
  variants: ['/variants'],
  rework: ['/rework'],
  outcomes: ['/outcomes'],
  satisfaction: ['/satisfaction'],
  fairness: ['/fairness'],
}

test('every table says what the API says for the same filters', async () => {
  for (const id of rawTableIds) {
    const options = { table: id, ...(id === 'stage' && { stage: 'Check' }) }
    const [table] = (await compose(making(), request('table', 'csv', options))).tables
    if (!('rows' in table)) throw new Error('A table of the API is at hand.')
    const [path, more] = addresses[id] ?? [`/kpis/${kpi}/by/${id.slice(3)}`]
    const [header, ...rows] = await api(path, { service: 'permits', ...more })
    const kind = header?.indexOf('kind') ?? -1
    const wanted =
      id === 'findings'
        ? rows.filter((row) => row[kind] !== 'stage')
        : id === 'stages'
          ? rows.filter((row) => row[kind] === 'stage')
          : rows
    expect(
      table.columns.map(({ name }) => name),
      id,
    ).toEqual(header)
    expect(
      table.rows.map((row) => row.map(alike)),
      id,
    ).toEqual(wanted.map((row) => row.map(alike)))
  }
}, 120_000)

test('every report holds the figures of the API, and every format the same cells', async () => {
  const brief = await compose(making(), request('department-brief', 'pdf'))
  const [kpis] = brief.tables as (ReportTable & { rows: ReportCell[][] })[]
  expect(kpis?.rows.map((row) => row.map(alike))).toEqual(
    (await api('/kpis', { service: 'permits' })).slice(1).map((row) => row.map(alike)),
  )
  const onTime = brief.document.blocks.find((block) => block.kind === 'figures')
  expect(onTime).toMatchObject({
    figures: expect.arrayContaining([expect.objectContaining({ label: 'Requests received' })]),
  })
  for (const report of ['department-brief', 'service-report', 'waiting-list', 'table']) {
    const content = await compose(making(), request(report, 'csv'))
    expect(content.document.head.find(({ label }) => label === 'Verify')?.value).toBe(
      `https://clearway.city.example/reports?verify=${content.figures_sha256.slice(0, 16)}`,
    )
    for (const { table, cells } of await allFormats(report, content)) {
      if (!('rows' in table)) throw new Error(`${report} is at hand.`)
      const wanted = table.rows.map((row) =>
        row.map((value, index) => same(value, table.columns[index] as ReportColumn)),
      )
      for (const [format, rows] of Object.entries(cells))
        expect(rows, `${report} ${table.id} ${format}`).toEqual(wanted)
    }
  }
}, 120_000)

test('single cases come from the engine, typed, exact for programs and harmless for people', async () => {
  const content = await compose(making(), request('case-list', 'csv'))
  const [table] = content.tables
  const answer = await app.request(
    `http://localhost/api/v1/cases?${new URLSearchParams({ ...june, format: 'ndjson' })}`,
    {},
    here,
  )
  const rows = (await answer.text())
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  const wanted = rows.map((row) => table.columns.map((column) => same(row[column.name], column)))
  expect(wanted.length).toBeGreaterThan(nasty.length)
  const [list] = await allFormats('case-list', content)
  for (const [format, cells] of Object.entries(list?.cells ?? {})) expect(cells, format).toEqual(wanted)
  const ids = (rows: string[][]) => rows.slice(1).map((row) => row[1] as string)
  const exact = ids(parseCsv((await fileOf(request('case-list', 'csv', { raw: true }))).bytes.toString()))
  const guarded = ids(parseCsv((await fileOf(request('case-list', 'csv'))).bytes.toString()))
  for (const id of nasty) expect(exact).toContain(id)
  expect(
    guarded.filter((id) => /^["' ]*[=+\-@＝]|^[\t\r\n]/.test(id.replace(/^'/, '')) && !id.startsWith("'")),
  ).toEqual([])
  expect(guarded).toContain("'=cmd|x")
  expect(guarded).toContain('plain')
  const sheet = (await excel((await fileOf(request('case-list', 'xlsx'))).bytes)).worksheets[0]
  expect(sheet?.views[0]).toMatchObject({ state: 'frozen', ySplit: 1 })
  sheet?.eachRow((row) => row.eachCell((one) => expect(one.type).not.toBe(ExcelJS.ValueType.Formula)))
})

test('a workbook explains itself, shares are shares, and the same content is the same file', async () => {
  for (const report of ['department-brief', 'case-list']) {
    const [one, other] = [await fileOf(request(report, 'xlsx')), await fileOf(request(report, 'xlsx'))]
    expect(one.bytes.equals(other.bytes)).toBe(true)
    const book = await excel(one.bytes)
    expect(book.worksheets.slice(-2).map(({ name }) => name)).toEqual(['Notes', 'Definitions'])
    const notes = String(JSON.stringify(book.getWorksheet('Notes')?.getSheetValues()))
    for (const told of ['all departments', 'June 2026', one.made.figures_sha256, 'Completeness'])
      expect(notes).toContain(told)
    expect(one.made.message.text).toContain(one.made.figures_sha256)
  }
  const kpis = (await excel((await fileOf(request('department-brief', 'xlsx'))).bytes)).worksheets[0]
  const share = ((kpis?.getSheetValues() ?? []) as unknown[][]).findIndex(
    (row) => row?.[1] === 'on_time_rate',
  )
  expect(kpis?.getCell(share, 4).numFmt).toBe('0.0%')
  expect(kpis?.getCell(share, 2).value).toBeInstanceOf(Date)
})

test('a release for the public is made of its published files alone, and of nothing that was changed since', async () => {
  await expect(compose(making(), request('release', 'pdf'))).rejects.toThrow(/Nothing is released/)
  const published = makePublished()
  const { privateKey } = generateKeyPairSync('ed25519')
  const files = await dataFiles(published, parquetBy(db))
  const key = createPrivateKey(privateKey.export({ format: 'pem', type: 'pkcs8' }))
  for (const { path, body } of [...files, ...manifestFiles(published.release, files, key)]) {
    const target = join(dir, 'public', path)
    await mkdir(dirname(target), { recursive: true })
    await writeFile(target, body)
  }
  const { tables, document, period } = await compose(making(), request('release', 'xlsx'))
  expect([document.title, period]).toEqual([published.release.title, published.release.period])
  for (const table of tables) {
    const lying = JSON.parse(await readFile(join(dir, 'public/data', `${table.id}.json`), 'utf8')) as {
      rows: Record<string, ReportCell>[]
    }
    expect('rows' in table && table.rows, table.id).toEqual(lying.rows.map((row) => Object.values(row)))
  }
  await writeFile(join(dir, 'public/data', `${tables[0].id}.json`), '{}')
  await expect(compose(making(), request('release', 'pdf'))).rejects.toThrow(
    /was changed after it was released/,
  )
})

test('what cannot be made says how to mend it', async () => {
  const refused = (asked: ReportRequest) => expect(make(making(), asked, dir)).rejects
  await refused(request('nothing', 'pdf')).toThrow(/There is no report "nothing"\. Known: department-brief/)
  await refused(request('table', 'csv', { table: 'nothing' })).toThrow(
    /There is no table "nothing"\. Known: kpis/,
  )
  await refused(request('waiting-list', 'csv', { table: 'nothing' })).toThrow(/It holds services, ages, kpis/)
  await refused(request('waiting-list', 'csv', { stage: 'Check' })).toThrow(
    /has no option stage; it takes table, raw/,
  )
  await refused(request('case-list', 'csv', { state: 'lost' })).toThrow(
    /must be one of all, open, closed, late/,
  )
  const none = request('service-report', 'pdf')
  await refused({ ...none, filters: { ...none.filters, service: [] } }).toThrow(/Choose exactly one service/)
  await refused({ ...none, filters: { ...none.filters, service: ['nowhere'] } }).toThrow(
    /There is no service "nowhere"/,
  )
})

test('a process that takes too long, too much memory, or dies is ended and says so', async () => {
  const program = async (name: string, text: string) => {
    const path = join(dir, `${name}.mjs`)
    await writeFile(path, text)
    return path
  }
  const limits = { seconds: 60, megabytes: 100_000 }
  const ask = (path: string, asked: object, stricter: Partial<typeof limits> = {}, stop?: AbortSignal) =>
    apart(path, asked, { what: 'The report', limits: { ...limits, ...stricter }, stop, errorOf })
  const idle = await program('idle', 'process.on("message", () => {}); setInterval(() => {}, 1000)')
  const late = ask(idle, {}, { seconds: 0.1 })
  await expect(late).rejects.toThrow(/took longer than 0\.1 seconds and was stopped: choose a shorter period/)
  await expect(ask(idle, {}, { megabytes: 1 })).rejects.toThrow(/needed more than 1 MB/)
  const born = await program(
    'born',
    'import { writeFileSync } from "node:fs"\nprocess.on("message", ({ file }) => writeFileSync(file, String(process.pid))); setInterval(() => {}, 1000)',
  )
  const file = join(dir, 'born.pid')
  const stop = new AbortController()
  const stopped = ask(born, { file }, {}, stop.signal)
  const pid = () => readFile(file, 'utf8').then(Number, () => 0)
  await expect.poll(pid).toBeGreaterThan(0)
  const child = await pid()
  stop.abort(new Error('the server stops'))
  await expect(stopped).rejects.toThrow('the server stops')
  await expect.poll(() => isAlive(child)).toBe(false)
  // it may have been the machine: what ended is tried again, what asks too much is not
  const dies = ask(await program('dies', 'process.once("message", () => process.exit(3))'), {})
  await expect(dies).rejects.toThrow(/ended with 3 before it was done/)
  await expect(dies).rejects.toBeInstanceOf(NotNowError)
  await expect(late).rejects.not.toBeInstanceOf(NotNowError)
  const says = (name: string) =>
    program(name, `process.once("message", () => process.send({ name: "${name}", message: "words" }))`)
  for (const [name, kind] of [
    ['ReportError', ReportError],
    ['NotNowError', NotNowError],
    ['UnknownIdError', UnknownIdError],
  ] as const)
    await expect(ask(await says(name), {})).rejects.toBeInstanceOf(kind)
})

test('the state of the data is asked for anew when data came and each minute, not in every round', async () => {
  let asked = 0
  const query: Db['query'] = (given) => {
    asked++
    return db.query(given)
  }
  let now = Date.parse('2026-07-01T06:00:00Z')
  const { look } = storeDesk({ ...db, query } as Db, () => new Date(now))
  const questions = async () => {
    asked = 0
    const { version } = await look()
    return { version, asked }
  }
  const first = await questions()
  expect(first.asked).toBeGreaterThan(1)
  now += 5_000
  expect(await questions()).toEqual({ ...first, asked: 1 })
  now += 60_000
  expect((await questions()).asked).toBeGreaterThan(1)
  // the clock was set back
  now -= 3_600_000
  expect((await questions()).asked).toBeGreaterThan(1)
  const more = 'case_id,service,activity,time\nmore-1,permits,Check,2026-06-20T10:00:00Z\n'
  await ingest(store.db, await store.file('more.csv', more), { mapping: 'clearway', source: 'desk' })
  const after = await questions()
  expect(after.asked).toBeGreaterThan(1)
  expect(after.version).not.toBe(first.version)
})

test('a sample is seen from the day after its last one, and its sources are not late', async () => {
  const expected = [{ source: 'gone', stream: 'case_events', every_hours: 24 }]
  const lookAt = async (sample: boolean) => {
    const jurisdiction = { ...config.jurisdiction, sample }
    await applyConfig(store.db, configSchema.parse({ jurisdiction, expected }))
    const { sampleUntil, feeds } = await storeDesk({ ...db }).look()
    return { sampleUntil, gone: feeds.find(({ source }) => source === 'gone')?.state }
  }
  expect(await lookAt(false)).toEqual({ sampleUntil: null, gone: 'silent' })
  expect(await lookAt(true)).toEqual({ sampleUntil: '2026-06-26', gone: 'fresh' })
})
