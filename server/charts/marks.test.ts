import { expect, test } from 'vitest'
import { inSeries, marksOf, type Numbered } from './marks.ts'

const months = ['2026-01', '2026-02', '2026-03'].map((month, at) => ({
  from: `${month}-01`,
  until: ['2026-02-01', '2026-03-01', '2026-04-01'][at] ?? '',
}))
const note = (number: number, day: string, until: string | null = null): Numbered => ({
  number,
  day,
  until,
  ...{ id: String(number), service: '', stage: '', text: '', author: '', declared: false, created_at: '' },
})

test('notes stand at the bucket their day is in, those of one bucket together, others not at all', () => {
  const notes = [
    note(1, '2025-06-01'),
    note(2, '2025-12-20', '2026-01-02'),
    note(3, '2026-01-31'),
    note(4, '2026-03-01'),
    note(5, '2026-04-01'),
  ]
  expect(marksOf(months, notes)).toEqual([
    { index: 0, label: '2, 3' },
    { index: 2, label: '4' },
  ])
  expect(inSeries(months, notes).map(({ number }) => number)).toEqual([2, 3, 4])
  expect(marksOf([], notes)).toEqual([])
})
