import { createMemo, For, Show } from 'solid-js'
import { changeBadge, overviewCards, shownCards } from '../../server/words/card.ts'
import { formatPeriod, withDays } from '../../server/words/format.ts'
import { overviewLead } from '../../server/words/services.ts'
import { overviewTitle, realChanges } from '../../server/words/words.ts'
import { type Bottlenecks, type Kpis, useAnswer } from '../api.ts'
import { FilterBar } from '../components/FilterBar.tsx'
import { KpiCard } from '../components/KpiCard.tsx'
import { NeedsData } from '../components/NeedsData.tsx'
import { PageHead } from '../components/PageHead.tsx'
import { Provisional } from '../components/Provisional.tsx'
import { ServiceTable } from '../components/ServiceTable.tsx'
import { Empty, ErrorNotice, Loaded, Skeleton } from '../components/States.tsx'
import { StatusBadge } from '../components/StatusBadge.tsx'
import { useServiceFigures } from '../components/serviceFigures.ts'
import { TrendFigure } from '../components/TrendFigure.tsx'
import { WholeCity } from '../components/WholeCity.tsx'
import { useFilters, useMeta } from '../filters.ts'

export default function Overview() {
  return (
    <NeedsData>
      <Page />
    </NeedsData>
  )
}

function Page() {
  const meta = useMeta()
  const { api, period, page } = useFilters()
  const answer = useAnswer<Kpis>(() => api('/kpis'))
  const bottlenecks = useAnswer<Bottlenecks>(() => api('/bottlenecks'))
  const figures = useServiceFigures()
  const cards = createMemo(() => shownCards(answer.data()?.kpis ?? [], overviewCards, 7))
  const title = createMemo(() => {
    const [known, data] = [meta(), answer.data()]
    if (!known || !data || (figures.pending() && !figures.error())) return undefined
    return overviewTitle(figures.services(), data, known)
  })
  const changes = createMemo(() => realChanges(figures.services(), meta()?.kpis ?? []))
  const finding = () => bottlenecks.data()?.findings[0]
  const compared = () => answer.data()?.compare_period
  return (
    <>
      <PageHead name="Overview" title={title()} answer>
        <Show when={title()} fallback={<>The figures are on their way.</>}>
          {overviewLead(figures.services(), changes(), Boolean(compared()))}
        </Show>
      </PageHead>
      <FilterBar />
      <Provisional missing={answer.data()?.missing} />
      <Loaded answer={answer} what="The key figures" height={520}>
        {(data) => (
          <Show
            when={cards().length > 0}
            fallback={
              <Empty title={`No figures for ${formatPeriod(period())}.`}>
                <p>Choose another period, or clear the filters.</p>
              </Empty>
            }
          >
            <h2 class="visually-hidden">Key figures</h2>
            <ul class="cards">
              <For each={cards()}>
                {(figure) => (
                  <Show when={meta()?.kpis.find(({ id }) => id === figure.id)}>
                    {(kpi) => <KpiCard figure={figure} kpi={kpi()} comparePeriod={data().compare_period} />}
                  </Show>
                )}
              </For>
            </ul>
            <WholeCity figures={cards()} kpis={meta()?.kpis ?? []} />
          </Show>
        )}
      </Loaded>

      <section class="section" aria-labelledby="changed">
        <h2 id="changed">What changed</h2>
        <p class="muted">
          <Show when={compared()} fallback="No comparison is chosen.">
            {(then) => (
              <>
                {formatPeriod(answer.data()?.period ?? period())} against {formatPeriod(then())}. Only changes
                larger than chance explains.
              </>
            )}
          </Show>
        </p>
        <Show when={!figures.pending()} fallback={<Skeleton height={240} />}>
          <ul class="findings">
            <Show when={finding()}>
              {(top) => (
                <li class="is-change">
                  <StatusBadge status="off" word="Bottleneck" />
                  <p>
                    {withDays(top().sentence)} <a href={page('/bottlenecks')}>See the bottlenecks</a>
                  </p>
                </li>
              )}
            </Show>
            <For each={changes().slice(0, 10)}>
              {(change) => (
                <li class="is-change">
                  <StatusBadge {...changeBadge(change.verdict)} />
                  <p>
                    <a href={page(`/services/${change.service}`, { service: [] })}>{change.serviceName}</a>:{' '}
                    {change.sentence}
                  </p>
                </li>
              )}
            </For>
            <Show when={changes().length === 0 && !finding()}>
              <li>
                <StatusBadge status="none" word="No clear change" />
                <p>Nothing moved by more than chance explains.</p>
              </li>
            </Show>
          </ul>
        </Show>
      </section>

      <section class="section" aria-labelledby="services">
        <h2 id="services">Services</h2>
        <Show when={figures.error()}>
          {(failed) => (
            <ErrorNotice
              what="Some figures of the services"
              error={failed().error()}
              retry={failed().retry}
            />
          )}
        </Show>
        <Show when={figures.services().length > 0} fallback={<Skeleton height={340} />}>
          <div classList={{ 'is-stale': figures.stale() }}>
            <ServiceTable services={figures.services()} caption={`Services, ${formatPeriod(period())}`} />
          </div>
        </Show>
      </section>

      <section class="section" aria-label="Over time">
        <TrendFigure id="time_to_outcome_all_median" anchor="trend" />
      </section>
    </>
  )
}
