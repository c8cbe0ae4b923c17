import type { EChartsCoreOption } from 'echarts/core'
import type { Palette } from './palette.ts'

/** A chart as a pure function of the colours in force and the width in pixels. */
export type Draw = (palette: Palette, width: number) => EChartsCoreOption

export const font = 'system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", Arial, sans-serif'

/** What every chart shares: type, grid and a tooltip in the colours of the page. */
export const base = (palette: Palette): EChartsCoreOption => ({
  animation: false,
  aria: { enabled: false },
  textStyle: { fontFamily: font, fontSize: 14, color: palette.text },
  tooltip: {
    trigger: 'axis',
    confine: true,
    transitionDuration: 0,
    backgroundColor: palette.bg,
    borderColor: palette.border,
    textStyle: { color: palette.text, fontFamily: font, fontSize: 14 },
    axisPointer: { type: 'line', lineStyle: { color: palette.border } },
  },
})

/** Text for a tooltip: it becomes HTML, so it is escaped. */
export const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)

export const axisText = (palette: Palette) => ({
  color: palette.muted,
  fontFamily: font,
  fontSize: 13,
})

/** A rim of the ground around words that may cross a line. */
export const halo = (palette: Palette) => ({ textBorderColor: palette.surface, textBorderWidth: 3 })
