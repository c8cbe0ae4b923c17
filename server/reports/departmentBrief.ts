import type { Period } from '../../sql/filters.ts'
import type { KpiId } from '../../sql/kpis.ts'
import { reportIds } from '../../sql/reportIds.ts'
import type { Meta } from '../answerTypes.ts'
import { bottlenecksTable, kpisTable, satisfactionTable, seriesTable } from '../tables.ts'
import { changeBadge, overviewCards, shownCards } from '../words/card.ts'
import { trendPeriod } from '../words/days.ts'
import { formatDay, formatPeriod } from '../words/format.ts'
import { provisionalWords } from '../words/provisional.ts'
import { overviewLead } from '../words/services.ts'
import { streamWords } from '../words/streamWords.ts'
import { satisfactionLead, satisfactionTitle } from '../words/titles.ts'
import { overviewTitle, realChanges } from '../words/words.ts'
import { cards, findingsList, heading, text, trendChart } from './blocks.ts'
import { apiTable } from './columns.ts'
import { contentOf, figureNotes } from './compose.ts'
import type { Composing, ReportDefinition } from './content.ts'
import type { Block } from './document.ts'
import { feedsFor } from './feedsFor.ts'
import { readServices, servicesBlock, servicesTable } from './services.ts'

/** So many of each keep the brief within two pages; the tables of the report hold all. */
const most = { cards: 6, changes: 4, findings: 3, services: 6, gaps: 1 }

export const departmentBrief: ReportDefinition = {
  id: 'department-brief',
  ...reportIds['department-brief'],
  async compose(composing) {
    const { db, data, filters } = composing
    const meta = await data.readMeta(db)
    // slower can only be said against an earlier level
    const earlier = filters.compare === 'none' ? ({ ...filters, compare: 'previous' } as const) : filters
    const told = data.kpiAnswer(db, filters)
    const overTime = { ...filters, ...trendPeriod(filters, 'month', meta.held), compare: 'none' } as const
    const [kpis, series, { answers, services }, bottlenecks, satisfaction, sources] = await Promise.all([
      told,
      told.then(({ kpis }) => data.kpiSeries(db, leading(kpis), 'month', overTime)),
      readServices(composing, meta),
      data.bottlenecks(db, earlier),
      data.satisfaction(db, filters),
      sourcesOf(composing, meta),
    ])
    const changes = realChanges(services, meta.kpis)
    const compared = kpis.compare_period
    const blocks: Block[] = [
      cards(shownCards(kpis.kpis, overviewCards, most.cards), meta, compared),
      heading('What really changed'),
      changes.length > 0
        ? {
            kind: 'list',
            items: changes.slice(0, most.changes).map(({ verdict, serviceName, sentence }) => ({
              badge: changeBadge(verdict),
              text: `${serviceName}: ${sentence}.`,
            })),
          }
        : text(compared ? 'Nothing moved by more than chance explains.' : 'No comparison is chosen.'),
      ...(changes.length > most.changes
        ? [
            text(
              `${changes.length - most.changes} more figures really changed: see the tables of this report.`,
            ),
          ]
        : []),
      heading('Where people wait longer than before'),
      findingsList(bottlenecks, most.findings),
      heading('Services'),
      ...servicesBlock(services, kpis.period, most.services),
      heading('Over time'),
      ...(await trendChart(composing, series, meta, 150)),
      heading('Satisfaction'),
      text(
        satisfaction.answered > 0
          ? `${satisfactionTitle(satisfaction)}. ${satisfactionLead(satisfaction)}`
          : `${satisfactionTitle(satisfaction)}.`,
      ),
      heading('How good the data is'),
      text(provisionalWords(kpis.missing, meta.services) || 'All sources are complete for the period.'),
      text([...gapsIn(composing, sources).slice(0, most.gaps), newest(sources)].join(' ')),
    ]
    const findings = bottlenecksTable(bottlenecks)
    return contentOf(composing, departmentBrief, meta, {
      title: overviewTitle(services, kpis, meta),
      lead: overviewLead(services, changes, compared !== null),
      blocks,
      notes: figureNotes.slice(0, 1),
      ground: kpis,
      tables: [
        apiTable(
          { id: 'kpis', title: 'Key figures', means: 'Every figure for the filters.' },
          kpisTable(kpis),
        ),
        servicesTable(answers),
        apiTable(
          { id: 'findings', title: 'Findings and stages', means: 'What changed for good, then every stage.' },
          findings,
        ),
        apiTable(
          { id: 'satisfaction', title: 'Satisfaction', means: 'What people answered.' },
          satisfactionTable(satisfaction),
        ),
        apiTable(
          { id: 'trend', title: 'Over time', means: `${formatPeriod(series.period)}, by months.` },
          seriesTable(series),
        ),
      ],
    })
  },
}

/** The figure whose way over time says most: that of all requests, else that of those who queue. */
const leading = (figures: readonly { id: KpiId; stat: { value: number | null } }[]): KpiId =>
  (['time_to_outcome_all_median', 'time_to_outcome_median', 'wait_median'] as const).find((id) =>
    figures.some((figure) => figure.id === id && figure.stat.value !== null),
  ) ?? 'requests_received'

/** A source of what the brief tells of, with the names of those of its services that are told of. */
type Source = {
  source: string
  stream: string
  names: string[]
  last_time: string | null
  gaps: readonly Period[]
}

async function sourcesOf({ db, data, filters }: Composing, { services }: Meta): Promise<Source[]> {
  const { feeds } = await data.freshness(db)
  const departments = new Map(services.map(({ id, department }) => [id, department]))
  const told = services.filter(({ id }) => feedsFor([{ services: [id] }], departments, filters).length > 0)
  return feedsFor(feeds, departments, filters).map((feed) => ({
    ...feed,
    names: told.filter(({ id }) => feed.services.includes(id)).map(({ name }) => name),
  }))
}

/** Which source was not heard of longest. No clock: the reader sees the day. */
function newest(sources: readonly Source[]): string {
  const [oldest] = [...sources].sort((a, b) => ((a.last_time ?? '') < (b.last_time ?? '') ? -1 : 1))
  if (!oldest) return 'No source has told anything yet.'
  const { source, stream, last_time } = oldest
  const words = `the ${streamWords[stream] ?? stream} of ${source}`
  return last_time
    ? `Every source told of ${formatDay(last_time)} or later; the oldest news are ${words}.`
    : `Nothing came yet of ${words}.`
}

/** Days of the period on which a source told less than usual. */
const gapsIn = ({ filters: { from, until } }: Composing, sources: readonly Source[]): string[] =>
  sources.flatMap(({ stream, names, source, gaps }) =>
    gaps
      .filter((gap) => gap.from < until && gap.until > from)
      .map(
        (gap) =>
          `${names.join(', ') || source}: fewer ${streamWords[stream] ?? stream} than usual came, ${formatPeriod(gap)}.`,
      ),
  )
