import type { StageAnswer } from '../answerTypes.ts'
import {
  formatBucket,
  formatBucketLong,
  formatHours,
  formatHoursShort,
  formatShort,
} from '../words/format.ts'
import { axisText, base, type Draw, escapeHtml } from './draw.ts'
import { type Mark, markLines } from './marks.ts'

/** The typical wait before a stage and the wait of nine in ten, month by month, in hours. */
export function waitTrend(series: StageAnswer['series'], marks: readonly Mark[] = []): Draw {
  return (palette, width) => {
    const narrow = width < 520
    const [first, second] = palette.cats
    const last = series.findLastIndex(({ median_hours }) => median_hours !== null)
    const days = Math.max(0, ...series.map(({ p90_hours }) => p90_hours ?? 0)) >= 48
    // One unit for the whole axis, so that its steps are round.
    const scale = (hours: number | null) => (hours === null || !days ? hours : hours / 24)
    const line = (
      key: 'median_hours' | 'p90_hours',
      name: string,
      color: string,
      symbol: string,
      type: string | number[],
    ) => ({
      type: 'line',
      name,
      data: series.map((point, index) => ({
        value: scale(point[key]),
        label: {
          show: index === last,
          position: narrow ? 'top' : 'right',
          align: narrow ? 'right' : undefined,
          formatter: `${name} ${formatHoursShort(point[key] ?? 0)}`,
          color: palette.text,
          fontSize: 13,
        },
      })),
      symbol,
      symbolSize: 8,
      showSymbol: true,
      showAllSymbol: true,
      lineStyle: { color, width: 3, type },
      itemStyle: { color },
      emphasis: { disabled: true },
    })
    return {
      ...base(palette),
      grid: { left: 8, right: narrow ? 16 : 120, top: 28, bottom: 4, outerBoundsMode: 'same' },
      tooltip: {
        ...(base(palette).tooltip as object),
        formatter: (hover: unknown) => {
          const at = Array.isArray(hover) ? (hover[0] as { dataIndex?: number }).dataIndex : undefined
          const point = at === undefined ? undefined : series[at]
          if (!point) return ''
          const say = (hours: number | null) => (hours === null ? 'too few' : formatHours(hours))
          return `${escapeHtml(formatBucketLong(point.from, 'month'))}<br>Typical <b>${say(point.median_hours)}</b><br>Nine in ten <b>${say(point.p90_hours)}</b>`
        },
      },
      xAxis: {
        type: 'category',
        data: series.map(({ from }) => formatBucket(from, 'month')),
        boundaryGap: false,
        axisLabel: { ...axisText(palette), hideOverlap: true, alignMaxLabel: narrow ? 'right' : 'center' },
        axisLine: { lineStyle: { color: palette.muted } },
        axisTick: { show: false },
      },
      yAxis: {
        type: 'value',
        min: 0,
        splitNumber: 4,
        axisLabel: {
          ...axisText(palette),
          formatter: (value: number) => formatShort(value, days ? 'days' : 'hours'),
        },
        splitLine: { lineStyle: { color: palette.hair } },
      },
      series: [
        {
          ...line('median_hours', 'Typical', first, 'circle', 'solid'),
          markLine: { silent: true, symbol: 'none', data: markLines(marks, palette) },
        },
        line('p90_hours', 'Nine in ten', second, 'rect', [8, 4]),
      ],
    }
  }
}
