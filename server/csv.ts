/** A cell: text, a number, or nothing. */
export type Cell = string | number | boolean | null | undefined
/** A flat table: its column names and its rows. */
export type Table = { columns: readonly string[]; rows: readonly (readonly Cell[])[] }

/**
 * How text begins that a spreadsheet may run as a formula: a sign, as it is or in full width, also behind quotes and spaces, which some
 * programs drop; a tab or the end of a line. It is read alike here and by the engine.
 */
export const formulaStart = '^(?:[\\t\\r\\n]|["\' ]*[=+\\-@＝＋－＠])'
const mayRun = new RegExp(formulaStart, 'u')

/** Such text gets a quote in front. Numbers are left alone: a negative number is no formula. */
const guarded = (text: string) => (mayRun.test(text) ? `'${text}` : text)

const cell = (value: Cell, guard: boolean): string => {
  if (value === null || value === undefined) return ''
  if (typeof value !== 'string') return String(value)
  const text = guard ? guarded(value) : value
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** Rows as lines of RFC 4180 CSV: guarded for people who open it in a spreadsheet, or exactly what it is for programs. */
export const csvLines = (rows: Table['rows'], { guard = true }: { guard?: boolean } = {}): string =>
  rows.map((row) => `${row.map((value) => cell(value, guard)).join(',')}\r\n`).join('')

/** The table as RFC 4180 CSV with a header line. */
export const toCsv = ({ columns, rows }: Table): string => csvLines([columns, ...rows])
