import { expect, test } from 'vitest'
import { causes, causesIn } from './causes.ts'
import type { Palette } from './palette.ts'

const plain = { text: 't', muted: 'm', hair: 'h', border: 'b', bg: 'bg', surface: 's', on: 'on', off: 'off' }
const palette: Palette = { ...plain, cats: ['c1', 'c2', 'c3', 'c4'] }
const part = (cause: 'applicant' | 'closed' | 'contention', hours: number) => ({ cause, label: cause, hours })
const stages = [
  {
    stage: 'Review',
    wait_hours: 100,
    causes: [part('applicant', 60), part('closed', 0), part('contention', 40)],
  },
  {
    stage: 'Decision',
    wait_hours: 10,
    causes: [part('applicant', 0), part('closed', 0), part('contention', 10)],
  },
]
type Bar = { value: number; label: { show: boolean; formatter: string } }

test('the bars of a stage add up to its wait, name their share where there is room, and leave out what nobody waited for', () => {
  expect(causesIn(stages).map(({ cause }) => cause)).toEqual(['applicant', 'contention'])
  const { series } = causes(stages)(palette, 800) as unknown as { series: { data: Bar[] }[] }
  const bars = stages.map((_, index) => series.map(({ data }) => data[index]))
  expect(bars.map((row) => row.reduce((sum, bar) => sum + (bar?.value ?? 0), 0))).toEqual([100, 10])
  const said = bars.flat().flatMap((bar) => (bar?.label.show ? [bar.label.formatter] : []))
  expect(said).toEqual(['60%', '40%', '100%'])
})
