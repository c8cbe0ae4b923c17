import { escapeHtml } from '../../charts/draw.ts'
import { formatCount } from '../../words/format.ts'
import { type Status, statusWords } from '../../words/words.ts'
import type { Block, DocumentColumn, FigureCard, HeadLine, ReportDocument } from '../document.ts'
import { paper, statusColors } from './palette.ts'
import { picture } from './picture.ts'
import { oneLine } from './printable.ts'

/**
 * A report as an e-mail. Mail programs know little: styles stand at each element, columns are boxes that fall below one another, Outlook
 * gets tables in comments of its own, dark mode is a style sheet that those who ignore it can do without. Charts are PNGs inside the text
 * itself, as no mail program draws SVG; what sends the mail makes inline attachments of them (`attachDataUrls` of nodemailer), as some show
 * no pictures that stand in the text. Nothing is fetched from anywhere.
 */
export function html(document: ReportDocument, options: { rows?: number } = {}): string {
  const title = safe(document.title)
  const most = options.rows ?? Number.POSITIVE_INFINITY
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>${title}</title>
<style>${styles}</style>
</head>
<body class="c-page" style="margin:0;padding:0;background:${paper.bg};-webkit-text-size-adjust:100%">
<div style="display:none;max-height:0;overflow:hidden;mso-hide:all">${safe(document.lead)}</div>
<!--[if mso]><table role="presentation" align="center" width="640"><tr><td><![endif]-->
<div class="c-page c-ink" style="${font}max-width:640px;margin:0 auto;padding:24px 16px;font-size:16px;line-height:1.5;color:${paper.text};background:${paper.bg}">
<p class="c-muted c-rule" style="margin:0 0 12px;padding-top:12px;border-top:4px solid ${paper.text};font-size:15px;font-weight:600;color:${paper.muted}">${safe(document.subtitle)}</p>
<h1 style="margin:0 0 12px;font-size:26px;line-height:1.2;font-weight:700">${title}</h1>
${document.lead ? `<p style="margin:0 0 24px;font-size:18px">${safe(document.lead)}</p>` : ''}
${drawBlocks(document.blocks, most)}
${notes(document.notes)}
${head(document.head)}
</div>
<!--[if mso]></td></tr></table><![endif]-->
</body>
</html>
`
}

const safe = (text: string) => escapeHtml(oneLine(text))

const font = "font-family:'Segoe UI',Roboto,Helvetica,Arial,sans-serif;"

const statuses = Object.entries(statusColors)
const styles = `:root{color-scheme:light dark}
@media (max-width:520px){.c-chart{min-width:500px!important}}
@media (prefers-color-scheme:dark){
.c-page{background:#0f1419!important}.c-ink,.c-ink h1,.c-ink h2,.c-ink h3{color:#e8edf2!important}
.c-muted{color:#a9b6c4!important}.c-rule{border-color:#e8edf2!important}.c-hair{border-color:#2c3742!important}
.c-link{color:#8ec5ff!important}.c-ground{background:#182028!important}
${statuses.map(([status, { night, nightGround }]) => `.c-${status}{color:${night}!important}.c-top-${status}{border-color:${night}!important}.c-on-${status}{background:${nightGround}!important;color:${night}!important}`).join('\n')}
}`

/** Shapes as signs that every mail program has; the word beside says the same. */
const signs: Record<Status, string> = { on: '✓', near: '▲', off: '✕', none: '–' }
const sign = (status: Status) => `<span aria-hidden="true">${signs[status]}</span>`

/** Headings follow one another without a gap. */
function drawBlocks(blocks: readonly Block[], most: number): string {
  let level = 1
  return blocks
    .map((block) => {
      if (block.kind === 'heading') level = Math.min(block.level, level + 1)
      return drawBlock(block, level, most)
    })
    .join('\n')
}

function drawBlock(block: Block, level: number, most: number): string {
  switch (block.kind) {
    case 'heading':
      return `<h${level} style="margin:32px 0 8px;font-size:${level === 2 ? 20 : 17}px;line-height:1.25;font-weight:700">${safe(block.text)}</h${level}>`
    case 'text':
      return `<p style="margin:0 0 16px">${safe(block.text)}</p>`
    case 'list':
      return list(block.items)
    case 'figures':
      return figures(block.figures)
    case 'chart':
      return chart(block)
    case 'table':
      return table(block, most)
    case 'page_break':
      return `<div class="c-hair" style="margin:32px 0;border-top:1px solid ${paper.hair}"></div>`
  }
}

function list(items: Extract<Block, { kind: 'list' }>['items']): string {
  if (items.length === 0) return ''
  const badges = items.some(({ badge }) => badge)
  const item = ({ badge, text }: (typeof items)[number]) => {
    const { ink, ground } = statusColors[badge?.status ?? 'none']
    const mark = badge
      ? `<span class="c-on-${badge.status}" style="padding:2px 8px;border-radius:4px;font-size:14px;font-weight:600;white-space:nowrap;color:${ink};background:${ground}">${sign(badge.status)} ${safe(badge.word)}</span> `
      : ''
    return `<li style="margin:0 0 10px">${mark}${safe(text)}</li>`
  }
  return `<ul style="margin:0 0 16px;padding:0 0 0 ${badges ? '0;list-style:none' : '20px'}">${items.map(item).join('\n')}</ul>`
}

/** Two beside each other where there is room, for Outlook by a table. */
function figures(cards: readonly FigureCard[]): string {
  const card = ({ label, value, unit, note, status }: FigureCard, index: number) => {
    const { ink } = statusColors[status]
    const size = unit === '%' ? 22 : 17
    // words in place of a figure are no headline
    const large = /\d/.test(value) ? 34 : 20
    return `${index > 0 && index % 2 === 0 ? '<!--[if mso]></tr><tr><![endif]-->' : ''}<!--[if mso]><td valign="top" width="304"><![endif]--><div style="display:inline-block;width:100%;max-width:292px;margin:0 12px 20px 0;vertical-align:top;font-size:16px"><div class="c-top-${status}" style="padding:8px 0 0;border-top:3px solid ${ink}">
<p style="margin:0;font-weight:600">${safe(label)}</p>
<p style="margin:0;font-size:${large}px;line-height:1.2;font-weight:700">${safe(value)}${unit ? `<span style="font-size:${size}px;font-weight:600">${unit === '%' ? '' : '&nbsp;'}${safe(unit)}</span>` : ''}</p>
<p class="c-${status}" style="margin:2px 0 4px;font-size:15px;font-weight:600;color:${ink}">${sign(status)} ${statusWords[status]}</p>
${note ? `<p class="c-muted" style="margin:0;font-size:14px;line-height:1.4;color:${paper.muted}">${safe(note)}</p>` : ''}
</div></div><!--[if mso]></td><![endif]-->`
  }
  if (cards.length === 0) return ''
  return `<div style="margin:0 -12px 4px 0;font-size:0"><!--[if mso]><table role="presentation" width="608"><tr><![endif]-->${cards.map(card).join('')}<!--[if mso]></tr></table><![endif]--></div>`
}

/** White below the chart also by night: its colours are those of paper. */
function chart({ title, alt, svg, width, height }: Extract<Block, { kind: 'chart' }>): string {
  const png = picture(svg, width * 2).toString('base64')
  const shown = Math.min(608, width)
  return `<p style="margin:16px 0 8px;font-weight:600">${safe(title)}</p>
<div style="margin:0 0 24px;overflow-x:auto"><img class="c-chart" src="data:image/png;base64,${png}" alt="${safe(alt)}" width="${shown}" height="${Math.round((height * shown) / width)}" style="display:block;width:100%;max-width:${width}px;height:auto;border:0;border-radius:6px;background:#ffffff"></div>`
}

const side = (column: DocumentColumn | undefined) => (column?.align === 'end' ? 'right' : 'left')
const cellStyle = 'padding:6px 12px 6px 0;vertical-align:top'

/** On a phone numbers and short names stay whole, and a word longer than a column may break anywhere. */
const breaks = (value: string, column: DocumentColumn | undefined) => {
  if (/\S{16,}/.test(value)) return ';overflow-wrap:anywhere'
  return value.length <= 12 || (column?.align === 'end' && value.length <= 16) ? ';white-space:nowrap' : ''
}

function table(block: Extract<Block, { kind: 'table' }>, most: number): string {
  const { caption, columns } = block
  const rows = block.rows.slice(0, most)
  const heading = (column: DocumentColumn) =>
    `<th scope="col" class="c-rule" style="${cellStyle};border-bottom:2px solid ${paper.text};text-align:${side(column)};vertical-align:bottom;font-weight:600">${safe(column.title)}</th>`
  const hair = `border-bottom:1px solid ${paper.hair}`
  const cell = (value: string, index: number) => {
    const style = `${cellStyle};${hair};text-align:${side(columns[index])}${breaks(value, columns[index])}`
    return index === 0
      ? `<th scope="row" class="c-hair" style="${style};font-weight:400">${safe(value)}</th>`
      : `<td class="c-hair" style="${style}">${safe(value)}</td>`
  }
  const body = rows.map((row) => `<tr>${row.map(cell).join('')}</tr>`).join('\n')
  const nothing = `<tr><td class="c-hair c-muted" colspan="${columns.length}" style="${cellStyle};${hair};color:${paper.muted}">Nothing to list.</td></tr>`
  const left = block.rows.length - rows.length
  const more =
    left > 0
      ? `<p class="c-muted" style="margin:8px 0 0;font-size:14px;color:${paper.muted}">${leftWords(rows.length, block.rows.length)}</p>`
      : ''
  return `<div style="margin:0 0 24px;overflow-x:auto"><table class="c-ink" style="${font}width:100%;border-collapse:collapse;font-size:14px;line-height:1.35;color:${paper.text}">
<caption style="padding:0 0 6px;text-align:left;font-size:15px;font-weight:600">${safe(caption)}</caption>
<thead><tr>${columns.map(heading).join('')}</tr></thead>
<tbody>${body || nothing}</tbody></table>${more}</div>`
}

/** Said where a message holds fewer rows than the report. */
export const leftWords = (shown: number, all: number) =>
  `The first ${formatCount(shown)} of ${formatCount(all)} rows. All of them are in the report itself.`

function notes(sentences: readonly string[]): string {
  if (sentences.length === 0) return ''
  return `<h2 style="margin:32px 0 8px;font-size:20px;line-height:1.25;font-weight:700">Notes</h2>
<ul class="c-muted" style="margin:0 0 16px;padding:0 0 0 20px;font-size:14px;color:${paper.muted}">${sentences.map((note) => `<li style="margin:0 0 4px">${safe(note)}</li>`).join('\n')}</ul>`
}

function head(lines: readonly HeadLine[]): string {
  if (lines.length === 0) return ''
  const row = ({ label, value }: HeadLine) =>
    `<tr><th scope="row" style="padding:3px 16px 3px 0;text-align:left;vertical-align:top;font-weight:600">${safe(label)}</th><td class="c-muted" style="padding:3px 0;vertical-align:top;color:${paper.muted};word-break:break-word;overflow-wrap:anywhere">${address(value)}</td></tr>`
  return `<div class="c-ground" style="margin:32px 0 0;padding:12px 16px;border-radius:6px;background:#f5f7fa"><table class="c-ink" style="${font}width:100%;border-collapse:collapse;font-size:14px;line-height:1.4;color:${paper.text}">
<caption style="padding:0 0 4px;text-align:left;font-size:15px;font-weight:600">About this report</caption>
<tbody>${lines.map(row).join('\n')}</tbody></table></div>`
}

const address = (value: string) =>
  /^https?:\/\/\S+$/.test(value)
    ? `<a class="c-link" href="${safe(value)}" style="color:#0b4f9e">${safe(value)}</a>`
    : safe(value)
