import { Show } from 'solid-js'
import type { CalendarEntry, Site } from '../../../server/releases/published.ts'
import { Table } from '../../components/Table.tsx'
import { Page, sitePath } from '../Page.tsx'
import { formatMinute, periodWords } from '../words.ts'
import { placeOf } from './place.ts'

const stateWords = {
  planned: 'Planned',
  late: 'Late',
  published: 'Published',
  cancelled: 'Called off',
} as const

/** When figures come out, to the minute. */
export function Calendar(props: { site: Site }) {
  const zone = () => props.site.jurisdiction.time_zone
  const planned = () => props.site.calendar.filter(({ state }) => state === 'planned')
  const past = () => props.site.calendar.filter(({ state }) => state !== 'planned').reverse()
  const title = () => {
    const [next] = planned()
    return next
      ? `The next figures come on ${formatMinute(next.at, zone())}`
      : 'No release is planned at the moment'
  }
  return (
    <Page
      place={placeOf(props.site, 'calendar.html')}
      title={title()}
      description={`When ${props.site.jurisdiction.name} publishes service figures: exact days and times.`}
    >
      <div class="page-head">
        <h1>{title()}</h1>
        <p class="lede">
          Everybody gets the figures at the same minute. Times are those of {zone()}. If we move a date, we
          say why.
        </p>
      </div>
      <Show when={planned().length > 0}>
        <Entries id="planned" caption="Planned releases" entries={planned()} zone={zone()} />
      </Show>
      <Show when={past().length > 0}>
        <Entries id="past" caption="Earlier dates" entries={past()} zone={zone()} />
      </Show>
      <p>
        <a href={`${sitePath(props.site)}releases.ics`}>Put these dates in your own calendar (iCalendar)</a>
      </p>
    </Page>
  )
}

function Entries(props: { id: string; caption: string; entries: CalendarEntry[]; zone: string }) {
  return (
    <section class="section">
      <Table
        id={props.id}
        caption={props.caption}
        heads={[{ label: 'Figures for' }, { label: 'Day and time' }, { label: 'State' }, { label: 'Notes' }]}
        rows={props.entries}
        cell={({ month, at, state, reason, sequence }, column) => {
          if (column === 0) return <span class="nowrap">{periodWords(month)}</span>
          if (column === 1) return <time datetime={at}>{formatMinute(at, props.zone)}</time>
          if (column === 2) return stateWords[state]
          const moved = sequence > 0 && state !== 'cancelled' ? 'The date was moved.' : ''
          const note = [moved, reason].join(' ').trim()
          return note ? <span class="reason">{note}</span> : '–'
        }}
      />
    </section>
  )
}
