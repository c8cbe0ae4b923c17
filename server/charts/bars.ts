import type { CustomSeriesRenderItemAPI } from 'echarts/types/dist/shared'
import type { Stat } from '../../sql/stat.ts'
import { formatInterval, formatShort, formatStat, missingWords } from '../words/format.ts'
import { axisText, base, type Draw, escapeHtml } from './draw.ts'

export type BarRow = { value: string; label: string; stat: Stat }

/** Longest first; what has no figure stands last and is not ranked. */
export function ranked<Row extends { stat: Stat }>(rows: readonly Row[]): Row[] {
  return [...rows].sort((a, b) => (b.stat.value ?? -1) - (a.stat.value ?? -1))
}

/** Room for so many bars, in pixels. */
export const barsHeight = (rows: number) => Math.max(120, rows * 34 + 44)

/** Horizontal bars from zero with their 95 % intervals. Rows are drawn in the order given. */
export function bars(
  rows: readonly BarRow[],
  options: { target?: number | null; total?: { label: string; value: number | null } } = {},
): Draw {
  return (palette, width) => {
    const unit = rows[0]?.stat.unit ?? 'count'
    const [fill] = palette.cats
    const label = Math.min(190, Math.round(width * 0.36))
    const shares = unit === 'share'
    const narrow = width < 520
    return {
      ...base(palette),
      grid: { left: 8, right: 72, top: 24, bottom: 4, outerBoundsMode: 'same' },
      tooltip: {
        ...(base(palette).tooltip as object),
        axisPointer: { type: 'none' },
        formatter: (hover: unknown) => {
          const at = Array.isArray(hover) ? (hover[0] as { dataIndex?: number }).dataIndex : undefined
          const row = at === undefined ? undefined : rows[at]
          if (!row) return ''
          const interval = formatInterval(row.stat)
          return `${escapeHtml(row.label)}<br><b>${escapeHtml(formatStat(row.stat))}</b> (n = ${row.stat.n.toLocaleString('en-GB')})${interval ? `<br>${interval}` : ''}`
        },
      },
      yAxis: {
        type: 'category',
        inverse: true,
        data: rows.map((row) => row.label),
        axisLabel: { ...axisText(palette), color: palette.text, width: label, overflow: 'truncate' },
        axisLine: { lineStyle: { color: palette.muted } },
        axisTick: { show: false },
      },
      xAxis: {
        type: 'value',
        min: 0,
        ...(shares &&
          Math.max(...rows.map(({ stat }) => stat.value ?? 0)) > 0.5 && {
            max: 1,
            interval: narrow ? 0.5 : 0.25,
          }),
        splitNumber: narrow ? 2 : 4,
        axisLabel: {
          ...axisText(palette),
          hideOverlap: true,
          formatter: (value: number) => formatShort(value, unit),
        },
        splitLine: { lineStyle: { color: palette.hair } },
      },
      series: [
        {
          type: 'bar',
          barWidth: 16,
          data: rows.map(({ stat }) => ({
            value: stat.value ?? 0,
            itemStyle: { color: fill, opacity: 0.85 },
          })),
          emphasis: { disabled: true },
          markLine: {
            silent: true,
            symbol: 'none',
            data: [
              ...(options.target
                ? [
                    {
                      xAxis: options.target,
                      lineStyle: { color: palette.text, width: 2, type: [6, 4] },
                      label: {
                        position: 'start',
                        formatter: `Target ${formatShort(options.target, unit)}`,
                        color: palette.text,
                        fontSize: 13,
                      },
                    },
                  ]
                : []),
              ...(options.total?.value
                ? [
                    {
                      xAxis: options.total.value,
                      lineStyle: { color: palette.muted, width: 2, type: [2, 3] },
                      label: {
                        position: 'start',
                        formatter: `${options.total.label} ${formatShort(options.total.value, unit)}`,
                        color: palette.text,
                        fontSize: 13,
                      },
                    },
                  ]
                : []),
            ],
          },
        },
        {
          type: 'custom',
          silent: true,
          data: rows.map(({ stat }, index) => [
            stat.value ?? 0,
            index,
            stat.interval?.[0] ?? stat.value ?? 0,
            stat.interval?.[1] ?? stat.value ?? 0,
          ]),
          encode: { x: [0, 2, 3], y: 1 },
          tooltip: { show: false },
          renderItem: (_params: unknown, api: CustomSeriesRenderItemAPI) => {
            const index = Number(api.value(1))
            const row = rows[index]
            const [low = 0, y = 0] = api.coord([api.value(2), index])
            const [high = 0] = api.coord([api.value(3), index])
            const style = { stroke: palette.text, lineWidth: 1.5, fill: 'none' }
            const line = (x1: number, y1: number, x2: number, y2: number) => ({
              type: 'line' as const,
              shape: { x1, y1, x2, y2 },
              style,
            })
            const text =
              row?.stat.status === 'ok'
                ? formatShort(row.stat.value ?? 0, unit)
                : missingWords[row?.stat.status ?? 'not_applicable']
            return {
              type: 'group' as const,
              children: [
                ...(row?.stat.interval
                  ? [line(low, y, high, y), line(low, y - 5, low, y + 5), line(high, y - 5, high, y + 5)]
                  : []),
                {
                  type: 'text' as const,
                  x: high + 8,
                  y,
                  style: {
                    text,
                    fill: row?.stat.status === 'ok' ? palette.text : palette.muted,
                    fontSize: 13,
                    verticalAlign: 'middle' as const,
                  },
                },
              ],
            }
          },
        },
      ],
    }
  }
}
