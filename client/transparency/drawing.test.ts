import { expect, test } from 'vitest'
import { type BarRow, bars } from '../../server/charts/bars.ts'
import { chartSvg } from '../../server/reports/paper/chartSvg.ts'
import { drawing } from './drawing.ts'

const row: BarRow = {
  value: 'review',
  label: 'Document review',
  stat: {
    value: 9.4,
    unit: 'days',
    n: 100,
    numerator: null,
    denominator: null,
    interval: null,
    method: 'exact',
    error: null,
    status: 'ok',
    complete: 1,
    as_of: null,
    definition: 'test@1',
  },
}

test('a drawing for the public is the same to the byte after a chart for paper was made', () => {
  const size = { width: 360, height: 120 }
  const before = drawing(bars([row]), size, 'one')
  chartSvg(bars([row, { ...row, label: 'Inspection' }]), { ...size, title: 'Paper' })
  expect(drawing(bars([row]), size, 'one')).toBe(before)
})
