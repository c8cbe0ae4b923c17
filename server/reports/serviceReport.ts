import type { KpiId } from '../../sql/kpis.ts'
import { reportIds } from '../../sql/reportIds.ts'
import type { Bottlenecks, By, OutcomesAnswer } from '../answerTypes.ts'
import { bottlenecksTable, byTable, kpisTable, outcomesTable, seriesTable } from '../tables.ts'
import { atMost, atMostWords } from '../words/atMost.ts'
import { changeBadge, serviceCards, shownCards } from '../words/card.ts'
import { trendPeriod } from '../words/days.ts'
import { formatCount, formatHours, formatPeriod, formatStat } from '../words/format.ts'
import { kindOf, outcomesSummary, outcomesTitle, serviceTitle } from '../words/titles.ts'
import { mainStandard, standardWords } from '../words/words.ts'
import { cards, cell, columns, findingsList, heading, range, text, trendChart } from './blocks.ts'
import { apiTable } from './columns.ts'
import { contentOf, figureNotes } from './compose.ts'
import type { ReportDefinition } from './content.ts'
import type { Block } from './document.ts'
import { ReportError } from './reportError.ts'
import { together } from './services.ts'

export const serviceReport: ReportDefinition = {
  id: 'service-report',
  ...reportIds['service-report'],
  async compose(composing) {
    const { db, data, filters } = composing
    const meta = await data.readMeta(db)
    const service = meta.services.find(({ id }) => id === filters.service[0])
    // an unknown one is told by the questions themselves, with the ids there are
    const kpis = await data.kpiAnswer(db, filters)
    if (!service) throw new ReportError('The service of this report is not declared.')
    const kind = kindOf(service)
    const main: KpiId = kind === 'cases' ? 'time_to_outcome_median' : 'wait_median'
    const trends: KpiId[] =
      kind === 'cases' ? ['on_time_rate', 'time_to_outcome_all_median', 'backlog'] : ['wait_median']
    const stretch = { ...trendPeriod(filters, 'month', meta.held), compare: 'none' as const }
    const earlier = filters.compare === 'none' ? ({ ...filters, compare: 'previous' } as const) : filters
    const [bottlenecks, outcomes, byDistrict, byChannel, series] = await Promise.all([
      data.bottlenecks(db, earlier),
      data.outcomes(db, filters),
      data.kpiBy(db, main, 'district', filters),
      data.kpiBy(db, main, 'channel', filters),
      Promise.all(trends.map((id) => data.kpiSeries(db, id, 'month', { ...filters, ...stretch }))),
    ])
    const promised = mainStandard(service.standards, kpis.period)
    const charts = await Promise.all(series.map((one) => trendChart(composing, one, meta, 170)))
    const label = meta.kpis.find(({ id }) => id === main)?.label ?? main
    const blocks: Block[] = [
      cards(shownCards(kpis.kpis, serviceCards[kind], 7), meta, kpis.compare_period),
      heading('Over time'),
      ...charts.flat(),
      heading('By district'),
      byBlock(byDistrict, `${label} by district, ${formatPeriod(byDistrict.period)}`, 'District'),
      heading('Where people wait longer than before'),
      findingsList(bottlenecks, 5),
      ...stagesBlock(bottlenecks),
      ...(outcomes.closed > 0 ? endedBlocks(outcomes) : []),
    ]
    return contentOf(composing, serviceReport, meta, {
      title: serviceTitle(service, kpis),
      lead: [
        service.means,
        promised ? `Promised: ${standardWords(promised)}.` : 'No service standard is set for it.',
      ]
        .filter((words) => words !== '')
        .join(' '),
      blocks,
      notes: figureNotes,
      ground: kpis,
      tables: [
        apiTable(
          { id: 'kpis', title: 'Key figures', means: 'Every figure of the service.' },
          kpisTable(kpis),
        ),
        apiTable(
          {
            id: 'trend',
            title: 'Over time',
            means: `${formatPeriod(stretch)}, by months, one row a figure and month.`,
          },
          together(series.map(seriesTable)),
        ),
        apiTable(
          { id: 'by-district', title: 'By district', means: `${label} by district.` },
          byTable(byDistrict),
        ),
        apiTable(
          { id: 'by-channel', title: 'By channel', means: `${label} by channel.` },
          byTable(byChannel),
        ),
        apiTable(
          { id: 'findings', title: 'Findings and stages', means: 'What changed for good, then every stage.' },
          bottlenecksTable(bottlenecks),
        ),
        apiTable(
          { id: 'outcomes', title: 'How it ended', means: 'Closed requests by what their end means.' },
          outcomesTable(outcomes),
        ),
      ],
    })
  },
}

const byBlock = ({ rows }: By, caption: string, word: string): Block => ({
  kind: 'table',
  caption,
  columns: columns(
    [word, 2],
    ['Value'],
    ['95% range', 1.4],
    ['Counted'],
    ['Before'],
    ['Change', 1.4, 'start'],
  ),
  rows: rows.map(({ label, value, stat, compare, change }) => [
    label || value || 'Not told',
    cell(stat),
    range(stat),
    formatCount(stat.n),
    cell(compare ?? undefined),
    changeBadge(change.verdict).word,
  ]),
})

const stagesBlock = ({ stages, period }: Bottlenecks): Block[] => {
  const note = atMostWords(stages)
  return stages.length === 0
    ? []
    : [
        heading('Stages'),
        {
          kind: 'table',
          caption: `Waits before the stages, ${formatPeriod(period)}`,
          columns: columns(
            ['Stage', 2.4],
            ['Visits'],
            ['Half within', 1.2],
            ['Nine in ten', 1.2],
            ['Mean'],
            ['Mean before', 1.2],
          ),
          rows: stages.map((row) => [
            row.stage,
            formatCount(row.n),
            atMost(row, formatHours(row.median_hours)),
            atMost(row, formatHours(row.p90_hours)),
            atMost(row, formatHours(row.mean_hours)),
            row.before_mean_hours === null ? '–' : formatHours(row.before_mean_hours),
          ]),
        },
        ...(note ? [text(note)] : []),
      ]
}

const endedBlocks = (outcomes: OutcomesAnswer): Block[] => [
  heading('How it ended'),
  text(`${outcomesTitle(outcomes).replace('How it ended: ', '')}. ${outcomesSummary(outcomes)}`),
  {
    kind: 'table',
    caption: `Closed requests by how they ended, ${formatPeriod(outcomes.period)}`,
    columns: columns(['How it ended', 3], ['Requests'], ['Of all closed'], ['95% range', 1.4], ['Before']),
    rows: outcomes.classes
      .filter(({ cases }) => cases > 0)
      .map(({ label, cases, stat, compare }) => [
        label,
        formatCount(cases),
        formatStat(stat),
        range(stat),
        cell(compare ?? undefined),
      ]),
  },
]
