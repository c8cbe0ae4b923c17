import { createRequire } from 'node:module'
import { family, fontFilesFor } from './fonts.ts'

type Resvg = typeof import('@resvg/resvg-js')

/** A chart as PNG, for readers that show no SVG: most mail programs. */
export function picture(svg: string, width: number): Buffer {
  const { Resvg } = createRequire(import.meta.url)('@resvg/resvg-js') as Resvg
  return new Resvg(svg, {
    background: '#ffffff',
    fitTo: { mode: 'width', value: width },
    font: { loadSystemFonts: false, fontFiles: fontFilesFor(svg), defaultFontFamily: family },
  })
    .render()
    .asPng()
}
