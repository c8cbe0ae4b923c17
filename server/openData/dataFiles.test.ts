import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { inflateRawSync } from 'node:zlib'
import Csvw from '@zazuko/rdf-parser-csvw'
import Ajv from 'ajv'
import addFormats from 'ajv-formats'
import { Package } from 'datapackage'
import exceljs from 'exceljs'
import jsonld from 'jsonld'
import { Parser, Store } from 'n3'
import { SaxesParser } from 'saxes'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makePublished } from '../../fixtures/published/make.ts'
import { csvwSchema } from '../../fixtures/schemas/csvw.ts'
import { type Db, openDb } from '../../sql/db.ts'
import type { Figure, File, Published } from '../releases/published.ts'
import { dataFiles } from './dataFiles.ts'
import { parquetBy } from './parquet.ts'
import { promiseCells } from './promise.ts'

let db: Db
let folder: string
let files: File[]

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'clearway-open-data-'))
  db = await openDb({ CLEARWAY_DATA: join(folder, 'store') })
  files = await dataFiles(published(), parquetBy(db))
  for (const { path, body } of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), body)
  }
})
afterAll(async () => {
  await db.close()
  await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
})

/** A release with every kind of mark, words that are hard to write, and a revision. */
function published(): Published {
  const made = makePublished()
  const [months] = made.tables
  const [first, second, third] = months?.rows ?? []
  if (!months || !first || !second || !third) throw new Error('the made release has no rows')
  Object.assign(first.figures, {
    requests_closed: { value: null, marks: ['x'], interval: null, was: null },
    backlog: { value: null, marks: ['z'], interval: null, was: null },
    time_to_outcome_median: { value: 12.5, marks: ['p', 'u'], interval: null, was: null },
  })
  Object.assign(second.figures, { requests_received: { value: 905, marks: ['r'], interval: null, was: 900 } })
  const service = months.dimensions.find(({ id }) => id === 'service')?.values[1]
  if (service) service.label = '=cmd|"Building", \\permits\' Bauämter & <b>'
  made.revisions = [
    {
      table: months.id,
      at: second.at,
      measure: 'requests_received',
      before: { release: '2026-05', value: 900, marks: [] },
      now: { value: 905, marks: ['r'] },
    },
  ]
  return made
}

const body = (path: string, from = files): Buffer => {
  const found = from.find((file) => file.path === path)?.body
  if (found === undefined) throw new Error(`no ${path}`)
  return Buffer.from(found)
}
const json = (path: string) => JSON.parse(body(path).toString())

type Value = string | number | null
type Rows = Record<string, Value>[]
const tables = [...makePublished().tables.map(({ id }) => id), 'revisions']

/** What `Published` says, put into rows without the code that writes files. */
function said(id: string): Rows {
  const { tables: given, measures, revisions } = published()
  const table = given.find((one) => one.id === id)
  if (!table)
    return revisions.map(({ at, before, now, ...one }) => ({
      table: one.table,
      place: `service=${at.service};period=${at.period}`,
      measure: one.measure,
      before_release: before.release,
      before_value: before.value,
      before_marks: null,
      now_value: now.value,
      now_marks: 'r',
    }))
  const places = table.dimensions.reduce<Record<string, string>[]>(
    (all, { id: name, values }) => all.flatMap((at) => values.map((value) => ({ ...at, [name]: value.id }))),
    [{}],
  )
  return places.flatMap((at) => {
    const row = table.rows.find((one) => table.dimensions.every(({ id: name }) => one.at[name] === at[name]))
    if (!row) return []
    const cells: Record<string, Value> = {}
    for (const { id: name, values } of table.dimensions) {
      cells[name] = at[name] as string
      cells[`${name}_label`] = values.find((value) => value.id === at[name])?.label as string
      if (name !== 'period') continue
      const [year, part] = (at[name] as string).split('-') as [string, string]
      const month = part.startsWith('Q') ? 3 * Number(part[1]) - 2 : Number(part)
      const after = month + (part.startsWith('Q') ? 3 : 1)
      const two = (number: number) => String(number).padStart(2, '0')
      cells.period_from = `${year}-${two(month)}-01`
      cells.period_until = after > 12 ? `${Number(year) + 1}-01-01` : `${year}-${two(after)}-01`
    }
    for (const { id: name, kind } of measures.filter((one) => table.measures.includes(one.id))) {
      const figure = row.figures[name]
      cells[name] = figure?.value ?? null
      if (kind !== 'count') {
        cells[`${name}_low`] = figure?.value == null ? null : (figure.interval?.[0] ?? null)
        cells[`${name}_high`] = figure?.value == null ? null : (figure.interval?.[1] ?? null)
      }
      cells[`${name}_marks`] = figure?.marks.join(' ') || null
    }
    if (id === 'service_standards') Object.assign(cells, promiseSaid(at, row.figures))
    return [cells]
  })
}

/** The promises of the made release hold since July 2025. */
function promiseSaid({ service = '', period = '' }, figures: Record<string, Figure>): Record<string, Value> {
  const promises: Record<string, [number, string]> = {
    'building-permits': [30, 'working_days'],
    'street-repairs': [5, 'days'],
    'citizen-services': [15, 'minutes'],
  }
  const [promised = null, promised_unit = null] = (period >= '2025-Q3' && promises[service]) || []
  const [target, share] = [
    figures.standard_target,
    figures[service === 'citizen-services' ? 'wait_in_time_rate' : 'on_time_rate'],
  ]
  const met = target?.value == null || share?.value == null ? null : share.value < target.value ? 'no' : 'yes'
  return { promised, promised_unit, target_met: met }
}

/** Text a spreadsheet would run as a formula has an apostrophe in front in CSV. */
const asInCsv = (rows: Rows): Rows =>
  rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, cell]) => [
        name,
        typeof cell === 'string' && cell.startsWith('=') ? `'${cell}` : cell,
      ]),
    ),
  )
const dayOf = (cell: unknown): Value =>
  cell instanceof Date ? cell.toISOString().slice(0, 10) : (cell as Value)

/** The cells of a CSV as they stand there, read by the rules of RFC 4180. */
function csvCells(text: string): string[][] {
  const rows: string[][] = []
  for (const line of text.split('\r\n').slice(0, -1)) {
    rows.push(
      [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g)].map(
        ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '',
      ),
    )
  }
  return rows
}

/** The reader knows one word for no value; the metadata names several, which stand for nothing then. */
function emptied(id: string): string {
  const { columns } = json(`data/${id}.csv-metadata.json`).tableSchema as { columns: { null: string[] }[] }
  const rows = csvCells(body(`data/${id}.csv`).toString()).map((row, line) =>
    row.map((cell, at) =>
      line > 0 && columns[at]?.null.includes(cell) ? '' : `"${cell.replaceAll('"', '""')}"`,
    ),
  )
  return rows.map((row) => `${row.join(',')}\r\n`).join('')
}

/** The CSV read with its metadata by a reader of CSV on the Web. */
async function byCsvw(id: string): Promise<Rows> {
  const metadata = json(`data/${id}.csv-metadata.json`)
  const base = `http://localhost/data/${id}.csv`
  // the reader wants the document as triples; the context it names is known to it
  const { '@context': _, ...rest } = metadata
  const context = {
    '@vocab': 'http://www.w3.org/ns/csvw#',
    csvw: 'http://www.w3.org/ns/csvw#',
    dc: 'http://purl.org/dc/terms/',
    rdfs: 'http://www.w3.org/2000/01/rdf-schema#',
    schema: 'http://schema.org/',
    xsd: 'http://www.w3.org/2001/XMLSchema#',
    url: { '@id': 'csvw:url', '@type': '@id' },
    propertyUrl: { '@id': 'csvw:propertyUrl' },
    tableSchema: { '@id': 'csvw:tableSchema', '@type': '@id' },
    columns: { '@id': 'csvw:column', '@container': '@list' },
    titles: { '@id': 'csvw:title' },
    datatype: { '@id': 'csvw:datatype' },
    lineTerminators: { '@id': 'csvw:lineTerminators' },
  }
  const quads = (await jsonld.toRDF(
    { '@context': context, ...rest },
    { format: 'application/n-quads', base },
  )) as unknown as string
  const parser = new Csvw({ metadata: new Store(new Parser().parse(quads)), baseIRI: base, timezone: 'utc' })
  const rows = new Map<string, Record<string, Value>>()
  const names = new Map<string, string>(
    metadata.tableSchema.columns.map((column: { propertyUrl: string; name: string }) => [
      column.propertyUrl,
      column.name,
    ]),
  )
  for await (const { subject, predicate, object } of parser.import(Readable.from([emptied(id)]))) {
    const name = names.get(predicate.value)
    if (!name) continue
    const row = rows.get(subject.value) ?? {}
    const number = /#(integer|double|decimal)$/.test(object.datatype.value)
    row[name] = number ? Number(object.value) : object.value
    rows.set(subject.value, row)
  }
  return [...rows.values()].map((row) =>
    Object.fromEntries([...names.values()].map((name) => [name, row[name] ?? null])),
  )
}

async function byXlsx(id: string, from = files): Promise<{ book: exceljs.Workbook; rows: Rows }> {
  const book = new exceljs.Workbook()
  await book.xlsx.load(body(`data/${id}.xlsx`, from) as unknown as exceljs.Buffer)
  const [head = [], ...rows] = (book.worksheets[0]?.getSheetValues().slice(1) ?? []).map((row) =>
    (row as unknown[]).slice(1),
  )
  return {
    book,
    rows: rows.map((row) =>
      Object.fromEntries(
        head.map((name, index) => {
          const cell = dayOf(row[index] ?? null)
          return [name, typeof cell === 'string' && /^\[[cxz]\]$/.test(cell) ? null : cell]
        }),
      ),
    ),
  }
}

/** The Parquet file read back by the engine, with its types. */
async function byParquet(id: string, from = files): Promise<{ rows: Rows; types: Record<string, string> }> {
  const bytes = `base64Decode('${body(`data/${id}.parquet`, from).toString('base64')}')`
  const ask = async <Row>(query: string) =>
    (
      await db.query({ query, format: 'JSONEachRow', clickhouse_settings: { max_query_size: '100000000' } })
    ).json<Row>()
  const types = await ask<{ name: string; type: string }>(`DESCRIBE format(Parquet, ${bytes})`)
  const [head] = await ask<{ num_rows: number }>(`SELECT num_rows FROM format(ParquetMetadata, ${bytes})`)
  return {
    // the function cannot read a file without rows
    rows: head?.num_rows === 0 ? [] : await ask(`SELECT * FROM format(Parquet, ${bytes})`),
    types: Object.fromEntries(types.map(({ name, type }) => [name, type])),
  }
}

test('every format of a table says the same, row by row', async () => {
  const descriptor = json('data/datapackage.json')
  const pack = await Package.load(descriptor, { basePath: join(folder, 'data'), strict: true })
  for (const id of tables) {
    const expected = said(id)
    expect(json(`data/${id}.json`).rows, `${id} JSON`).toEqual(expected)
    expect((await byXlsx(id)).rows, `${id} XLSX`).toEqual(expected)
    expect((await byParquet(id)).rows, `${id} Parquet`).toEqual(expected)
    expect(await byCsvw(id), `${id} CSVW`).toEqual(asInCsv(expected))
    const read = await pack.resources.find(({ name }) => name === id)?.read({ keyed: true })
    expect(
      read?.map((row) => Object.fromEntries(Object.entries(row).map(([name, cell]) => [name, dayOf(cell)]))),
      `${id} data package`,
    ).toEqual(asInCsv(expected))
  }
})

test('a cell without a number says why, and marks stand beside the number', () => {
  const [head = [], first = [], second = []] = csvCells(body('data/services_by_month.csv').toString())
  const cell = (row: string[], name: string) => row[head.indexOf(name)]
  expect(cell(first, 'requests_closed')).toBe('[x]')
  expect(cell(first, 'backlog')).toBe('[z]')
  expect(cell(first, 'time_to_outcome_median_marks')).toBe('p u')
  expect(cell(second, 'requests_received_marks')).toBe('r')
  const districts = csvCells(body('data/services_by_district.csv').toString())
  expect(districts.flat().filter((text) => text === '[c]').length).toBeGreaterThan(20)
  expect(districts.flat()).not.toContain('null')
})

test('whether a target was met is told as far as the shares are', () => {
  const figure = (value: number | null, ...marks: Figure['marks']): Figure => ({
    value,
    marks,
    interval: null,
    was: null,
  })
  const met = (figures: Record<string, Figure>, service = 'building-permits') =>
    promiseCells(
      { at: { service, period: '2026-Q2' }, figures: { standard_target: figure(0.8), ...figures } },
      published(),
    )[2]
  expect(met({ on_time_rate: figure(0.8) })).toBe('yes')
  expect(met({ on_time_rate: figure(0.799), wait_in_time_rate: figure(0.9) })).toBe('no')
  expect(met({ on_time_rate: figure(0.9), wait_in_time_rate: figure(null, 'z') })).toBe('yes')
  expect(met({ on_time_rate: figure(null, 'c'), wait_in_time_rate: figure(0.9) })).toEqual({ gap: 'c' })
  expect(met({ on_time_rate: figure(null, 'z'), wait_in_time_rate: figure(null, 'x') })).toEqual({ gap: 'x' })
  expect(met({ on_time_rate: figure(null, 'z') })).toEqual({ gap: 'z' })
  expect(met({ on_time_rate: figure(0.9), standard_target: figure(null, 'z') })).toEqual({ gap: 'z' })
  // another promise, or none, held in the period
  const promised = (period: string, target: number) =>
    promiseCells(
      { at: { service: 'building-permits', period }, figures: { standard_target: figure(target) } },
      published(),
    )
  expect(promised('2026-Q2', 0.8).slice(0, 2)).toEqual([30, 'working_days'])
  expect(promised('2025-Q2', 0.8).slice(0, 2)).toEqual([{ gap: 'x' }, { gap: 'x' }])
  expect(promised('2026-Q2', 0.9).slice(0, 2)).toEqual([{ gap: 'x' }, { gap: 'x' }])
})

test('the dictionary types and describes every column alike in CSVW, data package and JSON', async () => {
  const pack = json('data/datapackage.json')
  for (const id of tables) {
    const [head] = csvCells(body(`data/${id}.csv`).toString())
    const { columns, primaryKey } = json(`data/${id}.csv-metadata.json`).tableSchema
    const { schema } = pack.resources.find(({ name }: { name: string }) => name === id)
    const names = (list: { name: string }[]) => list.map(({ name }) => name)
    expect(names(columns)).toEqual(head)
    expect(names(schema.fields)).toEqual(head)
    expect(names(json(`data/${id}.json`).columns)).toEqual(head)
    expect(schema.primaryKey).toEqual(primaryKey)
    const { types } = await byParquet(id)
    const kinds: Record<string, RegExp> = {
      integer: /Int64/,
      number: /Float64/,
      date: /Date32/,
      string: /String/,
    }
    for (const [index, { name, datatype }] of columns.entries()) {
      expect(types[name], name).toMatch(kinds[datatype.base] as RegExp)
      expect(schema.fields[index].type).toBe(datatype.base)
    }
  }
})

test('the metadata of every CSV keeps the vocabulary of CSV on the Web', () => {
  const ajv = new Ajv({ allErrors: true, strict: false })
  addFormats(ajv)
  const valid = ajv.compile(csvwSchema)
  for (const id of tables) {
    const metadata = json(`data/${id}.csv-metadata.json`)
    expect(valid(metadata) || valid.errors, id).toBe(true)
    const names = metadata.tableSchema.columns.map(({ name }: { name: string }) => name)
    expect(new Set(names).size).toBe(names.length)
    for (const key of metadata.tableSchema.primaryKey) expect(names).toContain(key)
  }
  const broken = json('data/revisions.csv-metadata.json')
  broken.tableSchema.columns[0].datatype.base = 'text'
  expect(valid(broken)).toBe(false)
})

test('readers of data packages refuse one that does not fit its tables', async () => {
  const read = async (change: (descriptor: ReturnType<typeof json>) => void) => {
    const descriptor = json('data/datapackage.json')
    change(descriptor)
    const pack = await Package.load(descriptor, { basePath: join(folder, 'data'), strict: true })
    await pack.resources[0]?.read({ keyed: true })
  }
  await expect(read(() => {})).resolves.toBeUndefined()
  await expect(
    read((given) => {
      given.resources[0].schema.missingValues = ['']
    }),
  ).rejects.toThrow()
  await expect(
    read((given) => {
      given.licenses = 'open'
    }),
  ).rejects.toThrow()
})

test('the spreadsheet has notes, definitions, a head that stays, and no formula', async () => {
  const { book } = await byXlsx('services_by_month')
  expect(book.worksheets.map(({ name }) => name)).toEqual(['services_by_month', 'Notes', 'Definitions'])
  for (const sheet of book.worksheets) {
    expect(sheet.views[0]).toMatchObject({ state: 'frozen', ySplit: 1 })
    sheet.eachRow((row) => row.eachCell((cell) => expect(cell.formula).toBeUndefined()))
  }
  const entries = zipEntries(body('data/services_by_month.xlsx'))
  expect(entries.map(({ text }) => text).join('')).not.toContain('<f>')
  expect(new Set(entries.map(({ time }) => time)).size).toBe(1)
})

/** What a zip holds, by its central directory. */
function zipEntries(zip: Buffer): { name: string; text: string; time: number }[] {
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'))
  let at = zip.readUInt32LE(end + 16)
  return Array.from({ length: zip.readUInt16LE(end + 10) }, () => {
    const [nameLength, extraLength, noteLength] = [28, 30, 32].map((offset) =>
      zip.readUInt16LE(at + offset),
    ) as [number, number, number]
    const start = zip.readUInt32LE(at + 42)
    const data = start + 30 + zip.readUInt16LE(start + 26) + zip.readUInt16LE(start + 28)
    const packed = zip.subarray(data, data + zip.readUInt32LE(at + 20))
    const entry = {
      name: zip.subarray(at + 46, at + 46 + nameLength).toString(),
      text: (zip.readUInt16LE(at + 10) === 0 ? packed : inflateRawSync(packed)).toString(),
      time: zip.readUInt32LE(at + 12),
    }
    at += 46 + nameLength + extraLength + noteLength
    return entry
  })
}

test('the same release gives the same bytes, in whatever order its rows come', async () => {
  const shuffled = published()
  for (const table of shuffled.tables) table.rows.reverse()
  const again = await dataFiles(shuffled, parquetBy(db))
  expect(again.map(({ path }) => path)).toEqual(files.map(({ path }) => path))
  for (const [index, { path, body: bytes }] of again.entries())
    expect(Buffer.compare(Buffer.from(bytes), Buffer.from(files[index]?.body ?? '')), path).toBe(0)
})

test('a count that is hidden stands in no file, not even packed or in the order of rows', async () => {
  const secret = 4_242_421
  const planted = published()
  for (const { figures } of planted.tables.flatMap(({ rows }) => rows)) {
    for (const figure of Object.values(figures))
      if (figure.value === null)
        Object.assign(figure, { interval: [secret, secret], was: secret, exact: secret })
    figures.not_published = { value: secret, marks: [], interval: null, was: null }
  }
  planted.tables[0]?.rows.sort(
    (one, other) => (other.figures.backlog?.value ?? 0) - (one.figures.backlog?.value ?? 0),
  )
  const out = await dataFiles(planted, parquetBy(db))
  const found = ({ path, body: bytes }: File) => {
    const buffer = Buffer.from(bytes)
    const binary = Buffer.alloc(16)
    binary.writeBigInt64LE(BigInt(secret), 0)
    binary.writeDoubleLE(secret, 8)
    const text = path.endsWith('.xlsx')
      ? zipEntries(buffer)
          .map((entry) => entry.text)
          .join('')
      : buffer.toString('latin1')
    return (
      /4[, ]?242[, ]?421/.test(text) ||
      buffer.includes(binary.subarray(0, 8)) ||
      buffer.includes(binary.subarray(8))
    )
  }
  expect(out.filter(found).map(({ path }) => path)).toEqual([])
  expect(out.map(({ path, body: bytes }) => [path, Buffer.from(bytes).equals(body(path))])).toEqual(
    out.map(({ path }) => [path, true]),
  )
  // the search finds what is there: a published number of the same size
  const [row] = planted.tables.find(({ id }) => id === 'services_by_district')?.rows ?? []
  Object.assign(row?.figures.backlog ?? {}, { value: secret, marks: [], interval: null })
  const seen = (await dataFiles(planted, parquetBy(db))).filter(found).map(({ path }) => path)
  expect(seen).toEqual(
    ['csv', 'json', 'parquet', 'xlsx'].map((ending) => `data/services_by_district.${ending}`),
  )
})

test('readers of spreadsheets and Parquet refuse a file that is cut short', async () => {
  const cut = ['xlsx', 'parquet'].map((ending) => {
    const path = `data/revisions.${ending}`
    return { path, body: body(path).subarray(0, -40) }
  })
  await expect(byXlsx('revisions', cut)).rejects.toThrow()
  await expect(byParquet('revisions', cut)).rejects.toThrow()
})

test('a table without a row has its columns in every format', async () => {
  const out = await dataFiles({ ...published(), revisions: [] }, parquetBy(db))
  const [head = []] = csvCells(body('data/revisions.csv').toString())
  expect(body('data/revisions.csv', out).toString()).toBe(`${head.join(',')}\r\n`)
  expect(JSON.parse(body('data/revisions.json', out).toString()).rows).toEqual([])
  const { rows, types } = await byParquet('revisions', out)
  expect([rows, Object.keys(types)]).toEqual([[], head])
})

test('embeds are whole without anything from elsewhere, in pictures and pages', () => {
  for (const { id, name } of published().services) {
    const picture = body(`embed/${id}.svg`).toString()
    const parser = new SaxesParser({ xmlns: true })
    const tags: string[] = []
    parser.on('opentag', (tag) => tags.push(tag.name))
    parser.on('error', (error) => {
      throw error
    })
    parser.write(picture).close()
    expect(tags.slice(0, 3)).toEqual(['svg', 'title', 'desc'])
    expect(picture).toContain('prefers-color-scheme')
    const page = body(`embed/${id}.html`).toString()
    expect(page).toContain(`<h1>${name}</h1>`)
    expect(page).toContain(`href="../services/${id}.html"`)
    expect(page.match(/<tr>/g)).toHaveLength(25)
    for (const text of [picture, page]) expect(text).not.toMatch(/<script|\son\w+=|src=|@import|url\(/)
  }
})
