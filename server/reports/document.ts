import type { Draw } from '../charts/draw.ts'
import type { Status } from '../words/words.ts'

/** A report as people read it. PDF, e-mail and plain text are drawn from it; all words in it are final. */
export type ReportDocument = {
  /** The answer in one sentence: "63% of building permits decided in time in June 2026, 80% was promised". */
  title: string
  /** The name of the report and whose it is: "Department brief, City of Springfield". */
  subtitle: string
  /** What else to know at once, in one to three sentences. */
  lead: string
  /** Stands on every report in every format: scope, filters, period, as of, completeness, definitions, checksum, where to verify. */
  head: HeadLine[]
  blocks: Block[]
  /** What must be known to read it rightly, a sentence each. */
  notes: string[]
}

/** Lines labelled "As of" and "Checksum" also stand at the foot of every printed page. */
export type HeadLine = { label: string; value: string }

export type Block =
  | { kind: 'heading'; level: 2 | 3; text: string }
  | { kind: 'text'; text: string }
  /** Findings, changes, reasons: what each is in a word or two, then a sentence. */
  | { kind: 'list'; items: { badge: Badge | null; text: string }[] }
  | { kind: 'figures'; figures: FigureCard[] }
  /** `svg` is drawn on the server in the colours of paper; `alt` says what is to be seen, and a table or list nearby says the same. */
  | { kind: 'chart'; title: string; alt: string; svg: string; width: number; height: number }
  /** The first column heads its row. */
  | { kind: 'table'; caption: string; columns: DocumentColumn[]; rows: string[][] }
  | { kind: 'page_break' }

export type Badge = { word: string; status: Status }
export type FigureCard = { label: string; value: string; unit: string; note: string; status: Status }
export type DocumentColumn = {
  title: string
  align: 'start' | 'end'
  /** Its share of the width; 1 when not given. */
  width?: number
}

/** What draws a document for people. `rows`: so many of each table at most, for letters. */
export type Paper = {
  pdf(document: ReportDocument): Promise<Uint8Array>
  html(document: ReportDocument, options?: { rows?: number }): string
  text(document: ReportDocument, options?: { rows?: number }): string
  chartSvg(draw: Draw, size: { width: number; height: number; title: string }): string
}
