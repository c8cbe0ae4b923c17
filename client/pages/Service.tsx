import { useParams } from '@solidjs/router'
import { createMemo, For, Show } from 'solid-js'
import { serviceCards, shownCards } from '../../server/words/card.ts'
import { addMonths, trendPeriod } from '../../server/words/days.ts'
import { formatDay, formatPeriod, formatStat } from '../../server/words/format.ts'
import { kindOf, serviceTitle } from '../../server/words/titles.ts'
import { standardWords } from '../../server/words/words.ts'
import type { KpiId } from '../../sql/kpis.ts'
import { type Kpis, type Meta, useAnswer } from '../api.ts'
import { AnnotationsSection } from '../components/AnnotationsSection.tsx'
import { ByFigure } from '../components/ByFigure.tsx'
import { Causes } from '../components/Causes.tsx'
import { DataTable } from '../components/DataTable.tsx'
import { FilterBar } from '../components/FilterBar.tsx'
import { FlowChart } from '../components/FlowChart.tsx'
import { HowItEnded } from '../components/HowItEnded.tsx'
import { KpiCard } from '../components/KpiCard.tsx'
import { NeedsData } from '../components/NeedsData.tsx'
import { PageHead } from '../components/PageHead.tsx'
import { Provisional } from '../components/Provisional.tsx'
import { Empty, Loaded, Skeleton } from '../components/States.tsx'
import { TrendFigure } from '../components/TrendFigure.tsx'
import { useFilters, useMeta } from '../filters.ts'

export default function Service() {
  const meta = useMeta()
  const params = useParams<{ id: string }>()
  const { page } = useFilters()
  const service = createMemo(() => meta()?.services.find(({ id }) => id === params.id))
  return (
    <NeedsData>
      <Show
        when={service()}
        keyed
        fallback={
          <>
            <PageHead name="Service not found" />
            <Empty title={`There is no service “${params.id}” here.`}>
              <p>
                <a href={page('/services')}>All services</a>
              </p>
            </Empty>
          </>
        }
      >
        {(known) => <Page service={known} />}
      </Show>
    </NeedsData>
  )
}

function Page(props: { service: Meta['services'][number] }) {
  const meta = useMeta()
  const { api, period, page } = useFilters()
  const kind = () => kindOf(props.service)
  const answer = useAnswer<Kpis>(() => api('/kpis', { service: [props.service.id] }))
  // Cases that came in last month are mostly still open: a year shows what became of them.
  const year = () => {
    const from = addMonths(period().until, -12)
    return {
      ...trendPeriod({ from, until: period().until }, 'day', meta()?.held ?? null),
      compare: 'none' as const,
    }
  }
  const yearly = useAnswer<Kpis>(() => api('/kpis', { service: [props.service.id], ...year() }))
  const overYear = (id: KpiId) => yearly.data()?.kpis.find((one) => one.id === id)
  const department = () => meta()?.departments.find(({ id }) => id === props.service.department)?.name
  const title = createMemo(() => {
    const data = answer.data()
    return data && serviceTitle(props.service, data)
  })
  const truths = createMemo(() =>
    (
      [
        ['Closed', 'time_to_outcome_median', 'time_to_outcome_p90'],
        ['Received, open ones counted', 'time_to_outcome_all_median', 'time_to_outcome_all_p90'],
      ] as const
    ).map(([label, median, p90]) => ({ label, median: overYear(median)?.stat, p90: overYear(p90)?.stat })),
  )
  return (
    <>
      <a class="crumb" href={page('/services')}>
        All services
      </a>
      <PageHead name={props.service.name} title={title()} answer>
        {props.service.means} {department() ? `Answered for by: ${department()}.` : ''}
      </PageHead>
      <FilterBar
        without={['service', 'department']}
        report={{ id: 'service-report', filters: { service: [props.service.id] } }}
      />
      <Provisional missing={answer.data()?.missing} />
      <Loaded answer={answer} what="The key figures" height={520}>
        {(data) => (
          <>
            <h2 class="visually-hidden">Key figures</h2>
            <ul class="cards">
              <For each={shownCards(data().kpis, serviceCards[kind()], 7)}>
                {(one) => (
                  <Show when={meta()?.kpis.find(({ id }) => id === one.id)}>
                    {(kpi) => <KpiCard figure={one} kpi={kpi()} comparePeriod={data().compare_period} />}
                  </Show>
                )}
              </For>
            </ul>
          </>
        )}
      </Loaded>

      <Show when={kind() === 'cases'}>
        <section class="section" aria-labelledby="truths">
          <h2 id="truths">Two truths about the time it takes</h2>
          <p class="muted">
            Counting only closed requests hides those still waiting. Where the second line is much longer, a
            backlog is growing.
          </p>
          <Show when={yearly.data()} fallback={<Skeleton height={160} />}>
            <DataTable
              caption={`Time to an outcome, ${formatPeriod(year())}`}
              rows={truths()}
              columns={[
                { label: 'Who is counted', cell: (row) => row.label },
                {
                  label: 'Half within',
                  number: true,
                  cell: (row) => (row.median ? formatStat(row.median) : 'No data'),
                },
                {
                  label: 'Nine in ten within',
                  number: true,
                  cell: (row) => (row.p90 ? formatStat(row.p90) : 'No data'),
                },
                {
                  label: 'Requests',
                  number: true,
                  cell: (row) => (row.median ? row.median.n.toLocaleString('en-GB') : '–'),
                },
              ]}
            />
          </Show>
        </section>
        <HowItEnded service={props.service.id} year={year()} />
        <TrendFigure id="on_time_rate" service={props.service.id} switchable />
        <TrendFigure id="time_to_outcome_median" service={props.service.id} switchable />
        <TrendFigure id="time_to_outcome_all_median" service={props.service.id} />
        <TrendFigure id="backlog" service={props.service.id} height={260} />
        <FlowChart service={props.service.id} />
        <Causes service={props.service.id} />
        <div class="two">
          <ByFigure
            id="time_to_outcome_median"
            dimension="district"
            word="district"
            service={props.service.id}
          />
          <ByFigure
            id="time_to_outcome_median"
            dimension="channel"
            word="channel"
            service={props.service.id}
          />
        </div>
      </Show>
      <Show when={kind() === 'waits'}>
        <TrendFigure id="wait_median" service={props.service.id} switchable />
        <TrendFigure id="wait_p90" service={props.service.id} switchable />
        <div class="two">
          <ByFigure id="wait_median" dimension="district" word="district" service={props.service.id} />
          <ByFigure id="wait_median" dimension="channel" word="channel" service={props.service.id} />
        </div>
      </Show>

      <AnnotationsSection service={props.service.id} />

      <section class="section" aria-labelledby="standards">
        <h2 id="standards">What was promised</h2>
        <Show
          when={props.service.standards.length > 0}
          fallback={
            <p>No service standard is set for this service, so nothing is counted as on time or late.</p>
          }
        >
          <DataTable
            caption="Service standards of this service"
            rows={props.service.standards}
            columns={[
              { label: 'Promise', cell: (one) => standardWords(one) },
              { label: 'For', cell: (one) => one.subtype || 'all requests' },
              { label: 'From', cell: (one) => formatDay(one.valid_from) },
              {
                label: 'Until',
                cell: (one) => (one.valid_until >= '2200' ? 'in force' : formatDay(one.valid_until)),
              },
              { label: 'Basis', cell: (one) => one.basis || '–' },
            ]}
          />
        </Show>
      </section>
    </>
  )
}
