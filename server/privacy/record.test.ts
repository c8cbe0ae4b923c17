import { expect, test } from 'vitest'
import { configSchema } from '../../sql/config.ts'
import { noticeOf } from './notice.ts'
import { recordOf } from './record.ts'
import { recordHtml, recordMarkdown } from './recordText.ts'

const config = configSchema.parse({
  jurisdiction: { name: 'Harbour <City>', time_zone: 'Europe/London' },
  privacy: { purposes: ['complaint', 'tea_leaves'], retention: { rejected_rows: 12, comments: 90 } },
})
const record = recordOf(config, [
  { erasure: 'e1', at: '2026-02-01T00:00:00.000Z', by: 'officer', hashes: ['ab'], done_at: null, found: {} },
])

test('the record says what the declarations and the configuration say, in Markdown and in HTML', () => {
  expect(record.retention).toContainEqual({
    what: 'Rows that did not fit',
    days: 12,
    how: 'the engine forgets them',
  })
  expect(record.data.find((each) => each.class === 'free_text')?.tables).toMatchObject({
    outcomes: ['comment'],
    rejected_rows: ['raw'],
  })
  const markdown = recordMarkdown(record)
  for (const told of [
    '- Opening single cases: tea leaves: stated by whoever opens them, and written down.',
    '- What people wrote: 90 days (the engine forgets it; the rating stays).',
    '- 2026-02-01T00:00:00.000Z: 1 case by officer, not complete (e1).',
    '- Harbour <City>',
  ])
    expect(markdown.split('\n')).toContain(told)
  const html = recordHtml(record)
  expect(html).toContain('<li>Harbour &lt;City&gt;</li>')
  expect(html.match(/<li>/g)).toHaveLength(markdown.match(/^- /gm)?.length ?? 0)
})

test('the notice for the public keeps what the record keeps, and names purposes only where they are asked for', () => {
  const notice = noticeOf(config)
  const days = (of: { days: number | null }[]) => of.map((each) => each.days).sort()
  const alsoTold = ['Files of watched folders that were loaded', 'Published figures']
  expect(days(notice.kept)).toEqual(days(record.retention.filter(({ what }) => !alsoTold.includes(what))))
  expect(notice).toMatchObject({ purposes: ['complaint', 'tea_leaves'], scrambled: 'none' })
  const { reports, privacy } = config
  const other = noticeOf({ reports, privacy: { ...privacy, ask_purpose: false, pseudonyms: ['desk'] } })
  expect(other).toMatchObject({ purposes: [], scrambled: 'some' })
})
