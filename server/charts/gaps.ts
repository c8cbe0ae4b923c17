import type { CustomSeriesRenderItemAPI } from 'echarts/types/dist/shared'
import { axisText, base, type Draw, escapeHtml } from './draw.ts'

/** A gap as a dot with its 95 % range; `before` is drawn hollow. */
export type GapDot = {
  label: string
  gap: number | null
  interval: [number, number] | null
  before: number | null
  /** A clear gap stands out, by whether it is to the group's harm. */
  clear: 'worse' | 'better' | null
  words: string
}

export const gapsHeight = (rows: number) => Math.max(130, rows * 32 + 60)

/** Gaps on both sides of none, in the order given. */
export function gapDots(
  rows: readonly GapDot[],
  options: { axis: (value: number) => string; left: string; right: string },
): Draw {
  return (palette, width) => {
    const narrow = width < 520
    const [usual] = palette.cats
    const ends = rows.flatMap(({ gap, interval, before }) => [gap ?? 0, before ?? 0, ...(interval ?? [])])
    const reach = Math.max(1e-6, ...ends.map(Math.abs)) * 1.08
    return {
      ...base(palette),
      grid: { left: 8, right: 20, top: 30, bottom: 4, outerBoundsMode: 'same' },
      tooltip: {
        ...(base(palette).tooltip as object),
        axisPointer: { type: 'none' },
        formatter: (hover: unknown) => {
          const at = Array.isArray(hover) ? (hover[0] as { dataIndex?: number }).dataIndex : undefined
          const row = at === undefined ? undefined : rows[at]
          return row ? `${escapeHtml(row.label)}<br>${escapeHtml(row.words)}` : ''
        },
      },
      yAxis: {
        type: 'category',
        inverse: true,
        data: rows.map(({ label }) => label),
        axisLabel: {
          ...axisText(palette),
          color: palette.text,
          width: Math.min(190, Math.round(width * 0.34)),
          overflow: 'truncate',
        },
        axisLine: { show: false },
        axisTick: { show: false },
      },
      xAxis: {
        type: 'value',
        min: -reach,
        max: reach,
        splitNumber: narrow ? 2 : 4,
        axisLabel: {
          ...axisText(palette),
          hideOverlap: true,
          showMinLabel: false,
          showMaxLabel: false,
          formatter: options.axis,
        },
        splitLine: { lineStyle: { color: palette.hair } },
      },
      series: [
        {
          type: 'custom',
          data: rows.map(({ gap, interval, before }, index) => [
            gap ?? 0,
            index,
            interval?.[0] ?? gap ?? 0,
            interval?.[1] ?? gap ?? 0,
            before ?? 0,
          ]),
          encode: { x: [0, 2, 3, 4], y: 1 },
          markLine: {
            silent: true,
            symbol: 'none',
            data: [
              {
                xAxis: 0,
                lineStyle: { color: palette.text, width: 1.5, type: 'solid' },
                label: {
                  position: 'start',
                  formatter: narrow ? '' : `← ${options.left}   |   ${options.right} →`,
                  color: palette.muted,
                  fontSize: 13,
                },
              },
            ],
          },
          renderItem: (_params: unknown, api: CustomSeriesRenderItemAPI) => {
            const index = Number(api.value(1))
            const row = rows[index]
            const place = (dimension: number) => api.coord([api.value(dimension), index])[0] ?? 0
            const y = api.coord([0, index])[1] ?? 0
            if (!row || row.gap === null) {
              const text = {
                text: 'Too few',
                fill: palette.muted,
                fontSize: 13,
                verticalAlign: 'middle' as const,
              }
              return { type: 'text' as const, x: place(0) + 8, y, style: text }
            }
            const color = row.clear === 'worse' ? palette.off : row.clear === 'better' ? palette.on : usual
            const style = { stroke: color, lineWidth: row.clear ? 3 : 2 }
            const line = (x1: number, y1: number, x2: number, y2: number) => ({
              type: 'line' as const,
              shape: { x1, y1, x2, y2 },
              style,
            })
            const dot = (cx: number, r: number, fill: string, stroke: string) => ({
              type: 'circle' as const,
              shape: { cx, cy: y, r },
              style: { fill, stroke, lineWidth: 2 },
            })
            const [low, high] = [place(2), place(3)]
            return {
              type: 'group' as const,
              children: [
                ...(row.interval
                  ? [line(low, y, high, y), line(low, y - 5, low, y + 5), line(high, y - 5, high, y + 5)]
                  : []),
                ...(row.before === null ? [] : [dot(place(4), 4, palette.bg, palette.muted)]),
                dot(place(0), row.clear ? 6 : 5, color, color),
              ],
            }
          },
        },
      ],
    }
  }
}
