import { expect, test } from 'vitest'
import type { Feed, FeedDay } from '../../api.ts'
import { againCommand, daysWords, freshnessTitle, loadName, loadTitle, rejectedValue } from './words.ts'

const day = (date: string, state: FeedDay['state']): FeedDay => ({
  ...{ day: date, rows: 0, expected: null, complete: null, state },
})
const feed = (source: string, state: Feed['state']) => ({ source, state }) as Feed
const load = {
  ...{ load_id: 'abc', load_no: 1, stream: 'case_events', source: 'permit-system', mapping: 'clearway' },
  ...{ service: '', file_name: 'permits.csv', bytes: 1, read: 10, accepted: 8, rejected: 2, duplicates: 0 },
  ...{ corrected: 0, first_time: null, last_time: null, error: '', started_at: '', finished_at: null },
  ...{ seconds: 1, state: 'done' as const },
}

test('days that are missing side by side are one gap, and a day alone is named alone', () => {
  const days = [
    ...[day('2026-06-01', 'gap'), day('2026-06-02', 'complete'), day('2026-06-03', 'gap')],
    ...[day('2026-06-04', 'gap'), day('2026-06-05', 'filling')],
  ]
  expect(daysWords(days)).toBe(
    'Rows per day, 1 June to 5 June 2026: 1 day complete, 1 with more still to come, gaps: 1 June 2026 and 3 June to 4 June 2026.',
  )
})

test('the heading names who is late, counts sources and not their streams, and is silent when nothing is known', () => {
  expect(freshnessTitle([feed('a', 'unknown')])).toBe('')
  expect(freshnessTitle([feed('a', 'fresh'), feed('b', 'fresh')])).toBe(
    'Every source has delivered as expected',
  )
  expect(freshnessTitle([feed('a', 'late'), feed('a', 'late'), feed('b', 'fresh')])).toBe('a is late')
  const many = [feed('a', 'late'), feed('b', 'silent'), feed('c', 'late'), feed('d', 'unknown')]
  expect(freshnessTitle(many)).toBe('3 of 4 sources are late or silent')
})

test('the command to load again can be pasted, whatever the names hold', () => {
  expect(againCommand({ ...load, source: "o'hara & co", service: 'permits' }, 'my file.csv')).toBe(
    `npm run clearway -- ingest 'my file.csv' --mapping clearway --source 'o'\\''hara & co' --service permits --stream case_events`,
  )
})

test('a load is called by its file, or by who sent the rows', () => {
  expect(loadTitle(load)).toBe('permits.csv: 2 of 10 rows did not fit')
  expect(loadName({ ...load, file_name: 'abc.ndjson' })).toBe('Rows sent by permit-system')
})

test('the value that did not fit is found by the column that the reason names', () => {
  const row = { line: 2, field: 'time', rule: 'time', reason: 'time (column opened) is not a time.', raw: '' }
  expect(rejectedValue({ ...row, raw: '{"opened":"soon","time":"x"}' })).toBe('soon')
  expect(rejectedValue({ ...row, reason: 'time is empty.', raw: '{"time":""}' })).toBe('')
  expect(rejectedValue({ ...row, raw: '{"other":"1"}' })).toBe(null)
  expect(rejectedValue({ ...row, raw: 'no object' })).toBe(null)
})
