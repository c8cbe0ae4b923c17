import { expect, test } from 'vitest'
import type { FlowPoint } from '../answerTypes.ts'
import { backlogByAge, cumulativeFlow } from './flow.ts'
import type { Palette } from './palette.ts'

const palette: Palette = {
  text: 'text',
  muted: 'muted',
  hair: 'hair',
  border: 'border',
  bg: 'bg',
  surface: 'surface',
  on: 'on',
  off: 'off',
  cats: ['c1', 'c2', 'c3', 'c4'],
}
const point = (from: string, came: number, left: number, by_days: number[]): FlowPoint => ({
  from,
  until: from,
  complete: 1,
  arrivals: 0,
  departures: 0,
  backlog: came - left,
  cumulative_arrivals: came,
  cumulative_departures: left,
  age: { median_days: null, p90_days: null, oldest_days: null, by_days },
})
const points = [point('2026-06-01', 10, 4, [3, 2, 1, 0]), point('2026-06-08', 18, 9, [5, 2, 1, 1])]

type Marked = { series: { markLine?: { data: { xAxis: number; label: { formatter: string } }[] } }[] }
type Drawn = { series: { data: { value: number; label: { show: boolean; formatter: string } }[] }[] }
const sums = ({ series }: Drawn) =>
  points.map((_, at) => series.reduce((sum, { data }) => sum + (data[at]?.value ?? 0), 0))

test('what left and what waits lie on each other up to what came', () => {
  const drawn = cumulativeFlow(points, 'week')(palette, 900) as Drawn
  expect(drawn.series.map(({ data }) => data.map(({ value }) => value))).toEqual([
    [4, 9],
    [6, 9],
  ])
  expect(sums(drawn)).toEqual([10, 18])
})

test('the bands of age lie on each other up to the backlog, whose last count is written out', () => {
  const drawn = backlogByAge(points, 'week')(palette, 400) as Drawn
  expect(sums(drawn)).toEqual([6, 9])
  const labels = drawn.series.flatMap(({ data }) => data.filter(({ label }) => label.show))
  expect(labels.map(({ label }) => label.formatter)).toEqual(['9'])
})

test.each([
  ['backlog by age', backlogByAge],
  ['cumulative flow', cumulativeFlow],
])('a mark stands once in the %s, with its numbers', (_, draw) => {
  const { series } = draw(points, 'week', [{ index: 1, label: '2, 3' }])(palette, 900) as Marked
  const lines = series.flatMap(({ markLine }) => markLine?.data ?? [])
  expect(lines.map(({ xAxis, label }) => [xAxis, label.formatter])).toEqual([[1, '2, 3']])
})
