import type { Period } from '../../sql/filters.ts'
import type { By, Meta } from '../answerTypes.ts'
import { byTable } from '../tables.ts'
import { formatPeriod } from '../words/format.ts'
import { figuresOfServices, sideBySide } from '../words/services.ts'
import { keptPromise, type ServiceStatus, standardWords, statusWords, withStatus } from '../words/words.ts'
import { cell, columns } from './blocks.ts'
import { apiTable } from './columns.ts'
import type { Composing } from './content.ts'
import type { Block } from './document.ts'

/** All services side by side, as the overview has them. */
export async function readServices({ db, data, filters }: Composing, meta: Meta) {
  const answers = await Promise.all(
    sideBySide.map(async (id) => [id, await data.kpiBy(db, id, 'service', filters)] as const),
  )
  return { answers, services: withStatus(figuresOfServices(meta.services, answers), filters) }
}

/** The figures of the services as one table, figure by figure. */
export const servicesTable = (answers: readonly (readonly [string, By])[]) =>
  apiTable(
    { id: 'services', title: 'Services', means: 'Key figures by service, one row a figure and service.' },
    together(answers.map(([, answer]) => byTable(answer))),
  )

/** Tables of the same columns, one below the other. */
export const together = (tables: readonly ReturnType<typeof byTable>[]) => ({
  columns: tables[0]?.columns ?? [],
  rows: tables.flatMap(({ rows }) => rows),
})

const order = ['off', 'near', 'on', 'none']
const words = ({ target, status }: ServiceStatus) =>
  target === null ? 'No target' : status === 'none' ? 'Not measured' : statusWords[status]

/** Services in one line each, those short of their promise first. */
export function servicesBlock(services: readonly ServiceStatus[], period: Period, most: number): Block[] {
  const sorted = [...services].sort((a, b) => order.indexOf(a.status) - order.indexOf(b.status))
  const left = sorted.length - most
  return [
    {
      kind: 'table',
      caption: `Services, ${formatPeriod(period)}`,
      columns: columns(
        ['Service', 2.2],
        ['Against its promise', 2.1, 'start'],
        ['On time'],
        ['Typical time', 1.5],
        ['Received'],
        ['Closed'],
        ['Open'],
        ['Satisfied'],
      ),
      rows: sorted
        .slice(0, most)
        .map((one) => [
          one.service.name,
          [words(one), one.standard ? standardWords(one.standard) : '']
            .filter((part) => part !== '')
            .join(': '),
          cell(keptPromise(one)?.row.stat),
          cell(
            one.rows.time_to_outcome_median?.stat.value == null && one.rows.wait_median
              ? one.rows.wait_median.stat
              : one.rows.time_to_outcome_median?.stat,
          ),
          cell(one.rows.requests_received?.stat),
          cell(one.rows.requests_closed?.stat),
          cell(one.rows.backlog?.stat),
          cell(one.rows.satisfied_share?.stat),
        ]),
    },
    ...(left > 0
      ? [{ kind: 'text', text: `${left} more services stand in the tables of this report.` } as const]
      : []),
  ]
}
