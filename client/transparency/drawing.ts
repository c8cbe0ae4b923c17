import { type Draw, font } from '../../server/charts/draw.ts'
import { init, setPlatformAPI } from '../../server/charts/echarts.ts'
import type { Palette } from '../../server/charts/palette.ts'

/** There is no browser to measure words: each sign is taken to be as wide as in a wide font, so that labels have room anywhere. */
const measureText = (text: string, style?: string) => ({
  width: text.length * Number(/([\d.]+)px/.exec(style ?? '')?.[1] ?? 12) * 0.62,
})

/** The tokens by name: one drawing serves both themes and print. */
const palette: Palette = {
  text: 'var(--text)',
  muted: 'var(--muted)',
  hair: 'var(--hair)',
  border: 'var(--border)',
  bg: 'var(--bg)',
  surface: 'var(--surface)',
  on: 'var(--on)',
  off: 'var(--off)',
  cats: ['var(--c1)', 'var(--c2)', 'var(--c3)', 'var(--c4)'],
}

/** A chart as SVG that stands in a page: without script, styles or ids that change from run to run. */
export function drawing(draw: Draw, size: { width: number; height: number }, id: string): string {
  // set for each drawing: charts of reports are measured by the font they are printed in
  setPlatformAPI({ measureText })
  const chart = init(null, undefined, { renderer: 'svg', ssr: true, ...size })
  try {
    chart.setOption({ animation: false, ...draw(palette, size.width) })
    return plain(chart.renderToSVGString(), id)
  } finally {
    chart.dispose()
  }
}

const circle = /<path d="M1 0A1 1[^"]*" transform="matrix\(([\d.]+),0,0,[\d.]+,([\d.]+),([\d.]+)\)"/g

/** What ECharts writes for its own use is taken out; its running numbers become names of this chart. */
function plain(svg: string, id: string): string {
  return svg
    .replaceAll(font, 'inherit')
    .replace(/<style[\s\S]*?<\/style>/g, '')
    .replace(/<rect [^>]*fill="none"[^>]*><\/rect>/, '')
    .replace(/ (ecmeta_\w+|class|pointer-events|xml:space|xmlns(:\w+)?|version|baseProfile)="[^"]*"/g, '')
    .replace(/ style="([^"]*)"/g, (_, style: string) => {
      const size = /font-size:([\d.]+)px/.exec(style)?.[1]
      const weight = /font-weight:(\w+)/.exec(style)?.[1]
      return `${size ? ` font-size="${size}"` : ''}${weight ? ` font-weight="${weight}"` : ''}`
    })
    .replace(/zr\d+-/g, `${id}-`)
    .replace(/-?\d+\.\d{2,}/g, (number) => String(Number(Number(number).toFixed(1))))
    .replace(circle, (_, r: string, x: string, y: string) => `<circle r="${r}" cx="${x}" cy="${y}"`)
    .replace(/<circle r="0.1"[^>]*><\/path>/g, '')
    .replace(/><\/(path|polygon)>/g, '/>')
    .replaceAll('\n', '')
}
