import { type StreamName, streams } from './streams.ts'

/** One line of RFC 4180 CSV, values exactly as they are: made to be loaded, not to be opened in a spreadsheet. */
export const csvLine = (cells: readonly string[]): string =>
  `${cells.map((cell) => (/[",\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',')}\r\n`

/** A file to fill in: the header of a stream and one example row that a load accepts. */
export function template(name: StreamName): string {
  const fields = Object.entries(streams[name].fields)
  return csvLine(fields.map(([field]) => field)) + csvLine(fields.map(([, { example }]) => example))
}
