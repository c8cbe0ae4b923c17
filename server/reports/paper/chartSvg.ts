import { type Draw, escapeHtml, font } from '../../charts/draw.ts'
import { init, setPlatformAPI } from '../../charts/echarts.ts'
import { family, otherFamily, textWidth } from './fonts.ts'
import { paper } from './palette.ts'
import { drawable } from './printable.ts'

/** Makes ECharts know how wide words are: there is no browser to measure them. */
function prepare() {
  setPlatformAPI({
    measureText: (text, style) => ({
      width: textWidth(text) * Number(/([\d.]+)px/.exec(style ?? '')?.[1] ?? 12),
    }),
  })
}

/** A chart for paper: an SVG in the colours and fonts of the PDF, without script, style sheets or names that change from run to run. */
export function chartSvg(draw: Draw, size: { width: number; height: number; title: string }): string {
  prepare()
  const chart = init(null, undefined, {
    renderer: 'svg',
    ssr: true,
    width: size.width,
    height: size.height,
  })
  try {
    const option = draw(paper, size.width)
    chart.setOption({ ...option, animation: false, aria: { enabled: false } })
    return plain(chart.renderToSVGString(), size.title)
  } finally {
    chart.dispose()
  }
}

/** What ECharts writes for its own use is taken out, and words become text that our fonts can show. */
function plain(svg: string, title: string): string {
  const name = `<title>${escapeHtml(drawable(title))}</title>`
  return drawable(
    svg
      .replaceAll(font, `'${family}','${otherFamily}'`)
      .replace(/<style[\s\S]*?<\/style>/g, '')
      .replace(/ (ecmeta_\w+|class|pointer-events|xml:space|version|baseProfile)="[^"]*"/g, '')
      .replace(/zr\d+-/g, 'chart-')
      .replace(/-?\d+\.\d{3,}/g, (number) => String(Number(Number(number).toFixed(2))))
      .replaceAll('\n', ' '),
  ).replace(/^<svg([^>]*)>/, (_, attributes: string) => `<svg${attributes} role="img">${name}`)
}
