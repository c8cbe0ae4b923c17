import { unzipSync, Zip, ZipDeflate } from 'fflate'
import type { Db } from '../../../sql/db.ts'
import type { ReportCell, ReportColumn } from '../content.ts'
import { type SelectTable, written } from '../select.ts'
import { mostRows, tooLong } from './sheetLimit.ts'

/**
 * A workbook of which some sheets hold a header and one pattern row: their rows come from the engine, are written in the styles of the
 * pattern and go into the file as they come. Memory stays flat, however long the list.
 */
export async function* streamInto(
  db: Pick<Db, 'exec'>,
  workbook: Uint8Array,
  lists: readonly (SelectTable | null)[],
  at: Date,
): AsyncGenerator<Uint8Array> {
  if (lists.every((list) => list === null)) {
    yield workbook
    return
  }
  const parts: Uint8Array[] = []
  let failed: Error | null = null
  const zip = new Zip((error, piece) => {
    if (error) failed = error
    else parts.push(piece)
  })
  const taken = function* () {
    if (failed) throw failed
    yield* parts.splice(0)
  }
  const encoder = new TextEncoder()
  for (const [path, body] of Object.entries(unzipSync(workbook))) {
    const file = new ZipDeflate(path, { level: 6 })
    // a zip knows no zone: the same bytes wherever it is made
    file.mtime = new Date(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate())
    zip.add(file)
    const list = lists[Number(/^xl\/worksheets\/sheet(\d+)\.xml$/.exec(path)?.[1]) - 1]
    if (!list) file.push(body, true)
    else {
      const { before, after, styles } = split(new TextDecoder().decode(body))
      file.push(encoder.encode(before))
      for await (const text of rowsOf(db, list, styles)) {
        file.push(encoder.encode(text))
        yield* taken()
      }
      file.push(encoder.encode(after), true)
    }
    yield* taken()
  }
  zip.end()
  yield* taken()
}

/** The sheet around its pattern row, and the style of each cell in it. */
function split(sheet: string): { before: string; after: string; styles: string[] } {
  const from = sheet.indexOf('<row r="2"')
  const end = sheet.indexOf('</row>', from) + '</row>'.length
  if (from < 0) throw new Error('The sheet of a list has no pattern row.')
  const styles = [...sheet.slice(from, end).matchAll(/<c ([^>]*?)\/?>/g)].map(
    ([, attributes = '']) => / ?\bs="(\d+)"/.exec(attributes)?.[1] ?? '0',
  )
  return { before: sheet.slice(0, from), after: sheet.slice(end), styles }
}

const together = 500

async function* rowsOf(
  db: Pick<Db, 'exec'>,
  list: SelectTable,
  styles: readonly string[],
): AsyncGenerator<string> {
  let number = 1
  let text = ''
  for await (const line of linesOf(await written(db, list, { format: 'JSONCompactEachRow' }))) {
    if (number > mostRows) throw tooLong()
    number += 1
    const cells = (JSON.parse(line) as ReportCell[]).map((cell, index) =>
      xml(cell, list.columns[index] as ReportColumn, styles[index] ?? '0', `${letters(index)}${number}`),
    )
    text += `<row r="${number}">${cells.join('')}</row>`
    if (number % together !== 0) continue
    yield text
    text = ''
  }
  yield text
}

/** Lines end with a line feed and nothing else: text may hold other signs that end lines elsewhere. */
async function* linesOf(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const piece of pieces) {
    const lines = (rest + decoder.decode(piece, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
  if (rest !== '') yield rest
}

/** Days since the last of 1899, as spreadsheets count them. */
const serial = (iso: string) => Date.parse(iso) / 86_400_000 + 25_569

function xml(cell: ReportCell, { type }: ReportColumn, style: string, place: string): string {
  const open = `<c r="${place}" s="${style}"`
  if (cell === null) return `${open}/>`
  if (typeof cell === 'number') return `${open}><v>${cell}</v></c>`
  if (typeof cell === 'boolean') return `${open} t="b"><v>${cell ? 1 : 0}</v></c>`
  if (type === 'day' || type === 'moment') return `${open}><v>${serial(cell)}</v></c>`
  return `${open} t="inlineStr"><is><t xml:space="preserve">${escaped(cell)}</t></is></c>`
}

/** "A" to "Z", "AA" and on. */
const letters = (index: number): string =>
  (index < 26 ? '' : letters(Math.floor(index / 26) - 1)) + String.fromCharCode(65 + (index % 26))

/** A cell holds no more. */
const mostSigns = 32_767

const signs: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }

/** Control signs but tab and ends of lines, and halves of pairs. */
const unheard = /(?![\t\n\r\x7f-\x9f])\p{Cc}|\p{Cs}|[\ufffe\uffff]/gu

/** Signs that XML cannot hold are left out; the end of a line and what looks like an escape of a spreadsheet stay what they are. */
const escaped = (text: string) =>
  text
    .slice(0, mostSigns)
    .replace(unheard, '')
    .replace(/[&<>]/g, (sign) => signs[sign] ?? '')
    .replace(/_(?=x[0-9A-Fa-f]{4}_)/g, '_x005F_')
    .replaceAll('\r', '_x000D_')
