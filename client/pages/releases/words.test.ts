import { expect, test } from 'vitest'
import type { Release } from '../../api.ts'
import { releasesTitle, waitsWords } from './words.ts'

const release = (change: Partial<Release>): Release => ({
  id: '2026-06',
  title: 'Service performance, June 2026',
  month: '2026-06',
  version: 1,
  state: 'draft',
  as_of: '2026-07-08T06:00:00.000Z',
  published_at: '2026-07-15T08:30:00.000Z',
  public_since: null,
  corrects: null,
  reason: '',
  withdrawn: null,
  made_by: ['Planning', 'Statistics'],
  loosened: null,
  hidden: { cells: 3, of: 100, share_of_cases: 0.01 },
  next: '',
  ...change,
})

test('the heading tells what is public and what is on its way', () => {
  expect(releasesTitle([])).toBe('Nothing is public yet')
  expect(releasesTitle([release({ state: 'published' })])).toBe('June 2026 is public')
  expect(releasesTitle([release({ corrects: '2026-06' }), release({ state: 'published' })])).toBe(
    'June 2026 is public; a correction of June 2026 is on its way',
  )
})

test('a release says whom it waits for, and a scheduled one its minute', () => {
  const said = (change: Partial<Release>, now: string) =>
    waitsWords(release(change), 'Europe/London', Date.parse(now))
  expect(said({ state: 'checked' }, '2026-07-10T00:00:00Z')).toContain('not Planning or Statistics')
  expect(said({ state: 'scheduled' }, '2026-07-15T08:29:59.999Z')).toContain('15 Jul 2026, 09:30')
  expect(said({ state: 'scheduled' }, '2026-07-15T08:30:00Z')).toContain('within seconds')
})
