import { setImmediate as turn } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { NodeCompiler } from '@myriaddreamin/typst-ts-node-compiler'
import { statusShapes } from '../../words/statusShapes.ts'
import { type Status, statusWords } from '../../words/words.ts'
import type { Block, ReportDocument } from '../document.ts'
import { family, fontFiles, otherFamily } from './fonts.ts'
import { paper, statusColors } from './palette.ts'
import { printable } from './printable.ts'
import template from './report.typ?raw'

let compiler: Promise<NodeCompiler> | undefined

/** Loaded with the first report: 50 MB that a server without reports never needs. */
const typesetter = () => {
  compiler ??= import('@myriaddreamin/typst-ts-node-compiler').then(({ NodeCompiler }) =>
    NodeCompiler.create({
      // files are read from nowhere else
      workspace: fileURLToPath(new URL('.', import.meta.url)),
      fontArgs: fontFiles().map((path) => ({ fontPaths: [path] })),
    }),
  )
  return compiler
}

/**
 * A report as PDF: A4, tagged, PDF/UA-1, with its fonts inside. The same document gives the same bytes. It takes the process it runs in
 * for as long as it is set: some 10 ms a page.
 */
export async function pdf(document: ReportDocument): Promise<Uint8Array> {
  const typst = await typesetter()
  try {
    const set = typst.compile({
      mainFileContent: template,
      inputs: { report: JSON.stringify(onPaper(document)) },
    })
    if (!set.result) {
      const wrong = set.takeDiagnostics()
      throw new Error(JSON.stringify(wrong && typst.fetchDiagnostics(wrong)))
    }
    return typst.pdf(set.result, { pdfStandard: 'ua-1', creationTimestamp: 0 })
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new Error(`The report "${document.title}" could not be set as PDF: ${reason}`, { cause: error })
  } finally {
    // what it remembers of a report would never be asked for again
    typst.evictCache(0)
    // and its pages are given back only when the event loop turns
    await turn()
  }
}

const shapes = Object.fromEntries(
  Object.entries(statusShapes).map(([status, path]) => [
    status,
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path fill="${statusColors[status as Status].ink}" d="${path}"/></svg>`,
  ]),
)

/** Words longer than a column may break anywhere: a zero-width space every eight signs. */
const breakable = (text: string) =>
  printable(text).replace(/[^\s-]{20,}/gu, (word) =>
    [...word].map((sign, index) => (index > 0 && index % 8 === 0 ? `\u200b${sign}` : sign)).join(''),
  )

/** What the template is given. Levels of headings follow one another without a gap, as PDF/UA asks. */
function onPaper(document: ReportDocument) {
  const title = printable(document.title)
  const subtitle = printable(document.subtitle)
  let level = 1
  const block = (it: Block) => {
    switch (it.kind) {
      case 'heading':
        level = Math.min(it.level, level + 1)
        return { ...it, level, text: breakable(it.text) }
      case 'text':
        return { ...it, text: breakable(it.text) }
      case 'list':
        return {
          ...it,
          items: it.items.map(({ badge, text }) => ({
            badge: badge && { ...badge, word: printable(badge.word) },
            text: breakable(text),
          })),
        }
      case 'figures':
        return {
          ...it,
          figures: it.figures.map(({ label, value, unit, note, status }) => ({
            label: breakable(label),
            value: printable(value),
            unit: printable(unit),
            note: breakable(note),
            status,
            word: statusWords[status],
          })),
        }
      case 'chart':
        return { ...it, title: breakable(it.title), alt: printable(it.alt) }
      case 'table':
        return {
          ...it,
          caption: breakable(it.caption),
          columns: it.columns.map((column) => ({
            ...column,
            title: breakable(column.title),
            width: column.width ?? 1,
          })),
          rows: it.rows.map((row) => row.map(breakable)),
        }
      default:
        return it
    }
  }
  const head = document.head.map(({ label, value }) => ({ label: printable(label), value: breakable(value) }))
  return {
    title,
    subtitle,
    author: subtitle,
    lead: breakable(document.lead),
    head,
    foot: head
      .filter(({ label }) => /^(as of|checksum)$/i.test(label))
      .map(({ label, value }) => `${label} ${value}`),
    blocks: document.blocks.map(block),
    notes: document.notes.map(breakable),
    'notes-title': 'Notes',
    nothing: 'Nothing to list.',
    shapes,
    statuses: statusColors,
    colors: paper,
    fonts: [family, otherFamily],
    /** The width of a drawing, in its pixels, that fills the width of the page. */
    full: 680,
  }
}
