import { addDays } from '../words/days.ts'
import {
  formatBucket,
  formatBucketLong,
  formatDay,
  formatHours,
  formatShare,
  formatShort,
} from '../words/format.ts'
import { axisText, base, type Draw, escapeHtml } from './draw.ts'
import { type Mark, markLines } from './marks.ts'

/** A week of a series; weeks that are not known in full are drawn hollow. */
export type Week = { from: string; until: string; complete: boolean; values: (number | null)[] }
export type WeeklyUnit = 'hours' | 'share' | 'count'

/** A value of a weekly series in words. */
export function weekValue(value: number | null, unit: WeeklyUnit): string {
  if (value === null) return '–'
  if (unit === 'hours') return formatHours(value)
  return unit === 'share' ? formatShare(value) : formatShort(value, 'count')
}

/**
 * Weekly series with a change marked: the line where it began, and the weeks in which it may have begun as a band. The first
 * series is drawn solid, a second one dashed.
 */
export function changeTrend(
  weeks: readonly Week[],
  names: readonly string[],
  unit: WeeklyUnit,
  change: { since: string; between: readonly [string, string] } | null,
  marks: readonly Mark[] = [],
): Draw {
  return (palette, width) => {
    const narrow = width < 520
    const top = Math.max(0, ...weeks.flatMap(({ values }) => values.map((value) => value ?? 0)))
    const days = unit === 'hours' && top >= 48
    const scale = (value: number | null) => (value === null || !days ? value : value / 24)
    const axisUnit = unit === 'hours' ? (days ? 'days' : 'hours') : unit
    const place = (day: string) => {
      const index = weeks.findIndex(({ from, until }) => from <= day && day < until)
      if (index >= 0) return index
      return day < (weeks[0]?.from ?? day) ? 0 : weeks.length - 1
    }
    const line = (which: number) => {
      const color = palette.cats[which] ?? palette.text
      return {
        type: 'line',
        name: names[which],
        data: weeks.map(({ values, complete }) => ({
          value: scale(values[which] ?? null),
          symbol: which === 0 ? 'circle' : 'rect',
          itemStyle: complete ? { color } : { color: palette.surface, borderColor: color, borderWidth: 1.5 },
        })),
        symbolSize: weeks.length > 60 ? 4 : 6,
        showSymbol: true,
        showAllSymbol: true,
        connectNulls: true,
        lineStyle: { color, width: 2.5, type: which === 0 ? 'solid' : [8, 4] },
        itemStyle: { color },
        emphasis: { disabled: true },
      }
    }
    const changed = change && {
      markArea: {
        silent: true,
        itemStyle: { color: palette.cats[0], opacity: 0.16 },
        // a point stands at its Monday: the last week reaches to the next one
        data: [[{ xAxis: place(change.between[0]) }, { xAxis: place(addDays(change.between[1], 1)) }]],
      },
    }
    const sinceLine = change && {
      xAxis: place(change.since),
      lineStyle: { color: palette.off, width: 2.5, type: 'solid' },
      label: {
        formatter: narrow ? 'began here' : `began about ${formatDay(change.since)}`,
        position: 'end',
        align: place(change.since) > weeks.length / 2 ? 'right' : 'left',
        distance: 6,
        color: palette.text,
        fontSize: 13,
        fontWeight: 600,
      },
    }
    return {
      ...base(palette),
      grid: { left: 8, right: 16, top: 32, bottom: 4, outerBoundsMode: 'same' },
      tooltip: {
        ...(base(palette).tooltip as object),
        formatter: (hover: unknown) => {
          const at = Array.isArray(hover) ? (hover[0] as { dataIndex?: number }).dataIndex : undefined
          const week = at === undefined ? undefined : weeks[at]
          if (!week) return ''
          const rows = names.map(
            (name, which) => `${escapeHtml(name)} <b>${weekValue(week.values[which] ?? null, unit)}</b>`,
          )
          const head = `${formatBucketLong(week.from, 'week')}${week.complete ? '' : ' (not in full)'}`
          return [escapeHtml(head), ...rows].join('<br>')
        },
      },
      xAxis: {
        type: 'category',
        // months are easier to find one's way by than Mondays
        data: weeks.map(({ until }) => formatBucket(addDays(until, -1), 'month')),
        boundaryGap: false,
        axisLabel: {
          ...axisText(palette),
          hideOverlap: true,
          interval: (index: number) => {
            const week = weeks[index]
            return week !== undefined && addDays(week.until, -1).slice(8) <= '07'
          },
        },
        axisLine: { lineStyle: { color: palette.muted } },
        axisTick: { show: false },
      },
      yAxis: {
        type: 'value',
        min: 0,
        splitNumber: 4,
        axisLabel: { ...axisText(palette), formatter: (value: number) => formatShort(value, axisUnit) },
        splitLine: { lineStyle: { color: palette.hair } },
      },
      series: names.map((_, which) =>
        which === 0
          ? {
              ...line(which),
              ...changed,
              markLine: {
                silent: true,
                symbol: 'none',
                data: [...(sinceLine ? [sinceLine] : []), ...markLines(marks, palette)],
              },
            }
          : line(which),
      ),
    }
  }
}
