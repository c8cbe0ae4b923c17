import type { Stat } from '../../sql/stat.ts'
import type { Bottlenecks, KpiFigure, Kpis, Meta, Series } from '../answerTypes.ts'
import { trend } from '../charts/trend.ts'
import { cardNotes } from '../words/card.ts'
import {
  formatDuring,
  formatInterval,
  formatParts,
  formatStat,
  missingWords,
  withDays,
} from '../words/format.ts'
import { headline } from '../words/headline.ts'
import { assuranceSentence, findingWords, variationWords } from '../words/words.ts'
import type { Composing } from './content.ts'
import type { Block, DocumentColumn, FigureCard } from './document.ts'

/** Pieces that several reports are built from. */

export const heading = (text: string): Block => ({ kind: 'heading', level: 2, text })
export const text = (words: string): Block => ({ kind: 'text', text: words })

export const columns = (
  ...titles: [title: string, width?: number, align?: 'start' | 'end'][]
): DocumentColumn[] =>
  titles.map(([title, width, align], index) => ({
    title,
    align: align ?? (index === 0 ? 'start' : 'end'),
    ...(width && { width }),
  }))

/** Key figures as cards. */
export const cards = (
  figures: readonly KpiFigure[],
  { kpis }: Meta,
  compared: Kpis['compare_period'],
): Block => ({
  kind: 'figures',
  figures: figures.flatMap((figure): FigureCard[] => {
    const kpi = kpis.find(({ id }) => id === figure.id)
    if (!kpi) return []
    const { stat } = figure
    const known = stat.status === 'ok' && stat.value !== null
    const parts = known
      ? formatParts(stat.value ?? 0, stat.unit)
      : { number: missingWords[stat.status === 'ok' ? 'not_applicable' : stat.status], unit: '' }
    return [
      {
        label: kpi.label,
        value: parts.number,
        unit: parts.unit,
        note: cardNotes(figure, kpi, compared).join(' '),
        // a change for the better is no promise kept: it stands in the note
        status: known && figure.target !== null ? figure.status : 'none',
      },
    ]
  }),
})

/** A figure in a cell; one of another kind of service is a dash. */
export const cell = (stat: Stat | undefined): string =>
  !stat || stat.status === 'not_collected' || stat.status === 'not_applicable' ? '–' : formatStat(stat)

/** The range of a figure in a cell of its own. */
export const range = (stat: Stat): string => formatInterval(stat).replace('95% range ', '') || '–'

/** The dearest findings, each with what it is and its sentence; or that there is none. */
export const findingsList = ({ findings, period, stages }: Bottlenecks, most: number): Block =>
  findings.length > 0
    ? {
        kind: 'list',
        items: findings.slice(0, most).map(({ kind, sentence }) => ({
          badge: { word: findingWords[kind].name, status: 'off' },
          text: withDays(sentence),
        })),
      }
    : text(
        stages.length === 0
          ? `There are no stages to compare ${formatDuring(period)}.`
          : `Nothing changed for good ${formatDuring(period)} that is surely more than chance.`,
      )

/** One figure by months as a chart with what is to be seen in it. */
export async function trendChart(
  { chartSvg }: Composing,
  series: Series,
  meta: Meta,
  height: number,
): Promise<Block[]> {
  const kpi = meta.kpis.find(({ id }) => id === series.id)
  const label = kpi?.label ?? series.id
  const seen = [variationWords[series.variation], assuranceSentence(series, kpi?.better ?? 'neither')]
    .filter((words) => words !== '')
    .join(' ')
  const size = { width: 700, height }
  const title = headline(label, series, 'month')
  return [
    {
      kind: 'chart',
      title,
      alt: `${title}. ${seen}`,
      svg: await chartSvg(trend(series, 'month'), { ...size, title }),
      ...size,
    },
    text(seen),
  ]
}
