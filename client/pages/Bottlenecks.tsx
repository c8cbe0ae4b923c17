import { createMemo, For, Show } from 'solid-js'
import type { Filters } from '../../sql/filters.ts'
import { type Bottlenecks as BottlenecksAnswer, type Finding, useAnswer } from '../api.ts'
import { DataTable } from '../components/DataTable.tsx'
import { FilterBar } from '../components/FilterBar.tsx'
import { MapOfService } from '../components/MapOfService.tsx'
import { NeedsData } from '../components/NeedsData.tsx'
import { PageHead } from '../components/PageHead.tsx'
import { Empty, Loaded } from '../components/States.tsx'
import { StatusBadge } from '../components/StatusBadge.tsx'
import { useFilters, useMeta } from '../filters.ts'
import {
  formatCount,
  formatDuring,
  formatExtraHours,
  formatHours,
  formatPeriod,
  formatPersonHours,
  withDays,
} from '../format.ts'

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
