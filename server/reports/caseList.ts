import { reportIds } from '../../sql/reportIds.ts'
import { formatCount, formatDuring, formatHours, formatMoment } from '../words/format.ts'
import { columns, text } from './blocks.ts'
import { caseColumns } from './columns.ts'
import { contentOf } from './compose.ts'
import type { Composing, ReportDefinition } from './content.ts'
import type { Block } from './document.ts'
import { ReportError } from './reportError.ts'

/** So many rows are a list people read on paper; more are for programs. */
const mostOnPaper = 5_000

export const caseList: ReportDefinition = {
  id: 'case-list',
  ...reportIds['case-list'],
  async compose(composing) {
    const { db, data, filters, format } = composing
    const choice = choiceOf(composing.options)
    const meta = await data.readMeta(db)
    const { query, params, ...ground } = await data.selectCases(db, filters, choice)
    const { total_cases } = await data.listCases(db, filters, choice, { limit: 1 })
    const onPaper = format === 'pdf' || format === 'html'
    if (onPaper && total_cases > mostOnPaper)
      throw new ReportError(
        `The list has ${formatCount(total_cases)} cases, and on paper there is room for ${formatCount(mostOnPaper)}: choose XLSX or CSV, a shorter period or fewer filters.`,
      )
    const state = { all: 'under way', open: 'open', closed: 'closed', late: 'late' }[choice.state]
    const what =
      choice.stage === ''
        ? state
        : `that left ${choice.also ? 'or stood at ' : ''}${choice.stage}${choice.state === 'all' ? '' : `, ${state}`}`
    return contentOf(composing, caseList, meta, {
      title: `${formatCount(total_cases)} ${total_cases === 1 ? 'case' : 'cases'} ${what} ${formatDuring(filters)}`,
      lead: 'Each case as it stood at the end of the period. Ids of cases can lead to people: hand them on only to those who may see them.',
      blocks: onPaper ? [await listed(composing, choice)] : [text('The cases are in the file.')],
      notes: ['Times are UTC. Hours are calendar hours.'],
      ground,
      tables: [
        {
          id: 'cases',
          title: 'Cases',
          means: 'One row a case, as it stood at the end of the period.',
          columns: caseColumns,
          select: { query, params },
        },
      ],
    })
  },
}

type Choice = Parameters<Composing['data']['selectCases']>[2]

/** What stands in the options was checked when the report was asked for. */
const choiceOf = ({ stage = '', also, state = 'all', sort = 'wait' }: Composing['options']) =>
  ({ stage, also, from_stage: '', value: '', state, sort }) as Choice

/** All of the list as a table to read. */
async function listed({ db, data, filters }: Composing, choice: Choice): Promise<Block> {
  const { jurisdiction, services } = await data.readMeta(db)
  const moment = (at: string | null) => (at === null ? '–' : formatMoment(at, jurisdiction.time_zone))
  const rows: string[][] = []
  for await (const cases of data.streamCases(db, filters, choice, new AbortController().signal))
    for (const one of cases)
      rows.push([
        one.case_id,
        services.find(({ id }) => id === one.service)?.name ?? one.service,
        one.state,
        moment(one.started_at),
        moment(one.closed_at),
        one.current_stage,
        formatHours(one.hours),
        one.late_by_hours === null ? '–' : formatHours(one.late_by_hours),
      ])
  return {
    kind: 'table',
    caption: 'Cases',
    columns: columns(
      ['Case', 1.6],
      ['Service', 1.6, 'start'],
      ['State', 0.8, 'start'],
      ['Began', 1.5, 'start'],
      ['Closed', 1.5, 'start'],
      ['Last activity', 1.6, 'start'],
      ['Time', 1],
      ['Late by', 1],
    ),
    rows,
  }
}
