import { statusWords } from '../../words/words.ts'
import type { Block, DocumentColumn, ReportDocument } from '../document.ts'
import { leftWords } from './html.ts'
import { oneLine } from './printable.ts'

/** What a terminal and an old mail program show without breaking lines. */
const lineWidth = 72

/** A report as plain text, 72 columns wide: the other half of an e-mail. */
export function text(document: ReportDocument, options: { rows?: number } = {}): string {
  const most = options.rows ?? Number.POSITIVE_INFINITY
  const parts = [
    underlined(document.title, '='),
    wrapped(document.subtitle),
    wrapped(document.lead),
    ...document.blocks.map((block) => drawBlock(block, most)),
    ...(document.notes.length > 0
      ? [underlined('Notes', '-'), document.notes.map((note) => hanging('- ', note)).join('\n')]
      : []),
    '-'.repeat(lineWidth),
    head(document),
  ]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}

function drawBlock(block: Block, most: number): string {
  switch (block.kind) {
    case 'heading':
      return underlined(block.text, block.level === 2 ? '-' : '.')
    case 'text':
      return wrapped(block.text)
    case 'list':
      return block.items
        .map(({ badge, text }) => hanging('- ', badge ? `${badge.word}: ${text}` : text))
        .join('\n')
    case 'figures':
      return block.figures
        .map(({ label, value, unit, note, status }) => {
          const figure = unit === '' || unit === '%' ? `${value}${unit}` : `${value} ${unit}`
          return `${hanging('* ', `${label}: ${figure} (${statusWords[status]})`)}${note ? `\n${hanging('  ', note)}` : ''}`
        })
        .join('\n')
    case 'chart':
      return `${wrapped(`[Chart] ${block.title}`)}\n${hanging('  ', block.alt)}`
    case 'table': {
      const rows = block.rows.slice(0, most)
      const lines = [
        wrapped(block.caption),
        rows.length === 0 ? 'Nothing to list.' : table(block.columns, rows),
      ]
      if (rows.length < block.rows.length) lines.push(wrapped(leftWords(rows.length, block.rows.length)))
      return lines.join('\n\n')
    }
    case 'page_break':
      return ''
  }
}

/** The head stands below: who reads it as text wants the answer first. */
function head({ head: lines }: ReportDocument): string {
  const labels = Math.min(20, Math.max(0, ...lines.map(({ label }) => widthOf(oneLine(label)))))
  return lines.map(({ label, value }) => hanging(`${padded(oneLine(label), labels)}  `, value)).join('\n')
}

/** Columns as wide as their longest cell; where that is more than a line, the widest are broken, and where even words do not fit, rows become lists. */
function table(columns: readonly DocumentColumn[], rows: readonly (readonly string[])[]): string {
  const titles = columns.map(({ title }) => oneLine(title))
  const cells = rows.map((row) => row.map(oneLine))
  const room = lineWidth - 2 * (columns.length - 1)
  const widths = titles.map((title, at) =>
    Math.max(1, widthOf(title), ...cells.map((row) => widthOf(row[at] ?? ''))),
  )
  const least = titles.map((title, at) =>
    Math.min(
      16,
      Math.max(longestWord(title), ...cells.map((row) => longestWord(row[at] ?? ''))),
      widths[at] ?? 1,
    ),
  )
  if (least.reduce((sum, width) => sum + width, 0) > room)
    return cells
      .map((row) => row.map((cell, at) => hanging('', `${titles[at]}: ${cell}`)).join('\n'))
      .join('\n\n')
  for (let over = sum(widths) - room; over > 0; over -= 1) {
    const spare = widths.map((width, at) => (width > (least[at] ?? 0) ? width : 0))
    const widest = spare.indexOf(Math.max(...spare))
    widths[widest] = (widths[widest] ?? 1) - 1
  }
  const line = (row: readonly string[]) => {
    const broken = widths.map((width, at) => wrap(row[at] ?? '', width))
    const height = Math.max(...broken.map(({ length }) => length))
    return Array.from({ length: height }, (_, index) =>
      broken
        .map((lines, at) => padded(lines[index] ?? '', widths[at] ?? 0, columns[at]?.align))
        .join('  ')
        .trimEnd(),
    ).join('\n')
  }
  return [line(titles), widths.map((width) => '-'.repeat(width)).join('  '), ...cells.map(line)].join('\n')
}

const sum = (numbers: readonly number[]) => numbers.reduce((all, one) => all + one, 0)

const wide =
  /[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\p{Emoji_Presentation}\u3000-\u303f\uff01-\uff60]/u
const narrowest = /[\p{M}\u200c\u200d]/u

/** How many columns a text takes: East Asian signs and emoji take two, marks on letters none. */
function widthOf(words: string): number {
  let width = 0
  for (const sign of words) width += wide.test(sign) ? 2 : narrowest.test(sign) ? 0 : 1
  return width
}

const longestWord = (words: string) => Math.max(0, ...words.split(' ').map(widthOf))

function padded(words: string, width: number, align: 'start' | 'end' = 'start'): string {
  const space = ' '.repeat(Math.max(0, width - widthOf(words)))
  return align === 'end' ? space + words : words + space
}

/** Lines of at most so many columns; a word that is longer is broken. */
function wrap(words: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of words.split(' ').flatMap((one) => broken(one, width))) {
    const longer = line === '' ? word : `${line} ${word}`
    if (widthOf(longer) <= width) line = longer
    else {
      lines.push(line)
      line = word
    }
  }
  return [...lines, line]
}

function broken(word: string, width: number): string[] {
  if (widthOf(word) <= width) return [word]
  const pieces = ['']
  for (const sign of word) {
    if (widthOf(`${pieces.at(-1)}${sign}`) > width) pieces.push('')
    pieces[pieces.length - 1] += sign
  }
  return pieces
}

/** Text after a mark, its further lines below its beginning. An address or a checksum is never broken: it would not work. */
function hanging(mark: string, words: string): string {
  const indent = ' '.repeat(widthOf(mark))
  const line = oneLine(words)
  if (!line.includes(' ')) return mark + line
  return mark + wrap(line, lineWidth - indent.length).join(`\n${indent}`)
}

const wrapped = (words: string) => hanging('', words)

function underlined(words: string, line: string): string {
  const lines = wrap(oneLine(words), lineWidth)
  return `${lines.join('\n')}\n${line.repeat(Math.max(...lines.map(widthOf)))}`
}
