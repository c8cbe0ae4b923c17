import type { Config } from '../../sql/config.ts'
import type { Db } from '../../sql/db.ts'
import type { Filters, Period } from '../../sql/filters.ts'
import type { ReportFormat, ReportKind } from '../../sql/reportIds.ts'
import type { Unit } from '../../sql/stat.ts'
import type { Data } from '../data.ts'
import type { HeadLine, Paper, ReportDocument } from './document.ts'

/** All a report tells: once for people, once as tables for programs. Both say the same figures, those of the API. */
export type ReportContent = {
  document: ReportDocument
  /** The first one is what CSV, Parquet and NDJSON hold unless another is asked for; XLSX holds them all. */
  tables: [ReportTable, ...ReportTable[]]
  /** The instant of the data, and the number that moves on with every load. */
  as_of: string | null
  data_version: string
  period: Period
  /** SHA-256 of all rows of all tables in their order: printed on the report, found again by `report verify`. */
  figures_sha256: string
}

export type ReportCell = string | number | boolean | null

export type ReportColumn = {
  name: string
  title: string
  means: string
  type: 'text' | 'day' | 'moment' | 'whole' | 'number' | 'yes_no'
  /** Null for text and times; `by_row`: the column `unit` of the same row says it. */
  unit: Unit | 'by_row' | null
  optional: boolean
}

type TableHead = { id: string; title: string; means: string; columns: ReportColumn[] }

/** A table is small and at hand, or it is a question that the engine answers straight into a file. */
export type ReportTable = TableHead &
  ({ rows: ReportCell[][] } | { select: { query: string; params: Record<string, unknown> } })

/** What a report is made from. */
export type Composing = {
  db: Db
  data: Data
  config: Config
  /** With `from` and `until` written out. */
  filters: Filters & Period
  options: ReportOptions
  marks: readonly string[]
  /** What it is made for: a long list stands only on the paper of those who asked for paper. */
  format: ReportFormat
  chartSvg: Paper['chartSvg']
  /** Where readers reach this server, without a slash at the end; empty when it has no address. */
  address: string
}

/** What a reader chooses beside the filters; each report takes those that mean something to it. */
export type ReportOptions = {
  /** Which of its tables a format with one table holds. */
  table?: string | undefined
  stage?: string | undefined
  also?: string | undefined
  state?: string | undefined
  sort?: string | undefined
  kpi?: string | undefined
  against?: string | undefined
  /** For programs: CSV without the guard against formulas. */
  raw?: boolean | undefined
}

export type ReportDefinition = ReportKind & {
  id: string
  compose(composing: Composing): Promise<ReportContent>
}

/** A report that is asked for. */
export type ReportRequest = {
  report: string
  format: ReportFormat
  filters: Filters & Period
  options: ReportOptions
  /** What is wrong with the data, where it is sent nevertheless: the report says so. */
  marks?: string[] | undefined
}

/** What goes with the file: HTML and plain text of the whole document for people to read first, its head for programs. */
export type ReportMessage = { subject: string; html: string; text: string; head: HeadLine[] }

/** A report that was made: its file lies in the archive under its own SHA-256. */
export type MadeReport = {
  request: ReportRequest
  title: string
  message: ReportMessage
  file: ReportFile
  as_of: string | null
  data_version: string
  figures_sha256: string
}

/** `path` is absolute; `name` is what a reader saves it as. */
export type ReportFile = { path: string; name: string; media_type: string; bytes: number; sha256: string }
