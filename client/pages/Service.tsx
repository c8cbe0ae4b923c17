import { useParams } from '@solidjs/router'
import { createMemo, For, Show } from 'solid-js'
import { addMonths, trendPeriod } from '../../server/words/days.ts'
import { formatDay, formatDuring, formatPeriod, formatStat } from '../../server/words/format.ts'
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

const cards: Record<'cases' | 'waits', KpiId[]> = {
  cases: [
    'on_time_rate',
    'on_time_strict_rate',
    'requests_received',
    'requests_closed',
    'backlog',
    'reopened_rate',
    'satisfied_share',
  ],
  waits: [
    'wait_in_time_rate',
    'wait_median',
    'wait_p90',
    'abandonment_rate',
    'satisfied_share',
    'intended_outcome_rate',
    'response_rate',
  ],
}

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
  const kind = () => (props.service.streams.includes('case_events') ? 'cases' : 'waits')
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
  const main = (): KpiId => (kind() === 'cases' ? 'time_to_outcome_median' : 'wait_median')
  const figure = (id: KpiId) => answer.data()?.kpis.find((one) => one.id === id)
  const department = () => meta()?.departments.find(({ id }) => id === props.service.department)?.name
  const title = createMemo(() => {
    if (!answer.data()) return undefined
    const onTime = figure('on_time_rate')
    const time = figure(main())
    const when = formatDuring(period())
    const real = (one: typeof time) => one?.change.verdict === 'better' || one?.change.verdict === 'worse'
    const lead = onTime?.stat.value != null && onTime.target !== null ? onTime : time
    if (!lead || lead.stat.value === null) return `${props.service.name}: nothing to report ${when}`
    const direction =
      real(lead) && lead.compare && lead.change.absolute !== null
        ? `, ${lead.change.absolute > 0 ? 'up' : 'down'} from ${formatStat(lead.compare)}`
        : ''
    if (lead === onTime)
      return `${props.service.name}: ${formatStat(lead.stat)} closed on time ${when}${direction}`
    const noun = main() === 'wait_median' ? 'a typical wait of' : 'typically'
    return `${props.service.name}: ${noun} ${formatStat(lead.stat)} ${when}${direction}`
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
        report={{ id: 'service-report', service: props.service.id }}
      />
      <Provisional missing={answer.data()?.missing} />
      <Loaded answer={answer} what="The key figures" height={520}>
        {(data) => (
          <>
            <h2 class="visually-hidden">Key figures</h2>
            <ul class="cards">
              <For
                each={cards[kind()].flatMap((id) => {
                  const one = data().kpis.find((kpi) => kpi.id === id)
                  const shown =
                    one && one.stat.status !== 'not_collected' && one.stat.status !== 'not_applicable'
                  return shown ? [one] : []
                })}
              >
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
