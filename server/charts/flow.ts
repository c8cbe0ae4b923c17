import type { Grain } from '../../sql/filters.ts'
import type { FlowPoint } from '../answerTypes.ts'
import { formatBucket, formatBucketLong, formatCount, formatShort } from '../words/format.ts'
import { axisText, base, type Draw, escapeHtml } from './draw.ts'
import { type Mark, markLines } from './marks.ts'
import type { Palette } from './palette.ts'

/** How long cases had been open: youngest first, so that the oldest lie on top. */
export const ageBands = ['less than 7 days', '7 to 30 days', '30 to 90 days', '90 days or more'] as const
/** Older is darker. */
export const bandShades = [0.2, 0.45, 0.7, 1] as const

/** A bucket the period or the data does not cover whole. */
export const notWhole = (point: FlowPoint) => point.complete < 0.995

const say = (count: number) => formatCount(Math.round(count))

/** The cumulative flow: what came above, what left below; the band between them is the backlog, its width to the right the wait. */
export function cumulativeFlow(
  points: readonly FlowPoint[],
  grain: Grain,
  marks: readonly Mark[] = [],
): Draw {
  return (palette, width) => {
    const narrow = width < 520
    const [came, left] = palette.cats
    const line = (name: string, values: number[], color: string, type: string | number[], area: boolean) => ({
      type: 'line',
      name,
      stack: 'flow',
      data: values.map((value, index) => ({
        value,
        label: {
          show: index === points.length - 1,
          position: narrow ? 'top' : 'right',
          align: narrow ? 'right' : undefined,
          formatter: name,
          color: palette.text,
          fontSize: 13,
        },
      })),
      symbol: 'circle',
      symbolSize: 1,
      showAllSymbol: true,
      lineStyle: { color, width: 3, type },
      itemStyle: { color },
      ...(area && { areaStyle: { color: came, opacity: 0.16 } }),
      emphasis: { disabled: true },
    })
    return {
      ...frame(points, grain, palette, narrow, (point) => [
        `came so far <b>${say(point.cumulative_arrivals)}</b>`,
        `left so far <b>${say(point.cumulative_departures)}</b>`,
        `waiting <b>${say(point.backlog)}</b>`,
      ]),
      series: [
        {
          ...line(
            'Left',
            points.map((point) => point.cumulative_departures),
            left,
            [8, 4],
            false,
          ),
          ...marked(marks, palette),
        },
        // stacked on what left: its line is what came, its area the backlog
        line(
          'Came',
          points.map((point) => point.cumulative_arrivals - point.cumulative_departures),
          came,
          'solid',
          true,
        ),
      ],
    }
  }
}

/** The backlog at the end of every bucket, divided by age. */
export function backlogByAge(points: readonly FlowPoint[], grain: Grain, marks: readonly Mark[] = []): Draw {
  return (palette, width) => {
    const narrow = width < 520
    const [fill] = palette.cats
    return {
      ...frame(points, grain, palette, narrow, (point) => [
        `<b>${say(point.backlog)}</b> open`,
        ...ageBands.map((band, index) => `${band}: ${say(point.age.by_days[index] ?? 0)}`),
      ]),
      series: ageBands.map((name, band) => ({
        type: 'bar',
        name,
        stack: 'backlog',
        barCategoryGap: '15%',
        data: points.map((point, index) => ({
          value: point.age.by_days[band] ?? 0,
          // the last total is written above its bar: nobody should have to measure it
          label: {
            show: band === ageBands.length - 1 && index === points.length - 1,
            position: 'top',
            formatter: say(point.backlog),
            color: palette.text,
            fontWeight: 600,
            fontSize: 14,
          },
        })),
        itemStyle: { color: fill, opacity: bandShades[band] },
        emphasis: { disabled: true },
        ...(band === 0 && marked(marks, palette)),
      })),
    }
  }
}

const marked = (marks: readonly Mark[], palette: Palette) => ({
  markLine: { silent: true, symbol: 'none', data: markLines(marks, palette) },
})

function frame(
  points: readonly FlowPoint[],
  grain: Grain,
  palette: Palette,
  narrow: boolean,
  words: (point: FlowPoint) => string[],
) {
  return {
    ...base(palette),
    grid: { left: 8, right: narrow ? 16 : 80, top: 28, bottom: 4, outerBoundsMode: 'same' },
    tooltip: {
      ...(base(palette).tooltip as object),
      formatter: (hover: unknown) => {
        const at = Array.isArray(hover) ? (hover[0] as { dataIndex?: number }).dataIndex : undefined
        const point = at === undefined ? undefined : points[at]
        if (!point) return ''
        const when = `${formatBucketLong(point.from, grain)}${notWhole(point) ? ' (not whole)' : ''}`
        return [escapeHtml(when), ...words(point)].join('<br>')
      },
    },
    xAxis: {
      type: 'category',
      data: points.map(({ from }) => formatBucket(from, grain)),
      axisLabel: { ...axisText(palette), hideOverlap: true, alignMaxLabel: narrow ? 'right' : 'center' },
      axisLine: { lineStyle: { color: palette.muted } },
      axisTick: { show: false },
    },
    yAxis: {
      type: 'value',
      min: 0,
      splitNumber: 4,
      axisLabel: { ...axisText(palette), formatter: (value: number) => formatShort(value, 'count') },
      splitLine: { lineStyle: { color: palette.hair } },
    },
  }
}
