import { For, Show } from 'solid-js'
import {
  formatCount,
  formatDuring,
  formatHours,
  formatPeriod,
  formatShare,
} from '../../server/words/format.ts'
import {
  formatDays,
  type Rework,
  reworkSentences,
  type Variant,
  type Variants,
  wayWords,
} from '../../server/words/paths.ts'
import { useAnswer } from '../api.ts'
import { csvOf, useFilters, useMeta } from '../filters.ts'
import { DataTable } from './DataTable.tsx'
import { Empty, Loaded } from './States.tsx'
import { StatusBadge } from './StatusBadge.tsx'
import './paths.css'

const shown = 12

/** A share of 0 to 1 as number and bar. */
function ShareBar(props: { share: number }) {
  return (
    <span class="share-bar">
      {formatShare(props.share)}
      <i style={{ width: `${Math.min(100, props.share * 100)}%` }} aria-hidden="true" />
    </span>
  )
}

const isSame = (a: Variant, b: Variant | null) => b !== null && a.path.join('\n') === b.path.join('\n')

/** The ways cases took from beginning to end, with their share of the cases and of the time. */
export function VariantsOfService(props: { service: string; name: string }) {
  const { api } = useFilters()
  const address = () => api('/variants', { service: [props.service], compare: 'none' })
  const answer = useAnswer<Variants>(() => `${address()}&limit=${shown}`)
  const carried = (data: Variants) => data.variants.reduce((sum, way) => sum + way.share_of_cases, 0)
  return (
    <section class="section" aria-labelledby="variants">
      <h2 id="variants">The ways cases took through {props.name.toLowerCase()}</h2>
      <Loaded answer={answer} what="The ways of the cases" height={500}>
        {(data) => (
          <Show
            when={data().variants.length > 0}
            fallback={<Empty title={`No case had its last step ${formatDuring(data().period)}.`} />}
          >
            <p class="muted prose">
              {formatCount(data().cases)} cases had their last step {formatDuring(data().period)}; they took{' '}
              {data().total === 1 ? 'one way' : `${formatCount(data().total)} different ways`}.
              {data().total > data().variants.length
                ? ` The ${data().variants.length} most frequent ones carry ${formatShare(carried(data()))} of the cases.`
                : ''}
              {data().open_cases > 0 && data().open_cases < data().cases
                ? ` ${formatCount(data().open_cases)} of the cases are still open: their way may go on.`
                : ''}
            </p>
            <DataTable
              caption={`Ways through ${props.name}, ${formatPeriod(data().period)}`}
              hideCaption
              rows={data().variants}
              columns={[
                {
                  label: 'Way',
                  cell: (way) => (
                    <span class="way">
                      <Show when={isSame(way, data().happy_path)}>
                        <StatusBadge status="on" word="Happy path" />{' '}
                      </Show>
                      {wayWords(way.path)}
                    </span>
                  ),
                },
                { label: 'Steps', number: true, cell: (way) => way.steps, sort: (way) => way.steps },
                {
                  label: 'Cases',
                  number: true,
                  cell: (way) => formatCount(way.cases),
                  sort: (way) => way.cases,
                },
                {
                  label: 'Still open',
                  number: true,
                  cell: (way) => formatCount(way.open_cases),
                  sort: (way) => way.open_cases,
                },
                {
                  label: 'Of all cases',
                  cell: (way) => <ShareBar share={way.share_of_cases} />,
                  sort: (way) => way.share_of_cases,
                },
                {
                  label: 'Of all time',
                  cell: (way) => <ShareBar share={way.share_of_hours} />,
                  sort: (way) => way.share_of_hours,
                },
                {
                  label: 'Half within',
                  number: true,
                  cell: (way) => formatHours(way.median_s / 3600),
                  sort: (way) => way.median_s,
                },
                {
                  label: 'Nine in ten within',
                  number: true,
                  cell: (way) => formatHours(way.p90_s / 3600),
                  sort: (way) => way.p90_s,
                },
              ]}
            />
            <p class="controls">
              <a
                class="button"
                href={csvOf(address())}
                download={`clearway-variants-${props.service}.csv`}
                target="_self"
              >
                Download all ways as CSV
              </a>
            </p>
          </Show>
        )}
      </Loaded>
    </section>
  )
}

/** What is done again and the days it costs: activities visited again, cases sent to and fro between teams. */
export function ReworkOfService(props: { service: string; name: string }) {
  const { api } = useFilters()
  const address = () => api('/rework', { service: [props.service], compare: 'none' })
  const answer = useAnswer<Rework>(address)
  const meta = useMeta()
  const teamName = (id: string) => meta()?.teams.find((team) => team.id === id)?.name ?? id
  return (
    <section class="section" aria-labelledby="rework">
      <h2 id="rework">What is done again in {props.name.toLowerCase()}</h2>
      <Loaded answer={answer} what="What is done again" height={300}>
        {(data) => (
          <Show
            when={data().loops.length > 0 || data().ping_pong.pairs.length > 0}
            fallback={
              <p class="prose">No case came back to an activity or a team {formatDuring(data().period)}.</p>
            }
          >
            <ul class="again">
              <For each={reworkSentences(data(), teamName)}>{(sentence) => <li>{sentence}</li>}</For>
            </ul>
            <p class="muted prose">
              {formatCount(data().rework_cases)} of {formatCount(data().cases)} cases (
              {formatShare(data().share_of_cases)}) had an activity done again {formatDuring(data().period)}.
              Days are calendar days of all these cases together: the time from the step before to the end of
              each second or later visit.
            </p>
            <Show when={data().loops.length > 0}>
              <DataTable
                caption={`Activities done again, ${props.name}, ${formatPeriod(data().period)}`}
                rows={data().loops}
                columns={[
                  { label: 'Activity', cell: (loop) => loop.activity, sort: (loop) => loop.activity },
                  {
                    label: 'Cases that came back',
                    number: true,
                    cell: (loop) => formatCount(loop.cases),
                    sort: (loop) => loop.cases,
                  },
                  {
                    label: 'Of all cases',
                    cell: (loop) => <ShareBar share={loop.share_of_cases} />,
                    sort: (loop) => loop.share_of_cases,
                  },
                  {
                    label: 'Extra visits',
                    number: true,
                    cell: (loop) => formatCount(loop.extra_visits),
                    sort: (loop) => loop.extra_visits,
                  },
                  {
                    label: 'Straight after itself',
                    number: true,
                    cell: (loop) => formatCount(loop.self_loops),
                    sort: (loop) => loop.self_loops,
                  },
                  {
                    label: 'An extra visit: half within',
                    number: true,
                    cell: (loop) => formatHours(loop.median_s / 3600),
                    sort: (loop) => loop.median_s,
                  },
                  {
                    label: 'In all',
                    number: true,
                    cell: (loop) => formatDays(loop.extra_days),
                    sort: (loop) => loop.extra_days,
                  },
                ]}
              />
            </Show>
            <Show when={data().ping_pong.pairs.length > 0}>
              <DataTable
                caption={`Cases sent from a team to another one and straight back, ${props.name}, ${formatPeriod(data().period)}`}
                rows={data().ping_pong.pairs}
                columns={[
                  {
                    label: 'Came back to',
                    cell: (pair) => teamName(pair.team),
                    sort: (pair) => teamName(pair.team),
                  },
                  { label: 'From', cell: (pair) => teamName(pair.via), sort: (pair) => teamName(pair.via) },
                  {
                    label: 'Cases',
                    number: true,
                    cell: (pair) => formatCount(pair.cases),
                    sort: (pair) => pair.cases,
                  },
                  {
                    label: 'Times',
                    number: true,
                    cell: (pair) => formatCount(pair.times),
                    sort: (pair) => pair.times,
                  },
                  {
                    label: 'Days there again',
                    number: true,
                    cell: (pair) => formatDays(pair.extra_days),
                    sort: (pair) => pair.extra_days,
                  },
                ]}
              />
            </Show>
            <p class="controls">
              <a
                class="button"
                href={csvOf(address())}
                download={`clearway-rework-${props.service}.csv`}
                target="_self"
              >
                Download as CSV
              </a>
            </p>
          </Show>
        )}
      </Loaded>
    </section>
  )
}
