import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import ExcelJS from 'exceljs'
import { expect } from 'vitest'
import { getDocument } from '../../fixtures/readPdf.ts'
import type { Db } from '../../sql/db.ts'
import type { ReportFormat } from '../../sql/reportIds.ts'
import { parseCsv } from '../testCsv.ts'
import { steady } from './columns.ts'
import type { ReportColumn, ReportContent, ReportOptions, ReportTable } from './content.ts'
import type { Paper } from './document.ts'
import { request } from './testCity.ts'
import { writeReport } from './write.ts'

/** For tests: what stands in the files of a report, each read by another program than the one that wrote it. */

type Written = { db: Db; paper: Paper; report: string; content: ReportContent; dir: string }

async function write(
  { db, paper, report, content, dir }: Written,
  format: ReportFormat,
  options: ReportOptions,
) {
  const path = join(dir, `written.${format}`)
  await writeReport(db, paper, content, request(report, format, options), path)
  return path
}

/** Cells of every format as the same text: times to the millisecond, numbers to the twelve digits that reports tell. */
export function same(value: unknown, { type }: ReportColumn): string {
  if (value === null || value === undefined || value === '') return ''
  if (type === 'whole' || type === 'number') return String(steady(Number(value)))
  if (type === 'moment') return new Date(value as string).toISOString()
  return type === 'day' && value instanceof Date ? value.toISOString().slice(0, 10) : String(value)
}

export async function readBook(bytes: Buffer) {
  const book = new ExcelJS.Workbook()
  await book.xlsx.load(bytes as unknown as Parameters<typeof book.xlsx.load>[0])
  return book
}

const kinds = {
  ...{ text: /String/, day: /Date32/, moment: /DateTime64\(6/ },
  ...{ whole: /Int64/, number: /Float64/, yes_no: /Bool/ },
}

/** The cells of one table of a report in every format that holds tables, and its lines of NDJSON. */
export async function inAllFormats(written: Written, table: ReportTable) {
  const { columns, id } = table
  const names = columns.map(({ name }) => name)
  const rowsOf = async <Row>(query: string) =>
    (await written.db.query({ query, format: 'JSONEachRow' })).json<Row>()
  const csv = async (raw: boolean) => {
    const [header, ...rows] = parseCsv(
      await readFile(await write(written, 'csv', { table: id, raw }), 'utf8'),
    )
    expect(header).toEqual(names)
    return rows
  }
  const parquet = `file('${await write(written, 'parquet', { table: id })}', Parquet)`
  const types = await rowsOf<{ name: string; type: string }>(`DESCRIBE ${parquet}`)
  expect(types.map(({ name }) => name)).toEqual(names)
  for (const [at, { type }] of columns.entries()) expect(types[at]?.type).toMatch(kinds[type])
  const ndjson = (await readFile(await write(written, 'ndjson', { table: id }), 'utf8'))
    .split('\n')
    .filter(Boolean)
    .map((line) => Object.values(JSON.parse(line) as object) as unknown[])
  const book = await readBook(await readFile(await write(written, 'xlsx', {})))
  const sheet = book.worksheets[written.content.tables.indexOf(table)]
  const cells: Record<string, unknown[][]> = {
    csv: await csv(false),
    'raw csv': await csv(true),
    parquet: (await rowsOf<object>(`SELECT * FROM ${parquet}`)).map((row) => Object.values(row)),
    ndjson,
    xlsx: Array.from({ length: (sheet?.rowCount ?? 1) - 1 }, (_, row) =>
      columns.map((_column, at) => sheet?.getCell(row + 2, at + 1).value),
    ),
  }
  const texts = Object.entries(cells).map(([format, rows]): [string, string[][]] => [
    format,
    rows.map((row) => columns.map((column, at) => same(row[at], column))),
  ])
  return { cells: Object.fromEntries(texts), ndjson }
}

/** Text without what lines and columns do to it. */
export const flat = (text: string) =>
  text.replace(/(?<=\p{L})-\s*(?=\p{L})/gu, '').replace(/[\s\u200b]+/g, '')

/** The text of the PDF, of the HTML and of the plain text of a report. */
export async function onPaper(written: Written) {
  const { paper, content } = written
  const bytes = await readFile(await write(written, 'pdf', {}))
  const pdf = await getDocument({ data: new Uint8Array(bytes), verbosity: 0 }).promise
  let words = ''
  for (let page = 1; page <= pdf.numPages; page++) {
    const { items } = await (await pdf.getPage(page)).getTextContent()
    words += items.map((item) => ('str' in item ? item.str + (item.hasEOL ? '\n' : '') : '')).join('')
  }
  const pages = pdf.numPages
  await pdf.destroy()
  const html = withoutTags(await readFile(await write(written, 'html', {}), 'utf8'))
  return { pages, words: { pdf: words, html, text: paper.text(content.document) } }
}

const entities: Record<string, string> = { nbsp: ' ', amp: '&', lt: '<', gt: '>', quot: '"' }
const withoutTags = (html: string) =>
  html
    .replace(/<style>.*?<\/style>|<!--.*?-->|<[^>]+>/gs, ' ')
    .replace(/&#(\d+);|&(\w+);/g, (all, code?: string, name = '') =>
      code ? String.fromCodePoint(Number(code)) : (entities[name] ?? all),
    )

/** The columns of every table in plain text, each from top to bottom; a sign as wide as two counts as two. */
export const textColumns = (text: string): string[][] =>
  [...text.replaceAll('＝', '＝\u200b').matchAll(/^(-+(?: {2}-+)+)\n((?:.+\n)*)/gm)].map(
    ([, rule = '', body = '']) =>
      [...rule.matchAll(/-+/g)].map(({ index, 0: { length } }) =>
        flat(
          body
            .split('\n')
            .map((line) => line.slice(index, index + length))
            .join('\n'),
        ),
      ),
  )
