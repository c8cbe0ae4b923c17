import type { CustomSeriesRenderItemAPI } from 'echarts/types/dist/shared'
import type { Grain } from '../../sql/filters.ts'
import type { Series } from '../answerTypes.ts'
import { formatBucket, formatBucketLong, formatShort, formatStat } from '../words/format.ts'
import { axisText, base, type Draw, escapeHtml, halo } from './draw.ts'
import { type Mark, markLines } from './marks.ts'

/** What is drawn of a series. */
export type Trended = Pick<Series, 'points' | 'unit' | 'target' | 'limits' | 'signals'>

/** A bucket the data does not cover whole. */
export const soFar = (point: Series['points'][number]) => point.stat.complete < 0.995

/**
 * One KPI over time: its usual limits or its 95 % intervals as a band, the target as a line, signal points as diamonds, an
 * unfinished bucket hollow.
 */
export function trend(
  series: Trended,
  grain: Grain,
  options: { limits?: boolean; intervals?: boolean; marks?: readonly Mark[] } = {},
): Draw {
  return (palette, width) => {
    const { points, unit, target } = series
    const limits = options.limits === false ? null : series.limits
    const signals = new Set(series.signals.map(({ from }) => from))
    const [line] = palette.cats
    const narrow = width < 520
    const lastWhole = points.findLastIndex((point) => !soFar(point) && point.stat.value !== null)
    const open = points.some(soFar)
    const values = points.map(({ stat }) => stat.value)
    const shares = unit === 'share'
    const top = Math.max(...values.map((value) => value ?? 0), target ?? 0, limits?.upper ?? 0)
    return {
      ...base(palette),
      grid: { left: 8, right: narrow ? 16 : 80, top: 28, bottom: 4, outerBoundsMode: 'same' },
      tooltip: {
        ...(base(palette).tooltip as object),
        formatter: (hover: unknown) => {
          const at = Array.isArray(hover) ? (hover[0] as { dataIndex?: number }).dataIndex : undefined
          const point = at === undefined ? undefined : points[at]
          if (!point) return ''
          const words = `${formatBucketLong(point.from, grain)}${soFar(point) ? ' (so far)' : ''}`
          return `${escapeHtml(words)}<br><b>${escapeHtml(formatStat(point.stat))}</b> (n = ${point.stat.n.toLocaleString('en-GB')})`
        },
      },
      xAxis: {
        type: 'category',
        data: points.map(({ from }) => formatBucket(from, grain)),
        boundaryGap: false,
        axisLabel: { ...axisText(palette), hideOverlap: true, alignMaxLabel: narrow ? 'right' : 'center' },
        axisLine: { lineStyle: { color: palette.muted } },
        axisTick: { show: false },
      },
      yAxis: {
        type: 'value',
        min: 0,
        ...(shares && top > 0.5 && { max: 1, interval: narrow ? 0.5 : 0.25 }),
        splitNumber: 4,
        axisLabel: { ...axisText(palette), formatter: (value: number) => formatShort(value, unit) },
        splitLine: { lineStyle: { color: palette.hair } },
      },
      series: [
        ...(options.intervals ? [intervalBand(points, line)] : []),
        {
          type: 'line',
          data: points.map((point, index) => {
            const signal = signals.has(point.from)
            return {
              value: soFar(point) && index > lastWhole ? null : (point.stat.value ?? null),
              symbol: signal ? 'diamond' : 'circle',
              symbolSize: signal ? 14 : points.length > 40 ? 4 : 8,
              itemStyle: { color: signal ? palette.off : line },
            }
          }),
          lineStyle: { color: line, width: 3 },
          itemStyle: { color: line },
          showSymbol: true,
          showAllSymbol: true,
          connectNulls: false,
          emphasis: { disabled: true },
          markArea:
            limits && !limits.trial
              ? {
                  silent: true,
                  itemStyle: { color: line, opacity: 0.12 },
                  data: [
                    [
                      { yAxis: Math.max(0, limits.lower) },
                      { yAxis: shares ? Math.min(1, limits.upper) : limits.upper },
                    ],
                  ],
                }
              : undefined,
          markLine: {
            silent: true,
            symbol: 'none',
            data: [
              ...(target === null
                ? []
                : [
                    {
                      yAxis: target,
                      lineStyle: { color: palette.text, width: 2, type: [6, 4] },
                      label: {
                        formatter: `Target ${formatShort(target, unit)}`,
                        position: 'insideStartTop',
                        color: palette.text,
                        fontSize: 13,
                        ...halo(palette),
                      },
                    },
                  ]),
              ...markLines(options.marks ?? [], palette),
            ],
          },
          endLabel: undefined,
          label: { show: false },
        },
        // The last whole value is written at the line: nobody should have to measure it.
        {
          type: 'line',
          silent: true,
          showAllSymbol: true,
          data: points.map((point, index) =>
            index === lastWhole
              ? {
                  value: point.stat.value,
                  symbolSize: 0.1,
                  label: {
                    show: true,
                    position: narrow || open ? 'top' : 'right',
                    align: narrow || open ? 'right' : undefined,
                    distance: 10,
                    formatter: formatShort(point.stat.value ?? 0, unit),
                    color: palette.text,
                    fontWeight: 600,
                    fontSize: 14,
                    ...halo(palette),
                  },
                }
              : null,
          ),
          lineStyle: { width: 0 },
          tooltip: { show: false },
        },
        ...(open
          ? [
              {
                type: 'line',
                showAllSymbol: true,
                data: points.map((point, index) => ({
                  value: index >= lastWhole && index >= 0 ? point.stat.value : null,
                  symbol: index > lastWhole ? 'circle' : 'none',
                  symbolSize: 9,
                  label: {
                    show: index === points.length - 1,
                    position: 'bottom',
                    align: 'right',
                    formatter: 'so far',
                    color: palette.muted,
                    fontSize: 13,
                  },
                })),
                lineStyle: { color: line, width: 2, type: [4, 4] },
                itemStyle: { color: palette.surface, borderColor: line, borderWidth: 2 },
                emphasis: { disabled: true },
              },
            ]
          : []),
      ],
    }
  }
}

/** The 95 % intervals of a series as a band, one piece for each stretch without a gap. */
function intervalBand(points: Trended['points'], color: string) {
  const ends = points.map(({ stat }) => (stat.value === null ? null : stat.interval))
  const stretches: { index: number; low: number; high: number }[][] = []
  for (const [index, interval] of ends.entries()) {
    if (!interval) continue
    if (!ends[index - 1]) stretches.push([])
    stretches.at(-1)?.push({ index, low: interval[0], high: interval[1] })
  }
  return {
    type: 'custom',
    silent: true,
    // Lowest and highest end of a stretch: the axis makes room for them.
    data: stretches.map((stretch) => [
      stretch[0]?.index ?? 0,
      Math.min(...stretch.map(({ low }) => low)),
      Math.max(...stretch.map(({ high }) => high)),
    ]),
    encode: { x: 0, y: [1, 2] },
    clip: true,
    tooltip: { show: false },
    renderItem: ({ dataIndex }: { dataIndex: number }, api: CustomSeriesRenderItemAPI) => {
      const stretch = stretches[dataIndex] ?? []
      const upper = stretch.map(({ index, high }) => api.coord([index, high]))
      const lower = stretch.map(({ index, low }) => api.coord([index, low]))
      return {
        type: 'polygon' as const,
        shape: { points: [...upper, ...lower.reverse()] },
        style: { fill: color, opacity: 0.16, ...(stretch.length === 1 && { stroke: color, lineWidth: 4 }) },
      }
    },
  }
}
