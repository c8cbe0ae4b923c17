import { useSearchParams } from '@solidjs/router'
import { createMemo, For, Show } from 'solid-js'
import { atMost, atMostWords } from '../../server/words/atMost.ts'
import {
  formatCount,
  formatDuring,
  formatExtraHours,
  formatHours,
  formatPeriod,
  formatPersonHours,
} from '../../server/words/format.ts'
import { bottlenecksTitle } from '../../server/words/titles.ts'
import { findingRules } from '../../server/words/words.ts'
import type { Filters } from '../../sql/filters.ts'
import { type Bottlenecks as BottlenecksAnswer, useAnswer } from '../api.ts'
import { Causes } from '../components/Causes.tsx'
import { DataTable } from '../components/DataTable.tsx'
import { FilterBar } from '../components/FilterBar.tsx'
import { MapOfService } from '../components/MapOfService.tsx'
import { NeedsData } from '../components/NeedsData.tsx'
import { PageHead } from '../components/PageHead.tsx'
import { Empty, Loaded } from '../components/States.tsx'
import { StatusBadge } from '../components/StatusBadge.tsx'
import { csvOf, useFilters, useMeta } from '../filters.ts'
import { FindingItem } from './findings/Finding.tsx'
import { findingKey, stagePath } from './findings/words.ts'

export default function Bottlenecks() {
  return (
    <NeedsData>
      <Page />
    </NeedsData>
  )
}

function Page() {
  const { api, filters, period } = useFilters()
  const address = () => api('/bottlenecks', earlier(filters()))
  const answer = useAnswer<BottlenecksAnswer>(address)
  const [search, setSearch] = useSearchParams<{ finding?: string }>()
  const wanted = search.finding
  const toggle = (key: string) =>
    setSearch({ finding: search.finding === key ? undefined : key }, { scroll: false })
  const serviceName = useServiceName()
  const title = createMemo(() => {
    const data = answer.data()
    return data && bottlenecksTitle(data, serviceName)
  })
  return (
    <>
      <PageHead name="Bottlenecks" title={title()} answer>
        Where people waited longer than they used to, ranked by the hours it cost them{' '}
        {formatDuring(period())}.
      </PageHead>
      <FilterBar lastYear />
      <Loaded answer={answer} what="The bottlenecks" height={700}>
        {(data) => (
          <>
            <section aria-labelledby="findings">
              <h2 id="findings" class="visually-hidden">
                Findings
              </h2>
              <Show when={data().findings.length > 0} fallback={<Nothing data={data()} />}>
                <ol class="findings">
                  <For each={data().findings}>
                    {(finding) => (
                      <FindingItem
                        finding={finding}
                        open={search.finding === findingKey(finding)}
                        wanted={wanted === findingKey(finding)}
                        toggle={() => toggle(findingKey(finding))}
                      />
                    )}
                  </For>
                </ol>
                <p class="controls">
                  <a class="button" href={csvOf(address())} download="clearway-findings.csv" target="_self">
                    Download findings and stages as CSV
                  </a>
                </p>
              </Show>
            </section>
            <Show when={data().stages.length > 0}>
              <Stages data={data()} />
              <Show
                when={search.finding === undefined && filters().service.length === 1 && filters().service[0]}
              >
                {(service) => <Causes service={service()} />}
              </Show>
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

/** Said honestly when there is no finding: what was looked for, and where people wait longest all the same. */
function Nothing(props: { data: BottlenecksAnswer }) {
  const { page, period } = useFilters()
  const serviceName = useServiceName()
  const slower = () => props.data.stages.filter((row) => row.real && (row.extra_hours ?? 0) > 0).length
  const longest = () => [...props.data.stages].sort((a, b) => b.wait_hours - a.wait_hours).slice(0, 3)
  return (
    <Show
      when={props.data.stages.length > 0}
      fallback={
        <Empty title="There are no stages to compare.">
          <p>
            Stages belong to requests with several steps. Queues and buses have none: their waits are on the
            pages of the services.
          </p>
        </Empty>
      }
    >
      <Empty title={`Nothing changed for good ${formatDuring(period())} that is surely more than chance.`}>
        <p>{findingRules.chance}</p>
        <Show when={slower() > 0}>
          <p>
            The table marks {formatCount(slower())} {slower() === 1 ? 'stage' : 'stages'} as slower than at
            the same time before: that alone is no proof that something changed for good.
          </p>
        </Show>
        <p>The longest waits are:</p>
        <ul>
          <For each={longest()}>
            {(row) => (
              <li>
                <a href={page(stagePath(row.stage), { service: [row.service] })}>{row.stage}</a> in{' '}
                {serviceName(row.service).toLowerCase()}: {atMost(row, formatPersonHours(row.wait_hours))} in
                all, half of the {formatCount(row.n)} visits within {formatHours(row.median_hours)}.
              </li>
            )}
          </For>
        </ul>
      </Empty>
    </Show>
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
        same stage. {atMostWords(props.data.stages)}
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
            cell: (row) => atMost(row, formatHours(row.median_hours)),
            sort: (row) => row.median_hours,
          },
          {
            label: 'Nine in ten within',
            number: true,
            cell: (row) => atMost(row, formatHours(row.p90_hours)),
            sort: (row) => row.p90_hours,
          },
          {
            label: 'Waited in all, person-hours',
            number: true,
            cell: (row) => atMost(row, formatCount(row.wait_hours)),
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
