import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ExcelJS from 'exceljs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ingest } from '../../pipelines/ingest.ts'
import { useStore } from '../../pipelines/testStore.ts'
import { isAlive } from '../../sql/alive.ts'
import { applyConfig } from '../../sql/applyConfig.ts'
import { configSchema } from '../../sql/config.ts'
import type { Db } from '../../sql/db.ts'
import { UnknownIdError } from '../../sql/errors.ts'
import { apart } from '../apart.ts'
import { parseCsv } from '../testCsv.ts'
import type { ReportRequest } from './content.ts'
import type { Paper } from './document.ts'
import { make } from './make.ts'
import { errorOf } from './makeReport.ts'
import { NotNowError, ReportError } from './reportError.ts'
import { storeDesk } from './storeDesk.ts'
import { nasty, request } from './testCity.ts'
import { readBook } from './testFormats.ts'

/** What reports are as files, text that programs might run, and what is refused; their figures are in figures.test.ts. */

const store = useStore()
let dir = ''
let db: Db
const config = configSchema.parse({
  jurisdiction: { name: 'Test City', time_zone: 'Europe/London' },
  feedback: { address: 'https://clearway.city.example' },
})
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
})
afterAll(() => rm(dir, { recursive: true, force: true }))

const making = () => ({ db, config, address: 'https://clearway.city.example', paper })

test('a report asks what the state of the data is before and after, and is made again when a load came across', async () => {
  const versions = [2, 4, 4, 4]
  let asked = 0
  const query: Db['query'] = ((params: Parameters<Db['query']>[0]) => {
    if (!/FROM data_version$/.test(params.query)) return db.query(params)
    const version = versions[asked++] ?? 4
    return Promise.resolve({ json: async () => [{ version, old: 0 }] })
  }) as Db['query']
  const made = await make(
    { ...making(), db: { ...db, query }, alone: true },
    request('department-brief', 'pdf'),
    dir,
  )
  expect([asked, made.data_version]).toEqual([4, '4'])
})

async function fileOf(asked: ReportRequest) {
  const made = await make(making(), asked, dir)
  const bytes = await readFile(made.file.path)
  expect(createHash('sha256').update(bytes).digest('hex')).toBe(made.file.sha256)
  return { made, bytes }
}

test('single cases are exact for programs and harmless for people', async () => {
  const ids = (rows: string[][]) => rows.slice(1).map((row) => row[1] as string)
  const exact = ids(parseCsv((await fileOf(request('case-list', 'csv', { raw: true }))).bytes.toString()))
  const guarded = ids(parseCsv((await fileOf(request('case-list', 'csv'))).bytes.toString()))
  for (const id of nasty) expect(exact).toContain(id)
  expect(
    guarded.filter((id) => /^["' ]*[=+\-@＝]|^[\t\r\n]/.test(id.replace(/^'/, '')) && !id.startsWith("'")),
  ).toEqual([])
  expect(guarded).toContain("'=cmd|x")
  expect(guarded).toContain('plain')
  const sheet = (await readBook((await fileOf(request('case-list', 'xlsx'))).bytes)).worksheets[0]
  expect(sheet?.views[0]).toMatchObject({ state: 'frozen', ySplit: 1 })
  sheet?.eachRow((row) => row.eachCell((one) => expect(one.type).not.toBe(ExcelJS.ValueType.Formula)))
})

test('a workbook explains itself, shares are shares, and the same content is the same file', async () => {
  for (const report of ['department-brief', 'case-list']) {
    const [one, other] = [await fileOf(request(report, 'xlsx')), await fileOf(request(report, 'xlsx'))]
    expect(one.bytes.equals(other.bytes)).toBe(true)
    const book = await readBook(one.bytes)
    expect(book.worksheets.slice(-2).map(({ name }) => name)).toEqual(['Notes', 'Definitions'])
    const notes = String(JSON.stringify(book.getWorksheet('Notes')?.getSheetValues()))
    for (const told of ['all departments', 'June 2026', one.made.figures_sha256, 'Completeness'])
      expect(notes).toContain(told)
    expect(one.made.message.text).toContain(one.made.figures_sha256)
  }
  const kpis = (await readBook((await fileOf(request('department-brief', 'xlsx'))).bytes)).worksheets[0]
  const share = ((kpis?.getSheetValues() ?? []) as unknown[][]).findIndex(
    (row) => row?.[1] === 'on_time_rate',
  )
  expect(kpis?.getCell(share, 4).numFmt).toBe('0.0%')
  expect(kpis?.getCell(share, 2).value).toBeInstanceOf(Date)
})

test('the stage and the state that were chosen stand in the title and in the head', async () => {
  const told = async (report: string, options: ReportRequest['options']) => {
    const { made } = await fileOf(request(report, 'csv', options))
    const [, filters] = /^Filters: (.*)$/m.exec(made.message.text) ?? []
    return [made.title, filters]
  }
  expect(await told('table', { table: 'stage', stage: 'Check' })).toEqual([
    'One stage: Check, June 2026',
    'Service: permits; Stage: Check',
  ])
  expect(await told('case-list', { stage: 'Check', state: 'late' })).toEqual([
    expect.stringContaining('that left Check, late'),
    'Stage: Check; Cases: late',
  ])
})

test('what cannot be made says how to mend it', async () => {
  const refused = (asked: ReportRequest) => expect(make(making(), asked, dir)).rejects
  await refused(request('nothing', 'pdf')).toThrow(/There is no report "nothing"\. Known: department-brief/)
  await refused(request('table', 'csv', { table: 'nothing' })).toThrow(
    /The option table must be one of kpis, series, .*, and is "nothing"/,
  )
  await refused(request('waiting-list', 'csv', { table: 'nothing' })).toThrow(
    /must be one of services, ages, kpis, and/,
  )
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
