import { HtmlValidate } from 'html-validate'
import { createTransport } from 'nodemailer'
import PostalMime from 'postal-mime'
import { describe, expect, test } from 'vitest'
import { makeBrief } from '../../../fixtures/reports/brief.ts'
import { hardTexts, makeWaitingList } from '../../../fixtures/reports/waitingList.ts'
import { html } from './html.ts'
import { text } from './text.ts'

const brief = makeBrief()
const list = makeWaitingList(60)
const briefMail = html(brief)
const listMail = html(list)

describe('the HTML of a report', () => {
  test('is valid, apart from what mail programs need', async () => {
    const validator = new HtmlValidate({
      root: true,
      extends: ['html-validate:recommended', 'html-validate:document'],
      rules: { 'no-inline-style': 'off', 'no-conditional-comment': 'off', 'long-title': 'off' },
    })
    for (const page of [briefMail, listMail]) {
      const { results } = await validator.validateString(page)
      expect(
        results.flatMap(({ messages }) => messages.map(({ ruleId, message }) => `${ruleId}: ${message}`)),
      ).toEqual([])
    }
  })

  test('fetches nothing and runs nothing', () => {
    for (const page of [briefMail, listMail]) {
      expect(page).not.toMatch(/<(script|link|iframe|object|svg)\b|url\(|@import|\bon\w+=/i)
      for (const [, address] of page.matchAll(/\bsrc="([^"]*)"/g))
        expect(address).toMatch(/^data:image\/png;base64,/)
    }
  })

  test('shows text as text, whatever it looks like', async () => {
    const plain = listMail
      .replace(/<[^>]*>/g, ' ')
      .replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)))
    for (const words of hardTexts) expect(plain).toContain(words.replace(/\s+/g, ' '))
    expect(listMail).not.toMatch(/<script>|<b>/)
  })

  test('says a status by a word, heads columns and rows, and describes charts', () => {
    expect(briefMail).toMatch(/<span aria-hidden="true">✕<\/span> Off target/)
    expect(briefMail.match(/<th scope="col"/g)).toHaveLength(10)
    expect(briefMail).toMatch(/<th scope="row"[^>]*>Building permits<\/th>/)
    for (const block of brief.blocks)
      if (block.kind === 'chart') expect(briefMail).toContain(`alt="${block.alt}"`)
  })

  test('can hold fewer rows than the report, and says so', () => {
    const short = html(list, { rows: 30 })
    expect(short.match(/P-2026-000\d\d<\/th>/g)).toHaveLength(30)
    expect(short).toContain('The first 30 of 60 rows. All of them are in the report itself.')
    expect(listMail.match(/P-2026-000\d\d<\/th>/g)).toHaveLength(60)
    expect(listMail).not.toContain('The first')
  })

  test('weighs less than what mail programs cut off, once its charts are attachments', async () => {
    expect(briefMail.replace(/data:[^"]*/g, '').length).toBeLessThan(100_000)
    expect(html(makeWaitingList(1_000), { rows: 100 }).length).toBeLessThan(100_000)
  })

  test('goes out with its charts attached, in their place', async () => {
    const post = createTransport({
      streamTransport: true,
      buffer: true,
      disableFileAccess: true,
      disableUrlAccess: true,
    })
    const { message } = await post.sendMail({
      from: 'clearway@springfield.example',
      to: 'head@springfield.example',
      subject: brief.title,
      html: briefMail,
      text: text(brief),
      attachDataUrls: true,
    })
    const mail = await PostalMime.parse(message as Buffer)
    expect(mail.html).not.toContain('data:')
    const named = [...(mail.html ?? '').matchAll(/src="cid:([^"]+)"/g)].map(([, id]) => `<${id}>`)
    expect(named).toHaveLength(2)
    expect(mail.attachments.map(({ contentId }) => contentId)).toEqual(named)
    expect(mail.attachments.map(({ mimeType }) => mimeType)).toEqual(['image/png', 'image/png'])
  })
})

describe('a report as plain text', () => {
  test('is at most 72 columns wide, but for what must not be broken', () => {
    for (const line of `${text(brief)}${text(list)}`.split('\n'))
      if ([...line.normalize('NFC')].length > 72) expect(line).toMatch(/^(Checksum|Verify) +\S+$/)
  })

  test('keeps the columns of a table apart and in line', () => {
    expect(text(brief)).toContain(
      [
        'Source           Last data            Events in June  Did not fit',
        '---------------  -------------------  --------------  -----------',
        'Permit register  1 July 2026, 05:50           14,208            3',
        'Counters         1 July 2026, 06:00           21,934            0',
        'Repair orders    30 June 2026, 23:55           8,112           12',
      ].join('\n'),
    )
  })

  test('makes lists of rows that are too wide for a line', () => {
    const columns = Array.from({ length: 9 }, (_, at) => ({
      title: `Characteristic${at}`,
      align: 'start' as const,
    }))
    const rows = [columns.map((_, at) => `value ${at}`)]
    const wide = text({ ...brief, blocks: [{ kind: 'table', caption: 'Wide', columns, rows }] })
    expect(wide).toContain('Characteristic0: value 0\nCharacteristic1: value 1\n')
  })

  test('tells all blocks', () => {
    const told = text(brief)
    for (const words of [
      '63% (Off target)',
      '[Chart] Where the days go',
      '- Better: Street repairs',
      'Notes\n-----',
      'Checksum      3f2a',
    ])
      expect(told).toContain(words)
    expect(text(list, { rows: 10 })).toContain('The first 10 of 60 rows.')
    expect(text(list)).toContain('Nothing to list.')
  })
})
