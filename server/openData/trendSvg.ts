import { formatValue } from '../words/format.ts'
import type { KeyFigure } from './keyFigure.ts'
import { type Markup, markup } from './markup.ts'

/** The trend as a line in a box. Months without a value break it; nothing is drawn where a figure is hidden. */
export function trend(
  { points, measure }: KeyFigure,
  box: { x: number; y: number; width: number; height: number },
): Markup {
  const values = points.map(({ figure }) => figure.value)
  const known = values.filter((value) => value !== null)
  const most = measure.unit === 'share' ? 1 : niceTop(Math.max(0, ...known))
  const x = (index: number) => round(box.x + (box.width * index) / Math.max(1, points.length - 1))
  const y = (value: number) => round(box.y + box.height * (1 - value / most))
  const lines = runs(points).map((run) =>
    run.length === 1
      ? markup`<circle class="dot" cx="${x(run[0]?.index ?? 0)}" cy="${y(run[0]?.value ?? 0)}" r="2"/>`
      : markup`<polyline class="line" points="${run.map(({ index, value }) => `${x(index)},${y(value)}`).join(' ')}"/>`,
  )
  const last = values.at(-1) ?? null
  const bottom = box.y + box.height
  return markup`<line class="axis" x1="${box.x}" y1="${bottom}" x2="${box.x + box.width}" y2="${bottom}"/><line class="grid" x1="${box.x}" y1="${box.y}" x2="${box.x + box.width}" y2="${box.y}"/><text class="small" x="${box.x}" y="${box.y - 5}">${formatValue(most, measure.unit)}</text>${lines}${last === null ? null : markup`<circle class="dot" cx="${x(points.length - 1)}" cy="${y(last)}" r="4"/>`}<text class="small" x="${box.x}" y="${bottom + 16}">${points[0]?.period ?? ''}</text><text class="small" x="${box.x + box.width}" y="${bottom + 16}" text-anchor="end">${points.at(-1)?.period ?? ''}</text>`
}

const round = (value: number) => Math.round(value * 10) / 10

/** Neighbouring values: what is missing, and what is measured in another way than before, begins a line of its own. */
function runs(points: KeyFigure['points']): { index: number; value: number }[][] {
  const found: { index: number; value: number }[][] = []
  points.forEach(({ figure: { value, marks } }, index) => {
    if (value === null) return
    const open = found.at(-1)
    if (open && open.at(-1)?.index === index - 1 && !marks.includes('b')) open.push({ index, value })
    else found.push([{ index, value }])
  })
  return found
}

/** The next of 1, 2, 5, 10, 20, 50 and so on. */
function niceTop(most: number): number {
  if (most <= 0) return 1
  const power = 10 ** Math.floor(Math.log10(most))
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= most) ?? most
}

/** Colours of both themes, without a style sheet from elsewhere. */
export const drawingStyle =
  '.axis{stroke:#7b8794}.grid{stroke:#d5dbe2;stroke-dasharray:3 3}.line{fill:none;stroke:#113c8f;stroke-width:2.5;stroke-linejoin:round;stroke-linecap:round}.dot{fill:#113c8f}.small{fill:#4a5a6b;font-size:12px}@media (prefers-color-scheme:dark){.axis{stroke:#6f7f90}.grid{stroke:#2c3742}.line{stroke:#8ec5ff}.dot{fill:#8ec5ff}.small{fill:#a9b6c4}}'
