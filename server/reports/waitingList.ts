import type { KpiId } from '../../sql/kpis.ts'
import { reportIds } from '../../sql/reportIds.ts'
import type { FlowAnswer } from '../answerTypes.ts'
import { byTable, flowTable, kpisTable } from '../tables.ts'
import { addDays } from '../words/days.ts'
import { formatCount, formatDay, formatPeriod, formatStat } from '../words/format.ts'
import { kindOf } from '../words/titles.ts'
import { cards, cell, columns, heading, text } from './blocks.ts'
import { apiTable } from './columns.ts'
import { contentOf } from './compose.ts'
import type { ReportDefinition } from './content.ts'
import type { Block } from './document.ts'
import { together } from './services.ts'

const asked = ['backlog', 'backlog_age_median', 'backlog_age_p90', 'overdue_share'] as const satisfies KpiId[]

export const waitingList: ReportDefinition = {
  id: 'waiting-list',
  ...reportIds['waiting-list'],
  async compose(composing) {
    const { db, data, filters } = composing
    const meta = await data.readMeta(db)
    const [kpis, all, ...answers] = await Promise.all([
      data.kpiAnswer(db, filters),
      data.flow(db, 'month', '', filters),
      ...asked.map((id) => data.kpiBy(db, id, 'service', filters)),
    ])
    const [open, median, p90, overdue] = answers
    const waiting = meta.services.filter(
      (service) => kindOf(service) === 'cases' && open?.rows.some(({ value }) => value === service.id),
    )
    const flows = await Promise.all(
      waiting.map(async (service) => ({
        service,
        flow: await data.flow(db, 'month', '', { ...filters, service: [service.id] }),
      })),
    )
    const figure = (id: KpiId) => kpis.kpis.find((one) => one.id === id)
    const last = addDays(filters.until, -1)
    const overdueStat = figure('overdue_share')?.stat
    const of = (answer: typeof open, id: string) => answer?.rows.find(({ value }) => value === id)?.stat
    const lines: [name: string, id: string | null, flow: FlowAnswer][] = [
      ...flows.map(({ service, flow }): [string, string, FlowAnswer] => [service.name, service.id, flow]),
      ['All', null, all],
    ]
    const ended = (flow: FlowAnswer) => flow.cases.points.slice(-1)
    const blocks: Block[] = [
      cards(
        asked.flatMap((id) => figure(id) ?? []).filter(({ stat }) => stat.status !== 'not_collected'),
        meta,
        kpis.compare_period,
      ),
      heading('By service'),
      {
        kind: 'table',
        caption: `Open at the end of ${formatDay(last)}`,
        columns: columns(
          ['Service', 2.4],
          ['Open'],
          ['Half wait at least', 1.3],
          ['One in ten at least', 1.3],
          ['Overdue'],
        ),
        rows: lines.map(([name, id]) => [
          name,
          ...asked.map((one, at) =>
            cell(id === null ? figure(one)?.stat : of([open, median, p90, overdue][at], id)),
          ),
        ]),
      },
      heading('By age'),
      {
        kind: 'table',
        caption: `Open requests by how long they are open, end of ${formatDay(last)}`,
        columns: columns(
          ['Service', 2.4],
          ['Under 7 days'],
          ['7 to 30'],
          ['30 to 90'],
          ['90 or more'],
          ['Oldest, days'],
        ),
        rows: lines.flatMap(([name, , flow]) =>
          ended(flow).map(({ age }) => [
            name,
            ...age.by_days.map(formatCount),
            age.oldest_days === null ? '–' : formatCount(age.oldest_days),
          ]),
        ),
      },
      heading('Against what was promised'),
      {
        kind: 'table',
        caption: `Open requests by their promise, end of ${formatDay(last)}`,
        columns: columns(
          ['Service', 2.4],
          ['Within it'],
          ['Overdue'],
          ['More than twice over', 1.4],
          ['No promise'],
        ),
        rows: lines.flatMap(([name, , flow]) =>
          ended(flow).map(({ by_standard: { within, over, twice, unpromised } }) => [
            name,
            ...[within, over, twice, unpromised].map(formatCount),
          ]),
        ),
      },
      text('Overdue in the last table means up to twice the time that was promised.'),
    ]
    const backlog = figure('backlog')?.stat
    return contentOf(composing, waitingList, meta, {
      title: backlog
        ? `${formatStat(backlog)} requests are open at the end of ${formatDay(last)}${
            overdueStat?.status === 'ok'
              ? `; ${formatStat(overdueStat)} of those with a promise are overdue`
              : ''
          }`
        : `Nothing is known of open requests at the end of ${formatDay(last)}`,
      lead: `${formatCount(all.cases.arrivals)} came and ${formatCount(all.cases.departures)} went in ${formatPeriod(all.period)}: the waiting list is ${all.cases.growing ? 'growing' : 'not growing'}.`,
      blocks,
      notes: [
        'Ages are calendar days from the day a request came in.',
        'Only counts are told: no row is about a single person.',
      ],
      ground: kpis,
      tables: [
        apiTable(
          {
            id: 'services',
            title: 'By service',
            means: 'Open requests, their ages and the share overdue, by service.',
          },
          together(answers.map(byTable)),
        ),
        apiTable(
          {
            id: 'ages',
            title: 'By age and promise',
            means:
              'The last bucket of the flow: one row a service; the row without a service is all of them.',
          },
          together(
            lines.map(([, id, flow]) => {
              const { columns: names, rows } = flowTable({ cases: { points: ended(flow) }, stages: [] })
              return { columns: names, rows: rows.map(([, ...rest]) => [id, ...rest]) }
            }),
          ),
        ),
        apiTable(
          { id: 'kpis', title: 'Key figures', means: 'Every figure for the filters.' },
          kpisTable(kpis),
        ),
      ],
    })
  },
}
