import { useSearchParams } from '@solidjs/router'
import { createMemo, createSignal, For, Show } from 'solid-js'
import type { Filters } from '../../sql/filters.ts'
import {
  type Bottlenecks as BottlenecksAnswer,
  type Finding,
  type ProcessMapAnswer,
  useAnswer,
} from '../api.ts'
import { busiest } from '../charts/processMap.ts'
import { DataTable } from '../components/DataTable.tsx'
import { Figure } from '../components/Figure.tsx'
import { FilterBar } from '../components/FilterBar.tsx'
import { NeedsData } from '../components/NeedsData.tsx'
import { PageHead } from '../components/PageHead.tsx'
import { ProcessMap } from '../components/ProcessMap.tsx'
import { Empty, Loaded } from '../components/States.tsx'
import { StatusBadge } from '../components/StatusBadge.tsx'
import { csvOf, useFilters, useMeta } from '../filters.ts'
import {
  formatCount,
  formatDuring,
  formatExtraHours,
  formatHours,
  formatPeriod,
  formatPersonHours,
  formatShare,
  withDays,
} from '../format.ts'
import { sourceLine } from '../source.ts'

export default function Bottlenecks() {
  return (
    <NeedsData>
      <Page />
    </NeedsData>
  )
}

function Page() {
  const { api, filters, period } = useFilters()
  const answer = useAnswer<BottlenecksAnswer>(() => api('/bottlenecks', earlier(filters())))
  const serviceName = useServiceName()
  const title = createMemo(() => {
    const data = answer.data()
    if (!data) return undefined
    const top = data.findings[0]
    if (data.stages.length === 0) return `No stages to compare ${formatDuring(period())}`
    if (!top) return `No wait got longer by more than chance ${formatDuring(period())}`
    return `${serviceName(top.service)}: ${top.stage ?? 'the queue'} cost ${formatPersonHours(top.extra_hours)} more than before`
  })
  return (
    <>
      <PageHead name="Bottlenecks" title={title()} answer>
        Where people waited longer than they used to, ranked by the hours it cost them{' '}
        {formatDuring(period())}.
      </PageHead>
      <FilterBar />
      <Loaded answer={answer} what="The bottlenecks" height={700}>
        {(data) => (
          <>
            <section aria-labelledby="findings">
              <h2 id="findings" class="visually-hidden">
                Findings
              </h2>
              <Show
                when={data().findings.length > 0}
                fallback={
                  <Empty title="Nothing stands out.">
                    <p>
                      {data().stages.length === 0
                        ? 'Stages belong to requests with several steps. Queues and buses have none: their waits are on the pages of the services.'
                        : 'No stage was slower than its earlier level by more than chance. The table shows all of them.'}
                    </p>
                  </Empty>
                }
              >
                <ol class="findings">
                  <For each={data().findings}>{(finding) => <FindingItem finding={finding} />}</For>
                </ol>
              </Show>
            </section>
            <Show when={data().stages.length > 0}>
              <Stages data={data()} />
            </Show>
          </>
        )}
      </Loaded>
      <MapOfService suggestion={answer.data()?.findings.find(({ stage }) => stage)?.service} />
    </>
  )
}

/** Slower can only be said against an earlier level: without a comparison there would be nothing to find. */
export const earlier = (filters: Filters) =>
  filters.compare === 'none' ? ({ compare: 'previous' } as const) : {}

function useServiceName() {
  const meta = useMeta()
  return (id: string) => meta()?.services.find((service) => service.id === id)?.name ?? id
}

const stagePath = (stage: string) => `/stages/${encodeURIComponent(stage)}`

function FindingItem(props: { finding: Finding }) {
  const { page } = useFilters()
  const serviceName = useServiceName()
  return (
    <li>
      <span class="rank">{props.finding.rank}</span>
      <div>
        <h3>
          {props.finding.stage ?? 'The queue'} in {serviceName(props.finding.service).toLowerCase()}:{' '}
          {formatPersonHours(props.finding.extra_hours)} more
        </h3>
        <p>{withDays(props.finding.sentence)}</p>
        <p class="muted">
          {formatHours(props.finding.extra_hours_per_case)} more for each of{' '}
          {formatCount(props.finding.cases)} visits.
        </p>
        <p>
          <Show
            when={props.finding.stage}
            fallback={
              <a href={page(`/services/${props.finding.service}`, { service: [] })}>
                Look at {serviceName(props.finding.service)}
              </a>
            }
          >
            {(stage) => (
              <a href={page(stagePath(stage()), { service: [props.finding.service] })}>
                Look at {stage()} in {serviceName(props.finding.service)}
              </a>
            )}
          </Show>
        </p>
      </div>
    </li>
  )
}

function Stages(props: { data: BottlenecksAnswer }) {
  const { page } = useFilters()
  const serviceName = useServiceName()
  return (
    <section class="section" aria-labelledby="stages">
      <h2 id="stages">All stages</h2>
      <p class="muted">
        How long cases waited before each stage. Extra hours are measured against the earlier level of the
        same stage.
      </p>
      <DataTable
        caption={`Waits before each stage, ${formatPeriod(props.data.period)}`}
        hideCaption
        rows={props.data.stages}
        columns={[
          {
            label: 'Stage',
            cell: (row) => <a href={page(stagePath(row.stage), { service: [row.service] })}>{row.stage}</a>,
            sort: (row) => row.stage,
          },
          {
            label: 'Service',
            cell: (row) => serviceName(row.service),
            sort: (row) => serviceName(row.service),
          },
          { label: 'Cases', number: true, cell: (row) => formatCount(row.n), sort: (row) => row.n },
          {
            label: 'Half within',
            number: true,
            cell: (row) => formatHours(row.median_hours),
            sort: (row) => row.median_hours,
          },
          {
            label: 'Nine in ten within',
            number: true,
            cell: (row) => formatHours(row.p90_hours),
            sort: (row) => row.p90_hours,
          },
          {
            label: 'Waited in all, person-hours',
            number: true,
            cell: (row) => formatCount(row.wait_hours),
            sort: (row) => row.wait_hours,
          },
          {
            label: 'Against earlier, person-hours',
            number: true,
            cell: (row) =>
              row.extra_hours === null ? 'No earlier level' : formatExtraHours(row.extra_hours),
            sort: (row) => row.extra_hours,
          },
          {
            label: 'Change',
            cell: (row) =>
              row.real && row.extra_hours !== null ? (
                <StatusBadge
                  status={row.extra_hours > 0 ? 'off' : 'on'}
                  word={row.extra_hours > 0 ? 'Slower' : 'Faster'}
                />
              ) : (
                <StatusBadge status="none" word="No clear change" />
              ),
            sort: (row) => (row.real && row.extra_hours !== null ? Math.sign(row.extra_hours) : 0),
          },
        ]}
      />
    </section>
  )
}

function MapOfService(props: { suggestion: string | undefined }) {
  const meta = useMeta()
  const { api, filters, page } = useFilters()
  const [search, setSearch] = useSearchParams<{ map?: string }>()
  const serviceName = useServiceName()
  const [share, setShare] = createSignal(90)
  const services = createMemo(() =>
    (meta()?.services ?? []).filter(({ streams }) => streams.includes('case_events')),
  )
  const service = createMemo(() => {
    const wanted = [search.map, filters().service[0], props.suggestion, services()[0]?.id]
    return wanted.find((id) => services().some((one) => one.id === id))
  })
  const address = () => api('/process-map', { service: [service() ?? ''], compare: 'none' })
  const answer = useAnswer<ProcessMapAnswer>(() => (service() ? address() : null))
  const edges = createMemo(() => busiest(answer.data()?.edges ?? [], share() / 100))
  const covered = () => {
    const all = answer.data()?.edges ?? []
    const sum = (some: typeof all) => some.reduce((total, { frequency }) => total + frequency, 0)
    return all.length > 0 ? sum(edges()) / sum(all) : 0
  }
  return (
    <Show when={service()}>
      {(id) => (
        <Loaded answer={answer} what="The process map" height={900}>
          {(data) => (
            <Figure
              id="process-map"
              title={`How cases move through ${serviceName(id()).toLowerCase()}`}
              summary="Boxes are activities, lines the ways cases took between them: the thicker, the more often; the stronger the colour, the longer the wait. On each line stands the typical wait."
              caption={`Ways between activities, ${serviceName(id())}, ${formatPeriod(data().period)}`}
              rows={data().edges}
              columns={[
                { label: 'From', cell: (edge) => edge.from, sort: (edge) => edge.from },
                { label: 'To', cell: (edge) => edge.to, sort: (edge) => edge.to },
                {
                  label: 'Times',
                  number: true,
                  cell: (edge) => formatCount(edge.frequency),
                  sort: (edge) => edge.frequency,
                },
                {
                  label: 'Cases',
                  number: true,
                  cell: (edge) => formatCount(edge.cases),
                  sort: (edge) => edge.cases,
                },
                {
                  label: 'Half within',
                  number: true,
                  cell: (edge) => formatHours(edge.median_s / 3600),
                  sort: (edge) => edge.median_s,
                },
                {
                  label: 'Nine in ten within',
                  number: true,
                  cell: (edge) => formatHours(edge.p90_s / 3600),
                  sort: (edge) => edge.p90_s,
                },
                {
                  label: 'In all',
                  number: true,
                  cell: (edge) => formatPersonHours(edge.sum_s / 3600),
                  sort: (edge) => edge.sum_s,
                },
              ]}
              source={sourceLine(data())}
              csv={csvOf(address())}
              height={700}
              controls={
                <div class="filter-row map-controls">
                  <div class="field">
                    <label for="map-service">Service</label>
                    <select
                      id="map-service"
                      onChange={(event) => setSearch({ map: event.currentTarget.value }, { scroll: false })}
                    >
                      <For each={services()}>
                        {(one) => (
                          <option value={one.id} selected={one.id === id()}>
                            {one.name}
                          </option>
                        )}
                      </For>
                    </select>
                  </div>
                  <div class="range field">
                    <label for="map-share">
                      Showing {edges().length} of {data().edges.length} ways: {formatShare(covered())} of all
                      moves
                    </label>
                    <input
                      id="map-share"
                      type="range"
                      min="30"
                      max="100"
                      step="5"
                      value={share()}
                      aria-valuetext={`${share()}% of all moves`}
                      onInput={(event) => setShare(event.currentTarget.valueAsNumber)}
                    />
                  </div>
                </div>
              }
            >
              <Show when={edges().length > 0} fallback={<Empty title="No cases moved in this period." />}>
                <ProcessMap
                  nodes={data().nodes}
                  edges={edges()}
                  label={`Process map of ${serviceName(id())}`}
                  href={(stage) => page(stagePath(stage), { service: [id()] })}
                />
              </Show>
            </Figure>
          )}
        </Loaded>
      )}
    </Show>
  )
}
