import { describe, expect, test } from 'vitest'
import type { Stat } from '../../../sql/stat.ts'
import { bars } from '../../charts/bars.ts'
import { chartSvg } from './chartSvg.ts'
import { textWidth } from './fonts.ts'
import { picture } from './picture.ts'

const stat: Stat = {
  value: 0.5,
  unit: 'share',
  n: 100,
  numerator: null,
  denominator: null,
  interval: [0.4, 0.6],
  method: 'exact',
  error: null,
  status: 'ok',
  complete: 1,
  as_of: null,
  definition: 'test@1',
}
const size = { width: 680, height: 160, title: 'A & "B" <c>' }
const draw = (label: string) => chartSvg(bars([{ value: 'a', label, stat }]), size)

describe('a chart for paper', () => {
  test('is drawn alike each time, in our font and in colours of daylight', () => {
    expect(draw('Review')).toBe(draw('Review'))
    expect(draw('Review')).toContain("font-family:'Source Sans 3','DejaVu Sans'")
    expect(draw('Review')).toContain('fill="#0b1f33"')
    expect(draw('Review')).not.toMatch(/<style|class=|ecmeta|aria-|system-ui|var\(/)
  })

  test('holds labels as text, whatever they look like', () => {
    const svg = draw('<image href="x"/>&\u0000 \u4e2d')
    expect(svg).toContain('&lt;image href=')
    for (const sign of ['<image', '\u0000', '\u4e2d']) expect(svg).not.toContain(sign)
    expect(svg).toContain('<title>A &#38; &#34;B&#34; &#60;c&#62;</title>')
    expect(picture(svg, 100).subarray(1, 4).toString()).toBe('PNG')
  })

  test('measures words by the font they are set in', () => {
    expect(textWidth('i')).toBeCloseTo(0.246)
    expect(textWidth('W')).toBeCloseTo(0.786, 1)
    expect(textWidth('\u0634')).toBeGreaterThan(0.5)
  })
})
