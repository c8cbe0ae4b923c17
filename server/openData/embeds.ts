import type { File, Published } from '../releases/published.ts'
import { figureWords, type KeyFigure, keyFigure, shownMarks } from './keyFigure.ts'
import { marks } from './marks.ts'
import { Markup, markup } from './markup.ts'
import { permalink, publisherName } from './notes.ts'
import { drawingStyle, trend } from './trendSvg.ts'

/** What other sites may show of a service: a picture, and a page for a frame. Neither loads anything nor runs a script. */
export const embeds = (published: Published): File[] =>
  published.services.flatMap((service) => {
    const key = keyFigure(published, service)
    if (!key) return []
    return [
      { path: `embed/${service.id}.svg`, body: `${picture(published, key).text}\n` },
      { path: `embed/${service.id}.html`, body: `${page(published, key).text}\n` },
    ]
  })

const font = `'Source Sans 3',system-ui,-apple-system,'Segoe UI',Roboto,'Liberation Sans',Arial,sans-serif`

/** Styles of our own hold nothing to escape. */
const asItIs = (style: string) => new Markup(style)

/** "On time: 63%, June 2026." */
function sentence({ measure, points }: KeyFigure): string {
  const last = points.at(-1)
  return last ? `${measure.label}: ${figureWords(last.figure, measure.unit)}, ${last.period}.` : measure.label
}

function source({ jurisdiction, ...published }: Published): string {
  const invented = jurisdiction.sample ? ' Invented figures.' : ''
  return `Source: ${publisherName({ jurisdiction, ...published })}, release ${published.release.id}.${invented}`
}

function picture(published: Published, key: KeyFigure): Markup {
  const { service, measure, points } = key
  const last = points.at(-1)
  const figure = last ? figureWords(last.figure, measure.unit) : ''
  const link = permalink(published.publication.address, published.release.id)
  let y = 10
  const paragraph = (look: string, step: number, text: string[]) =>
    text.map((line) => {
      y += step
      return markup`<text class="${look}" x="16" y="${y}">${line}</text>`
    })
  const head = [
    ...paragraph('title', 22, lines(service.name, 34)),
    ...paragraph('big', 44, [figure]),
    ...paragraph('label', 20, lines(`${measure.label}, ${last?.period ?? ''}`, 44)),
  ]
  const drawn = trend(key, { x: 16, y: y + 30, width: 328, height: 74 })
  y += 124
  const foot = paragraph('small', 18, lines(source(published), 52))
  const height = y + 14
  const style = `text{font-family:${font};fill:#0b1f33}.paper{fill:#fff;stroke:#d5dbe2}.title{font-size:18px;font-weight:600}.big{font-size:36px;font-weight:600}.label{font-size:14px}@media (prefers-color-scheme:dark){text{fill:#e8edf2}.paper{fill:#0f1419;stroke:#2c3742}}`
  return markup`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 360 ${height}" width="360" height="${height}" role="img" aria-labelledby="title desc" lang="en"><title id="title">${service.name}. ${sentence(key)}</title><desc id="desc">${description(key)} ${source(published)} ${link}</desc><style>${asItIs(style + drawingStyle)}</style><rect class="paper" x="0.5" y="0.5" width="359" height="${height - 1}" rx="6"/>${head}${drawn}${foot}</svg>`
}

/** The trend in words, for people who do not see it: where it began, where it is, and what is missing. */
function description({ measure, points }: KeyFigure): string {
  const words = ({ period, figure }: KeyFigure['points'][number]) =>
    `${period} ${figureWords(figure, measure.unit)}`
  return `${measure.means} By month: ${points.map(words).join('; ')}.`
}

/** Text in lines of at most so many characters, at spaces where it has any. */
function lines(text: string, most: number): string[] {
  const all: string[] = []
  for (const word of text.split(' ')) {
    const longer = `${all.at(-1)} ${word}`
    if (all.length > 0 && longer.length <= most) all[all.length - 1] = longer
    else all.push(word)
  }
  return all
}

function page(published: Published, key: KeyFigure): Markup {
  const { service, measure, points, table } = key
  const last = points.at(-1)
  const style = `:root{color-scheme:light dark}body{margin:0;padding:12px 16px;font:16px/1.5 ${font};color:#0b1f33;background:#fff}h1{font-size:18px;line-height:1.2;margin:0 0 8px}p{margin:0 0 8px}.big{font-size:36px;font-weight:600;line-height:1.1;margin:0}svg{width:100%;max-width:480px;height:auto;font-family:inherit}table{border-collapse:collapse;font-size:15px;margin-bottom:8px}thead th{font-weight:600}caption{text-align:left;font-weight:600}th,td{padding:4px 12px 4px 0;border-bottom:1px solid #d5dbe2;text-align:left;font-weight:400}td,thead th+th{text-align:right;font-variant-numeric:tabular-nums}a{color:#0b4f9e}summary{min-height:44px;line-height:44px;cursor:pointer}a:focus-visible,summary:focus-visible{outline:3px solid #0b1f33;outline-offset:2px;background:#ffd54a}@media (prefers-color-scheme:dark){body{color:#e8edf2;background:#0f1419}th,td{border-color:#2c3742}a{color:#8ec5ff}a:focus-visible,summary:focus-visible{outline-color:#ffd54a;background:none}}`
  const rows = points.map(
    ({ period, figure }) =>
      markup`<tr><th scope="row">${period}</th><td>${figureWords(figure, measure.unit)}${shownMarks(figure)
        .map((mark) => ` [${mark}]`)
        .join('')}</td></tr>`,
  )
  const used = new Set(points.flatMap(({ figure }) => shownMarks(figure)))
  const notes = [...used].toSorted().map((mark) => markup`<p>[${mark}] ${marks[mark].means}</p>`)
  return markup`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${service.name}: ${measure.label}</title>
<style>${asItIs(style + drawingStyle)}</style>
</head>
<body>
<main>
<h1>${service.name}</h1>
<p class="big">${last ? figureWords(last.figure, measure.unit) : ''}</p>
<p>${measure.label}, ${last?.period ?? ''}. ${measure.means}</p>
<svg viewBox="0 0 360 120" role="img" aria-label="${sentence(key)} The table below holds every month.">${trend(key, { x: 4, y: 18, width: 352, height: 80 })}</svg>
<details><summary>Show as a table</summary><table><caption>${measure.label} by month</caption><thead><tr><th scope="col">Month</th><th scope="col">${measure.label}</th></tr></thead><tbody>${rows}</tbody></table>${notes}</details>
<p><a href="../services/${service.id}.html" target="_top">More about this service</a>, <a href="../data/${table}.csv" target="_top">data as CSV</a>, <a href="../data/${table}.json" target="_top">data as JSON</a></p>
<p>${source(published)}</p>
</main>
</body>
</html>`
}
