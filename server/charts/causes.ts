import type { Cause } from '../../sql/causeNames.ts'
import { formatPersonHours, formatShare, formatShort } from '../words/format.ts'
import { axisText, base, type Draw, escapeHtml } from './draw.ts'
import type { Palette } from './palette.ts'

export type StageCauses = {
  stage: string
  wait_hours: number
  causes: { cause: Cause; label: string; hours: number }[]
}

/** One colour for each who is waited for: others, the calendar, how work is taken, what is not known. */
export const causeShades: Record<Cause, { color: 0 | 1 | 2 | 3 | 'muted'; opacity: number }> = {
  applicant: { color: 0, opacity: 1 },
  third_party: { color: 0, opacity: 0.6 },
  stopped: { color: 0, opacity: 0.3 },
  closed: { color: 'muted', opacity: 0.45 },
  batching: { color: 3, opacity: 0.9 },
  contention: { color: 1, opacity: 1 },
  prioritisation: { color: 1, opacity: 0.6 },
  undivided: { color: 1, opacity: 0.3 },
  unexplained: { color: 'muted', opacity: 0.2 },
}

const colorOf = (palette: Palette, cause: Cause) => {
  const { color } = causeShades[cause]
  return color === 'muted' ? palette.muted : palette.cats[color]
}

/** The causes that take part in the wait of any of the stages, in order of precedence. */
export function causesIn(stages: readonly StageCauses[]): { cause: Cause; label: string }[] {
  const [first] = stages
  return (first?.causes ?? []).filter(({ cause }) =>
    stages.some(({ causes }) => causes.some((each) => each.cause === cause && each.hours > 0)),
  )
}

/** A bar for every stage, as long as its wait in person-hours, divided by cause. Rows are drawn in the order given. */
export function causes(stages: readonly StageCauses[]): Draw {
  return (palette, width) => {
    const longest = Math.max(0, ...stages.map(({ wait_hours }) => wait_hours))
    const hoursOf = ({ causes: parts }: StageCauses, cause: Cause) =>
      parts.find((part) => part.cause === cause)?.hours ?? 0
    return {
      ...base(palette),
      grid: { left: 8, right: 24, top: 12, bottom: 4, outerBoundsMode: 'same' },
      tooltip: {
        ...(base(palette).tooltip as object),
        axisPointer: { type: 'none' },
        formatter: (hover: unknown) => {
          const at = Array.isArray(hover) ? (hover[0] as { dataIndex?: number }).dataIndex : undefined
          const row = at === undefined ? undefined : stages[at]
          if (!row) return ''
          const parts = row.causes.filter(({ hours }) => hours > 0)
          return [
            `${escapeHtml(row.stage)}: <b>${formatPersonHours(row.wait_hours)}</b>`,
            ...parts.map(
              ({ label, hours }) => `${escapeHtml(label)} <b>${formatShare(hours / row.wait_hours)}</b>`,
            ),
          ].join('<br>')
        },
      },
      yAxis: {
        type: 'category',
        inverse: true,
        data: stages.map(({ stage }) => stage),
        axisLabel: {
          ...axisText(palette),
          color: palette.text,
          width: Math.min(190, Math.round(width * 0.36)),
          overflow: 'truncate',
        },
        axisLine: { lineStyle: { color: palette.muted } },
        axisTick: { show: false },
      },
      xAxis: {
        type: 'value',
        min: 0,
        splitNumber: width < 520 ? 2 : 4,
        axisLabel: {
          ...axisText(palette),
          hideOverlap: true,
          formatter: (value: number) => formatShort(value, 'hours'),
        },
        splitLine: { lineStyle: { color: palette.hair } },
      },
      series: causesIn(stages).map(({ cause, label }) => ({
        type: 'bar',
        name: label,
        stack: 'wait',
        barWidth: 22,
        data: stages.map((row) => {
          const hours = hoursOf(row, cause)
          return {
            value: hours,
            // its share of the stage's wait, where there is room for it
            label: {
              show: hours > longest * (width < 520 ? 0.16 : 0.07),
              formatter: formatShare(hours / row.wait_hours),
              color: palette.text,
              textBorderColor: palette.surface,
              textBorderWidth: 3,
              fontSize: 13,
            },
          }
        }),
        itemStyle: { color: colorOf(palette, cause), opacity: causeShades[cause].opacity },
        emphasis: { disabled: true },
      })),
    }
  }
}
