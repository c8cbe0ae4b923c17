import type { WaitCurve } from '../answerTypes.ts'
import { formatCount, formatShare } from '../words/format.ts'
import { axisText, base, type Draw } from './draw.ts'

/** The days that 98 of 100 did not exceed: few people far out would leave no room for the others. */
export function usualDays({ points, answered }: WaitCurve): WaitCurve['points'] {
  let left = answered
  return points.filter((point) => {
    const shown = left > 0.02 * answered
    left -= point.answered
    return shown
  })
}

/** The share satisfied by day of wait with its 95 % range; where it breaks, the days on which it may as an upright band. */
export function waitCurveChart(curve: WaitCurve): Draw {
  return (palette, width) => {
    const points = usualDays(curve)
    const narrow = width < 520
    const [fill] = palette.cats
    const breaks = curve.break
    const [first, last] = [points[0]?.day ?? 0, points.at(-1)?.day ?? 1]
    const parts = breaks
      ? [points.filter(({ day }) => day <= breaks.day), points.filter(({ day }) => day > breaks.day)]
      : [points]
    const range = parts.flatMap((part, index) => [
      {
        type: 'line',
        stack: `range ${index}`,
        data: part.map(({ day, interval }) => [day, interval[0]]),
        lineStyle: { opacity: 0 },
        symbol: 'none',
        silent: true,
        tooltip: { show: false },
      },
      {
        type: 'line',
        stack: `range ${index}`,
        stackStrategy: 'all',
        data: part.map(({ day, interval }) => [day, interval[1] - interval[0]]),
        lineStyle: { opacity: 0 },
        areaStyle: { color: fill, opacity: 0.16 },
        symbol: 'none',
        silent: true,
        tooltip: { show: false },
      },
    ])
    return {
      ...base(palette),
      grid: { left: 8, right: 24, top: 32, bottom: 4, outerBoundsMode: 'same' },
      tooltip: {
        ...(base(palette).tooltip as object),
        formatter: (hover: unknown) => {
          const [one] = (Array.isArray(hover) ? hover : []) as { value?: [number, number] }[]
          const point = points.find(({ day }) => day === one?.value?.[0])
          if (!point) return ''
          const [low, high] = point.interval
          return `${point.day} ${point.day === 1 ? 'day' : 'days'}<br><b>${formatShare(point.share)}</b> satisfied<br>95% range ${formatShare(low)} to ${formatShare(high)}<br>${formatCount(point.answered)} ${point.answered === 1 ? 'answer' : 'answers'}`
        },
      },
      xAxis: {
        type: 'value',
        min: first,
        max: last,
        minInterval: 1,
        splitNumber: narrow ? 3 : 6,
        axisLabel: {
          ...axisText(palette),
          hideOverlap: true,
          alignMaxLabel: 'right',
          formatter: (day: number) => `${day} d`,
        },
        axisLine: { lineStyle: { color: palette.muted } },
        splitLine: { show: false },
      },
      yAxis: {
        type: 'value',
        min: 0,
        max: 1,
        interval: narrow ? 0.5 : 0.25,
        axisLabel: { ...axisText(palette), formatter: formatShare },
        splitLine: { lineStyle: { color: palette.hair } },
      },
      series: [
        ...range,
        ...parts.map((part, index) => ({
          type: 'line',
          data: part.map(({ day, share }) => [day, share]),
          symbol: 'circle',
          symbolSize: 4,
          showSymbol: part.length < 2,
          lineStyle: { color: fill, width: 3 },
          itemStyle: { color: fill },
          emphasis: { disabled: true },
          ...(breaks && index === 0
            ? {
                markArea: {
                  silent: true,
                  itemStyle: { color: palette.off, opacity: 0.14 },
                  data: [[{ xAxis: breaks.interval[0] }, { xAxis: breaks.interval[1] + 1 }]],
                },
                markLine: {
                  silent: true,
                  symbol: 'none',
                  data: [
                    {
                      xAxis: breaks.day + 0.5,
                      lineStyle: { color: palette.off, width: 2, type: [6, 4] },
                      label: {
                        formatter: `after day ${breaks.day}`,
                        position: 'end',
                        color: palette.text,
                        fontSize: 13,
                      },
                    },
                  ],
                },
              }
            : {}),
        })),
      ],
    }
  }
}
