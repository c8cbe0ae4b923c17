import { createRequire } from 'node:module'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { family, fontFilesFor } from './fonts.ts'

type Resvg = typeof import('@resvg/resvg-js')

/** A chart as PNG, for readers that show no SVG: most mail programs. */
export function picture(svg: string, width: number): Buffer {
  const { Resvg } = createRequire(import.meta.url)('@resvg/resvg-js') as Resvg
  const png = new Resvg(svg, {
    background: '#ffffff',
    fitTo: { mode: 'width', value: width },
    font: { loadSystemFonts: false, fontFiles: fontFilesFor(svg), defaultFontFamily: family },
  })
    .render()
    .asPng()
  collectSometimes()
  return png
}

let pictures = 0
let collect: (() => void) | undefined

/**
 * The pixels of a picture, some 2 MB, lie outside of what Node counts: it would not tidy up before there are hundreds. It is told to after
 * every sixteen.
 */
function collectSometimes() {
  pictures += 1
  if (pictures % 16 !== 0) return
  if (!collect) {
    setFlagsFromString('--expose-gc')
    collect = runInNewContext('gc') as () => void
  }
  collect()
}
