import type { KpiId } from '../../sql/kpis.ts'
import type { By, Meta } from '../answerTypes.ts'
import { andList, type RealChange, type ServiceFigures, type ServiceStatus } from './words.ts'

/** The figures services stand side by side with. */
export const sideBySide = [
  'requests_received',
  'requests_closed',
  'backlog',
  'time_to_outcome_median',
  'on_time_rate',
  'wait_in_time_rate',
  'wait_median',
  'satisfied_share',
] as const satisfies KpiId[]

/** The figures of every service, of one answer by service for each KPI; an answer may still be on its way. */
export const figuresOfServices = (
  services: Meta['services'],
  answers: readonly (readonly [KpiId, Pick<By, 'rows'> | undefined])[],
): ServiceFigures[] =>
  services.flatMap((service) => {
    const rows: ServiceFigures['rows'] = {}
    for (const [id, answer] of answers) {
      const row = answer?.rows.find(({ value }) => value === service.id)
      if (row) rows[id] = row
    }
    return Object.keys(rows).length > 0 ? [{ service, rows }] : []
  })

/** Below the title of the overview: who kept a promise, who did not, and how much really changed. */
export function overviewLead(
  services: readonly ServiceStatus[],
  changes: readonly RealChange[],
  compared: boolean,
): string {
  const met = services.filter(({ status }) => status === 'on').length
  const missed = services.filter(({ status }) => status === 'off' || status === 'near')
  const promised = met + missed.length
  const short =
    missed.length > 0 ? `; short of it: ${andList(missed.map(({ service }) => service.name))}` : ''
  return [
    promised > 0
      ? `${met} of ${promised} ${promised === 1 ? 'service' : 'services'} with a promise kept it${short}.`
      : '',
    changes.length > 0
      ? `${changes.length} ${changes.length === 1 ? 'figure' : 'figures'} really changed.`
      : compared
        ? 'No figure changed by more than chance explains.'
        : '',
  ]
    .filter((words) => words !== '')
    .join(' ')
}
