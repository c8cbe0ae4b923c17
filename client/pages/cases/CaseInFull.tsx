import { useSearchParams } from '@solidjs/router'
import { For, Show } from 'solid-js'
import { formatHours, formatMoment } from '../../../server/words/format.ts'
import { type CaseInFull as CaseAnswer, useAnswer } from '../../api.ts'
import { type CaseSearch, caseKeys, casesPath } from '../../cases.ts'
import { DataTable } from '../../components/DataTable.tsx'
import { PageHead } from '../../components/PageHead.tsx'
import { Loaded } from '../../components/States.tsx'
import { useFilters, useMeta } from '../../filters.ts'
import { Timeline } from './Timeline.tsx'

const events = {
  start: 'The clock starts',
  pause: 'The clock stops for a while',
  resume: 'The clock goes on',
  stop: 'The clock ends',
} as const

/** One case: where its time went. */
export function CaseInFull(props: { source: string; id: string }) {
  const { page } = useFilters()
  const [search] = useSearchParams<Record<string, string>>()
  const back = () => {
    const choice: CaseSearch = {}
    for (const key of caseKeys) if (search[key] !== undefined) choice[key] = search[key]
    return casesPath(page, choice)
  }
  const answer = useAnswer<CaseAnswer>(
    () => `/api/v1/cases/${encodeURIComponent(props.source)}/${encodeURIComponent(props.id)}`,
  )
  const title = () => {
    const data = answer.data()
    if (!data) return props.id
    return data.closed_at
      ? `Case ${props.id} took ${formatHours(data.hours)}`
      : `Case ${props.id} has been open for ${formatHours(data.hours)}`
  }
  return (
    <>
      <a class="crumb" href={back()}>
        All cases behind the number
      </a>
      <PageHead name={`Case ${props.id}`} title={title()} answer>
        {answer.data()?.sentence}
      </PageHead>
      <Loaded answer={answer} what="The case" height={700}>
        {(data) => <Parts one={data()} />}
      </Loaded>
    </>
  )
}

function Parts(props: { one: CaseAnswer }) {
  const meta = useMeta()
  const zone = () => meta()?.jurisdiction.time_zone ?? 'UTC'
  const moment = (iso: string | null) => (iso ? formatMoment(iso, zone()) : '–')
  const name = (list: readonly { id: string; name: string }[] | undefined, id: string) =>
    list?.find((one) => one.id === id)?.name ?? id
  const facts = (): [string, string][] =>
    (
      [
        ['Service', props.one.service_name],
        ['Kind', props.one.subtype],
        ['District', name(meta()?.districts, props.one.district)],
        ['Channel', name(meta()?.channels, props.one.channel)],
        ['Team', props.one.team],
        ['Began', moment(props.one.started_at)],
        [
          'Ended',
          props.one.closed_at ? moment(props.one.closed_at) : `open, last: ${props.one.current_stage}`,
        ],
        ['Outcome', props.one.outcome],
        ['Due', props.one.due_at ? moment(props.one.due_at) : 'nothing was promised'],
        [
          'Due with pauses',
          props.one.extended_due_at !== props.one.due_at ? moment(props.one.extended_due_at) : '',
        ],
        ['Source', props.one.source],
      ] as [string, string][]
    ).filter(([, value]) => value !== '')
  const duration = (hours: number | null) =>
    hours === null ? 'not told apart' : hours === 0 ? '–' : formatHours(hours)
  return (
    <>
      <dl class="facts">
        <For each={facts()}>
          {([label, value]) => (
            <>
              <dt>{label}</dt>
              <dd>{value}</dd>
            </>
          )}
        </For>
      </dl>
      <Timeline one={props.one} moment={moment} />
      <section class="section" aria-labelledby="visits">
        <h2 id="visits">Step by step</h2>
        <DataTable
          caption="The visits of the case to its stages"
          hideCaption
          rows={props.one.visits}
          columns={[
            {
              label: 'Stage',
              cell: (visit) => `${visit.stage}${visit.repetition > 1 ? ` (time ${visit.repetition})` : ''}`,
            },
            {
              label: 'The step before ended',
              cell: (visit) => <span class="nowrap">{moment(visit.entered_at)}</span>,
            },
            { label: 'Work began', cell: (visit) => <span class="nowrap">{moment(visit.started_at)}</span> },
            { label: 'Ended', cell: (visit) => <span class="nowrap">{moment(visit.left_at)}</span> },
            { label: 'Waited', number: true, cell: (visit) => duration(visit.wait_hours) },
            { label: 'Worked on', number: true, cell: (visit) => duration(visit.touch_hours) },
            { label: 'Clock stood still', number: true, cell: (visit) => duration(visit.paused_hours) },
            { label: 'Team', cell: (visit) => visit.team || '–' },
          ]}
        />
      </section>
      <Show when={props.one.clock.length > 0}>
        <section class="section" aria-labelledby="clock">
          <h2 id="clock">What moved its clock</h2>
          <DataTable
            caption="Events of the clock"
            hideCaption
            rows={props.one.clock}
            columns={[
              { label: 'When', cell: (event) => <span class="nowrap">{moment(event.time)}</span> },
              { label: 'What', cell: (event) => events[event.event] },
              { label: 'At', cell: (event) => event.stage },
              { label: 'Reason', cell: (event) => event.reason || '–' },
            ]}
          />
          <p class="muted">A reason that fewer than five cases share may name a person and is not shown.</p>
        </section>
      </Show>
    </>
  )
}
