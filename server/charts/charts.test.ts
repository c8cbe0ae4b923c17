import { describe, expect, test } from 'vitest'
import type { Stat } from '../../sql/stat.ts'
import type { ProcessMapAnswer, Series } from '../answerTypes.ts'
import { bars, ranked } from './bars.ts'
import { escapeHtml } from './draw.ts'
import type { Palette } from './palette.ts'
import { busiest, placeMap, wrap } from './processMap.ts'
import { trend } from './trend.ts'

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
const stat = (value: number | null, more: Partial<Stat> = {}): Stat => ({
  value,
  unit: 'share',
  n: 100,
  numerator: null,
  denominator: null,
  interval: null,
  method: 'exact',
  error: null,
  status: value === null ? 'too_few' : 'ok',
  complete: 1,
  as_of: null,
  definition: 'test@1',
  ...more,
})

type Drawn = {
  yAxis: { min?: number; max?: number; data?: string[] }
  xAxis: { min?: number }
  series: {
    data: ({ value: number | null; symbol?: string } | null)[]
    markLine?: { data: unknown[] }
    markArea?: unknown
  }[]
}
const draw = (option: unknown) => option as Drawn

describe('a trend', () => {
  const points = [0.9, 0.85, 0.6, 0.7].map((value, index) => ({
    from: `2026-0${index + 3}-01`,
    until: `2026-0${index + 4}-01`,
    stat: stat(value, { complete: index === 3 ? 0.4 : 1 }),
  }))
  const series: Series = {
    period: { from: '2026-03-01', until: '2026-07-01' },
    compare_period: null,
    data_version: '1',
    as_of: null,
    missing: [],
    id: 'on_time_rate',
    grain: 'month',
    unit: 'share',
    points,
    limits: { mean: 0.8, lower: 0.7, upper: 1.1, trial: false },
    variation: 'concerning',
    assurance: 'may_meet',
    signals: [{ from: '2026-05-01', rule: 'outside_limits' }],
    target: 0.8,
  }

  test('draws an unfinished month apart from the line of whole months', () => {
    const [line, label, open] = draw(trend(series, 'month')(palette, 900)).series
    expect(line?.data.map((point) => point?.value)).toEqual([0.9, 0.85, 0.6, null])
    expect(label?.data.map((point) => point?.value ?? null)).toEqual([null, null, 0.6, null])
    expect(open?.data.map((point) => point?.value ?? null)).toEqual([null, null, 0.6, 0.7])
  })

  test('marks signals by shape, the target by a line, and keeps shares within 0 and 1', () => {
    const option = draw(trend(series, 'month')(palette, 900))
    expect(option.series[0]?.data.map((point) => point?.symbol)).toEqual([
      'circle',
      'circle',
      'diamond',
      'circle',
    ])
    expect(option.series[0]?.markLine?.data).toMatchObject([{ yAxis: 0.8 }])
    expect(option.series[0]?.markArea).toMatchObject({ data: [[{ yAxis: 0.7 }, { yAxis: 1 }]] })
    expect(option.yAxis).toMatchObject({ min: 0, max: 1 })
  })

  test('draws no limits while they are on trial', () => {
    const limits = { mean: 0.8, lower: 0.7, upper: 0.9, trial: true }
    expect(draw(trend({ ...series, limits }, 'month')(palette, 900)).series[0]?.markArea).toBeUndefined()
  })
})

describe('bars', () => {
  const rows = [
    { value: 'a', label: 'A', stat: stat(0.2) },
    { value: 'b', label: 'B', stat: stat(null) },
    { value: 'c', label: 'C', stat: stat(0.6) },
  ]
  test('stand longest first, and what is too small stands last', () => {
    expect(ranked(rows).map(({ value }) => value)).toEqual(['c', 'a', 'b'])
  })
  test('start at zero', () => {
    expect(draw(bars(rows)(palette, 400)).xAxis.min).toBe(0)
  })
})

describe('the process map', () => {
  const edge = (from: string, to: string, frequency: number, median_s = 60) => ({
    from,
    to,
    frequency,
    cases: frequency,
    mean_s: median_s,
    median_s,
    p90_s: median_s,
    min_s: median_s,
    max_s: median_s,
    sum_s: median_s * frequency,
  })
  const node = (activity: string, start_of_case = 0): ProcessMapAnswer['nodes'][number] => ({
    activity,
    cases: 10,
    events: 10,
    start_of_case,
    end_of_case: 0,
    rework_cases: 0,
    rework_events: 0,
    wait_before: { n: 0, mean_s: null, median_s: null, p90_s: null, min_s: null, max_s: null, sum_s: 0 },
  })
  const nodes = [node('Decide'), node('Review'), node('Apply', 100), node('Ask')]
  const edges = [
    edge('Apply', 'Review', 100),
    edge('Review', 'Decide', 70, 86_400),
    edge('Review', 'Ask', 30),
    edge('Ask', 'Review', 30),
    edge('Apply', 'Decide', 2),
    edge('Review', 'Review', 1),
  ]

  test('runs down from where cases begin, and a way back does not turn it over', () => {
    const { nodes: placed } = placeMap(nodes, edges)
    const y = (activity: string) => placed.find((one) => one.activity === activity)?.y ?? Number.NaN
    expect(y('Apply')).toBeLessThan(y('Review'))
    expect(y('Review')).toBeLessThan(y('Decide'))
    expect(y('Review')).toBeLessThan(y('Ask'))
  })

  test('no two boxes overlap and every way has a path, loops too', () => {
    const map = placeMap(nodes, edges)
    for (const a of map.nodes)
      for (const b of map.nodes)
        if (a.activity < b.activity)
          expect(Math.abs(a.x - b.x) >= a.width || Math.abs(a.y - b.y) >= a.height).toBe(true)
    expect(map.edges.map(({ path }) => path.startsWith('M'))).toEqual(edges.map(() => true))
    expect(map.edges.find(({ from, to }) => from === 'Review' && to === 'Decide')?.step).toBe(5)
  })

  test('is the same for the same data, whatever the order', () => {
    const again = placeMap([...nodes].reverse(), [...edges].reverse())
    const at = (map: typeof again) => new Map(map.nodes.map(({ activity, y }) => [activity, y]))
    expect(at(again)).toEqual(at(placeMap(nodes, edges)))
  })

  test('keeps the busiest ways that cover the share wanted', () => {
    expect(busiest(edges, 0.7).map(({ from, to }) => `${from} ${to}`)).toEqual([
      'Apply Review',
      'Review Decide',
    ])
    expect(busiest(edges, 1)).toHaveLength(edges.length)
    expect(busiest([], 0.9)).toEqual([])
    expect(placeMap([], [])).toMatchObject({ nodes: [], edges: [] })
  })

  test('long names take two lines and end in an ellipsis', () => {
    expect(wrap('Further information requested')).toEqual(['Further information', 'requested'])
    expect(wrap('One two three four five six seven eight nine ten')[1]).toMatch(/…$/)
  })
})

test('text for a tooltip cannot become markup', () => {
  expect(escapeHtml('<b>&"')).toBe('&#60;b&#62;&#38;&#34;')
})
