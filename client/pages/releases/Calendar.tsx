import { Show } from 'solid-js'
import { formatMoment } from '../../../server/words/format.ts'
import type { Releases } from '../../api.ts'
import { DataTable } from '../../components/DataTable.tsx'

const states: Record<Releases['calendar'][number]['state'], string> = {
  planned: 'Planned',
  late: 'Late',
  published: 'Public',
  cancelled: 'Cancelled',
}

/** What is to come and when; everybody sees the same dates. */
export function Calendar(props: { calendar: Releases['calendar']; zone: string }) {
  const changes = (sequence: number) =>
    sequence === 0 ? '' : sequence === 1 ? 'Changed once' : `Changed ${sequence} times`
  return (
    <section class="section" aria-labelledby="calendar">
      <h2 id="calendar">Release calendar</h2>
      <Show
        when={props.calendar.length > 0}
        fallback={
          <p class="prose">
            No date is announced. Declare dates under <code>publication.calendar</code> in{' '}
            <code>clearway.config.json</code>, best for twelve months, and start the server again.
          </p>
        }
      >
        <DataTable
          caption="Dates of releases"
          hideCaption
          rows={props.calendar}
          columns={[
            { label: 'Release', cell: ({ title }) => title, sort: ({ month }) => month },
            { label: 'When', cell: ({ at }) => formatMoment(at, props.zone), sort: ({ at }) => at },
            { label: 'State', cell: ({ state }) => states[state] },
            { label: 'Why', cell: ({ reason, sequence }) => reason || changes(sequence) },
          ]}
        />
      </Show>
    </section>
  )
}
