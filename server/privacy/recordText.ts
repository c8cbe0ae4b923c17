import { type Markup, markup } from '../openData/markup.ts'
import type { ProcessingRecord } from './record.ts'

/** One way to tell it all, so that Markdown and HTML say the same: headings with lines below them. */
type Section = { heading: string; lines: string[] }

const kept = (days: number | null) => (days === null ? 'no limit' : `${days} days`)

function sections(record: ProcessingRecord): Section[] {
  const { controller, purposes, people, data, recipients, retention, measures, erasures } = record
  return [
    {
      heading: 'Who answers for it',
      lines: [[controller.name, controller.contact].filter((each) => each !== '').join(', ')],
    },
    { heading: 'What for', lines: purposes.map(({ what, why }) => `${what}: ${why}.`) },
    { heading: 'Whose data', lines: people },
    {
      heading: 'What data',
      lines: data.map(({ class: name, means, travels, tables }) => {
        const where = Object.entries(tables).map(([table, columns]) => `${table} (${columns.join(', ')})`)
        return `${name.replaceAll('_', ' ')}: ${means}. Goes ${travels}.${where.length > 0 ? ` In ${where.join('; ')}.` : ''}`
      }),
    },
    { heading: 'Who gets it', lines: recipients.map(({ who, what }) => `${who}: ${what}.`) },
    {
      heading: 'How long it is kept',
      lines: retention.map(({ what, days, how }) => `${what}: ${kept(days)} (${how}).`),
    },
    { heading: 'How it is protected', lines: measures },
    {
      heading: 'Erasures',
      lines: erasures.map(
        ({ erasure, at, done_at, by, cases }) =>
          `${at}: ${cases} ${cases === 1 ? 'case' : 'cases'} by ${by}, ${done_at === null ? 'not complete' : `done ${done_at}`} (${erasure}).`,
      ),
    },
  ]
}

const title = 'Record of processing'

export const recordMarkdown = (record: ProcessingRecord): string =>
  [
    `# ${title}`,
    ...sections(record).map(({ heading, lines }) => [`## ${heading}`, ...list(lines)].join('\n')),
  ]
    .join('\n\n')
    .concat('\n')

const list = (lines: string[]) => (lines.length > 0 ? lines.map((line) => `- ${line}`) : ['None so far.'])

export function recordHtml(record: ProcessingRecord): string {
  const parts = sections(record).map(
    ({ heading, lines }): Markup => markup`<h2>${heading}</h2>
<ul>${lines.map((line) => markup`<li>${line}</li>`)}</ul>
`,
  )
  return markup`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${title}</title></head>
<body><h1>${title}</h1>
${parts}</body></html>
`.text
}
