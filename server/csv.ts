/** A cell: text, a number, or nothing. */
export type Cell = string | number | boolean | null | undefined
/** A flat table: its column names and its rows. */
export type Table = { columns: readonly string[]; rows: readonly (readonly Cell[])[] }

/**
 * Text a spreadsheet would run as a formula gets a quote in front. Numbers are left alone: a negative number is no
 * formula.
 */
const guarded = (text: string) => (/^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text)

const cell = (value: Cell): string => {
  if (value === null || value === undefined) return ''
  if (typeof value !== 'string') return String(value)
  const text = guarded(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** Rows as lines of RFC 4180 CSV. */
export const csvLines = (rows: Table['rows']): string =>
  rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('')

/** The table as RFC 4180 CSV with a header line. */
export const toCsv = ({ columns, rows }: Table): string => csvLines([columns, ...rows])
