import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Db } from '../../sql/db.ts'
import type { ReportFormat } from '../../sql/reportIds.ts'
import { addDays, addMonths } from '../words/days.ts'
import { tableOf } from './asked.ts'
import type { ReportContent, ReportRequest } from './content.ts'
import { counting } from './delivery/bytes.ts'
import type { Paper } from './document.ts'
import { csv } from './formats/csv.ts'
import { ndjson } from './formats/ndjson.ts'
import { parquet } from './formats/parquet.ts'
import { xlsx } from './formats/xlsx.ts'

const mediaTypes: Record<ReportFormat, string> = {
  pdf: 'application/pdf',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  csv: 'text/csv; charset=utf-8; header=present',
  parquet: 'application/vnd.apache.parquet',
  ndjson: 'application/x-ndjson',
  html: 'text/html; charset=utf-8',
}
export const mediaTypeOf = (format: ReportFormat) => mediaTypes[format]

async function pieces(
  db: Pick<Db, 'exec'>,
  paper: Paper,
  content: ReportContent,
  request: ReportRequest,
): Promise<AsyncIterable<Uint8Array> | Uint8Array[]> {
  switch (request.format) {
    case 'pdf':
      return [await paper.pdf(content.document)]
    case 'html':
      return [new TextEncoder().encode(paper.html(content.document))]
    case 'xlsx':
      return xlsx(db, content)
    case 'csv':
      return csv(db, tableOf(content, request), request.options)
    case 'parquet':
      return parquet(db, tableOf(content, request))
    case 'ndjson':
      return ndjson(db, tableOf(content, request))
  }
}

/** Writes the report as a file and tells how large it is and its SHA-256. Nothing of it is kept in memory but the piece under way. */
export async function writeReport(
  db: Pick<Db, 'exec'>,
  paper: Paper,
  content: ReportContent,
  request: ReportRequest,
  path: string,
): Promise<{ bytes: number; sha256: string }> {
  const { through, sum } = counting()
  await pipeline(
    Readable.from(await pieces(db, paper, content, request), { objectMode: false }),
    through,
    createWriteStream(path),
  )
  return sum()
}

/** "department-brief-2026-06.pdf", "table-by-district-2026-06-03-to-2026-06-16.csv". */
export function fileName(content: ReportContent, request: ReportRequest): string {
  const { from, until } = content.period
  const one = ['csv', 'parquet', 'ndjson'].includes(request.format) || request.report === 'table'
  const table = one ? tableOf(content, request).id : ''
  const month = from.endsWith('-01') && addMonths(from, 1) === until
  const when = month ? from.slice(0, 7) : `${from}-to-${addDays(until, -1)}`
  const parts = [request.report, table, when].filter((part) => part !== '')
  return `${parts.join('-').replace(/[^\w.-]+/g, '-')}.${request.format}`
}
