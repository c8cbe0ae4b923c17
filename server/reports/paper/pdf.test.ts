import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PDFDocumentProxy, PDFPageProxy } from 'pdfjs-dist/legacy/build/pdf.mjs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { getDocument } from '../../../fixtures/readPdf.ts'
import { checksum, makeBrief } from '../../../fixtures/reports/brief.ts'
import { hardTexts, makeWaitingList } from '../../../fixtures/reports/waitingList.ts'
import { pdf } from './pdf.ts'
import { drawable, printable } from './printable.ts'

const brief = makeBrief()
/** Rows enough for 40 pages. */
const rows = 1_540
const list = makeWaitingList(rows)

const open = (bytes: Uint8Array) =>
  getDocument({ data: new Uint8Array(bytes), verbosity: 0, useSystemFonts: false }).promise

type Tag = { role: string; alt?: string; children: Tag[]; type?: string }

const tagsOf = async (page: PDFPageProxy): Promise<Tag[]> => {
  const found: Tag[] = []
  const walk = (tag: Tag) => {
    if (tag.role) found.push(tag)
    for (const child of tag.children ?? []) walk(child)
  }
  walk((await page.getStructTree()) as unknown as Tag)
  return found
}

/** The text of a page in the order of its content, as it is copied out. */
const textOf = async (page: PDFPageProxy) => {
  const { items } = await page.getTextContent()
  return items
    .map((item) => ('str' in item ? item.str + (item.hasEOL ? ' ' : '') : ''))
    .join('')
    .replace(/\s+/g, ' ')
}

const pagesOf = (document: PDFDocumentProxy) =>
  Promise.all(Array.from({ length: document.numPages }, (_, index) => document.getPage(index + 1)))

let briefBytes: Uint8Array
let briefPdf: PDFDocumentProxy
let listPdf: PDFDocumentProxy
let listTexts: string[]

beforeAll(async () => {
  briefBytes = await pdf(brief)
  briefPdf = await open(briefBytes)
  listPdf = await open(await pdf(list))
  listTexts = await Promise.all((await pagesOf(listPdf)).map(textOf))
})

afterAll(async () => {
  await briefPdf?.destroy()
  await listPdf?.destroy()
})

describe('a department brief', () => {
  test('has two pages of A4, says what it is and is declared PDF/UA-1', async () => {
    expect(briefPdf.numPages).toBe(2)
    const [left = 0, bottom = 0, right = 0, top = 0] = (await briefPdf.getPage(1)).view
    expect([right - left, top - bottom].map(Math.round)).toEqual([595, 842])
    const { info, metadata } = await briefPdf.getMetadata()
    expect(info).toMatchObject({ Title: brief.title, Author: brief.subtitle, Language: 'en-GB' })
    expect(metadata?.get('pdfuaid:part')).toBe('1')
    expect(metadata?.get('dc:title')).toContain(brief.title)
    expect(await briefPdf.getMarkInfo()).toMatchObject({ Marked: true })
  })

  test('is tagged with headings, lists, tables and alternative texts', async () => {
    const tags = (await Promise.all((await pagesOf(briefPdf)).map(tagsOf))).flat()
    const count = (role: string) => tags.filter((tag) => tag.role === role).length
    expect(count('H1')).toBe(1)
    expect(count('H2')).toBe(6)
    expect(count('TH')).toBe(10)
    expect(count('TD')).toBe(3 * 6 + 3 * 4)
    expect(count('LI')).toBe(9)
    const charts = brief.blocks.flatMap((block) => (block.kind === 'chart' ? block.alt : []))
    expect(tags.filter(({ role }) => role === 'Figure').map(({ alt }) => alt)).toEqual(charts)
  })

  test('reads in the order in which it is written, each status as a word', async () => {
    const all = (await Promise.all((await pagesOf(briefPdf)).map(textOf))).join(' ')
    let at = 0
    for (const words of [
      brief.subtitle,
      brief.title,
      'It has been falling since March',
      `Checksum ${checksum}`,
      'Decided in time 63% Off target Target 80% or more',
      'Satisfied 84% On target',
      'Is the promise kept?',
      'Building permits 80% within 20 working days 63% 66% 21 days Off target',
      'What changed Worse Building permits: closed on time down from 66% to 63%',
      'Slower stage Document review',
      'Notes',
      'Figures of fewer than five people are not shown.',
    ]) {
      const found = all.indexOf(words, at)
      expect(found, `"${words}" after ${at} in: ${all}`).toBeGreaterThanOrEqual(at)
      at = found
    }
  })

  test('carries its own fonts', async () => {
    const fonts = new Map<string, boolean>()
    for (const page of [...(await pagesOf(briefPdf)), ...(await pagesOf(listPdf)).slice(0, 1)]) {
      const { fnArray, argsArray } = await page.getOperatorList()
      for (const [index, operation] of fnArray.entries()) {
        const id: unknown = operation === 37 ? argsArray[index]?.[0] : null
        if (typeof id !== 'string') continue
        const { name, missingFile } = page.commonObjs.get(id) as { name: string; missingFile?: boolean }
        fonts.set(name.replace(/^[A-Z]{6}\+/, ''), missingFile !== true)
      }
    }
    expect(Object.fromEntries(fonts)).toEqual({
      'SourceSans3-Regular': true,
      'SourceSans3-SemiBold': true,
      'SourceSans3-Bold': true,
      DejaVuSans: true,
    })
  })

  test('is the same to the byte when made again', async () => {
    expect(Buffer.compare(Buffer.from(await pdf(makeBrief())), Buffer.from(briefBytes))).toBe(0)
  })
})

describe('a table of forty pages', () => {
  test('has its header, the name of the report, the page and the checksum on every page', () => {
    const pages = listTexts
    expect(pages.length).toBeGreaterThanOrEqual(40)
    const tablePages = pages.filter((page) => /P-2026-\d{5}.*P-2026-\d{5}/.test(page))
    expect(tablePages.length).toBeGreaterThanOrEqual(39)
    for (const page of tablePages)
      expect(page).toMatch(/Case District or team, as it is called in the register Stage Since Days waited/)
    for (const [index, page] of pages.entries()) {
      expect(page).toContain(`Page ${index + 1} of ${pages.length}`)
      expect(page).toContain(`As of 1 July 2026, 06:10 Checksum ${checksum}`)
      expect(page).toContain(list.subtitle)
    }
  })

  test('holds every row once, in its order', () => {
    const cases = listTexts
      .join(' ')
      .match(/P-2026-\d{5}(?= )/g)
      ?.slice(0, rows)
    expect(cases).toEqual(
      Array.from({ length: rows }, (_, at) => `P-2026-${String(at + 1).padStart(5, '0')}`),
    )
  })

  test('shows text as text, whatever it looks like, and no empty boxes', () => {
    const [first = ''] = listTexts
    const flat = (words: string) => words.replace(/\s+/g, '')
    for (const words of hardTexts.filter((one) => !/[\u0590-\u06ff]/.test(one)))
      expect(flat(first)).toContain(flat(printable(words)))
    expect(first).toContain('[U+6771 U+4EAC U+90FD U+5E81] building')
    expect(first).not.toMatch(/[\u25a1\u25af\ufffd]/)
  })

  test('says so where there is nothing to list, and closes gaps between headings', async () => {
    expect(listTexts.join(' ')).toContain('Cases whose clock stands Case Waiting for Days Nothing to list.')
    const pages = await pagesOf(listPdf)
    const ends = await Promise.all([...pages.slice(0, 1), ...pages.slice(-3)].map(tagsOf))
    const headings = ends.flat().filter(({ role }) => /^H\d$/.test(role))
    expect(headings.map(({ role }) => role)).toEqual(['H1', 'H2', 'H2'])
  })
})

test('a minus is read as one also where words are divided', async () => {
  const [columns, rows] = [
    [
      { title: 'Unconstitutionally', align: 'start', width: 0.08 } as const,
      { title: 'B', align: 'end' } as const,
    ],
    [
      ['Responsibilities', '-8'],
      ['-7', '-1.5 days'],
      ['well-known', '2026-06'],
    ],
  ]
  const head = { title: 'T', subtitle: 'S', lead: '', head: [], notes: [] }
  const made = await open(
    await pdf({ ...head, blocks: [{ kind: 'table', caption: 'C', columns: [...columns], rows }] }),
  )
  const text = await textOf(await made.getPage(1))
  await made.destroy()
  const flat = text.replaceAll(' ', '')
  for (const said of rows.flat().slice(1)) expect(flat).toContain(said.replaceAll(' ', ''))
  expect(text).not.toContain('Responsibilities')
})

test('what cannot be set says which report and why', async () => {
  const blocks = [
    { kind: 'chart', title: 'A chart', alt: 'Nothing', svg: '<svg', width: 1, height: 1 },
  ] as const
  await expect(pdf({ ...brief, title: 'Broken', blocks: [...blocks] })).rejects.toThrow(
    /The report "Broken" could not be set as PDF: .*SVG/,
  )
})

test('signs that no font has become code points, and signs that hide or turn text are gone', () => {
  expect(drawable('plain \u00e9 \u03b1 \u0416')).toBe('plain \u00e9 \u03b1 \u0416')
  expect(drawable('a\u4e2d\u6587b')).toBe('a[U+4E2D U+6587]b')
  expect(drawable('safe\u202egnp.exe\u0000\u200b\ud800')).toBe('safegnp.exe')
  expect(printable(' two\n\tlines ')).toBe('two lines')
})

/** The same once more by another reader, where it is installed. */
const poppler = (() => {
  try {
    execFileSync('pdfinfo', ['-v'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()

test.skipIf(!poppler)('poppler agrees (skipped where poppler-utils is not installed)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'paper-'))
  try {
    const file = join(folder, 'brief.pdf')
    writeFileSync(file, briefBytes)
    const run = (program: string, ...args: string[]) =>
      execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    expect(run('pdfinfo', file)).toMatch(/Tagged: +yes[\s\S]*Pages: +2[\s\S]*A4/)
    expect(run('pdfinfo', '-struct-text', file)).toMatch(/THead\n +TR\n +TH[^\n]*\n +\/Scope \/Column/)
    const fonts = run('pdffonts', file).trim().split('\n').slice(2)
    expect(fonts.length).toBe(3)
    for (const font of fonts) expect(font).toMatch(/SourceSans3.* yes yes yes /)
    expect(run('pdftotext', file, '-')).toContain(checksum)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
