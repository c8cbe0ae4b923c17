import { type JSX, Show } from 'solid-js'
import { keptPromise, type ServiceStatus, standardWords } from '../../server/words/words.ts'
import type { KpiId } from '../../sql/kpis.ts'
import { useFilters } from '../filters.ts'
import { type Column, DataTable } from './DataTable.tsx'
import { StatText } from './StatText.tsx'
import { StatusBadge } from './StatusBadge.tsx'

const word = (one: ServiceStatus) =>
  one.target === null ? 'No target' : one.status === 'none' ? 'Not measured' : undefined

/** Every service in one line, with the way to its page. */
export function ServiceTable(props: { services: ServiceStatus[]; caption: string }) {
  const { page } = useFilters()
  const figure = (label: string, id: KpiId, counted?: string): Column<ServiceStatus> => ({
    label,
    number: true,
    cell: (one): JSX.Element => <StatText stat={one.rows[id]?.stat} {...(counted && { counted })} />,
    sort: (one) => one.rows[id]?.stat.value ?? null,
  })
  return (
    <>
      <DataTable
        caption={props.caption}
        rows={props.services}
        columns={[
          {
            label: 'Service',
            cell: (one) => (
              <a href={page(`/services/${one.service.id}`, { service: [] })}>{one.service.name}</a>
            ),
            sort: (one) => one.service.name,
          },
          {
            label: 'Against its promise',
            cell: (one) => (
              <>
                <StatusBadge status={one.status} word={word(one)} />
                <Show when={one.standard}>
                  {(standard) => <span class="muted nowrap">{standardWords(standard())}</span>}
                </Show>
              </>
            ),
            sort: (one) => ['off', 'near', 'on', 'none'].indexOf(one.status),
          },
          {
            label: 'On time',
            number: true,
            cell: (one) => <StatText stat={keptPromise(one)?.row.stat} />,
            sort: (one) => keptPromise(one)?.row.stat.value ?? null,
          },
          figure('Typical time', 'time_to_outcome_median'),
          figure('Typical wait', 'wait_median'),
          figure('Received', 'requests_received'),
          figure('Closed', 'requests_closed'),
          figure('Open', 'backlog'),
          figure('Satisfied', 'satisfied_share', 'answers'),
        ]}
      />
      <p class="muted">
        – does not apply: a service has either requests with an outcome or waits in a queue. On time counts
        requests and waits with a promise only.
      </p>
    </>
  )
}
