import { For, Show } from 'solid-js'
import { formatPeriod } from '../../server/words/format.ts'
import { standardsInForce, standardWords } from '../../server/words/words.ts'
import { FilterBar } from '../components/FilterBar.tsx'
import { NeedsData } from '../components/NeedsData.tsx'
import { PageHead } from '../components/PageHead.tsx'
import { Provisional } from '../components/Provisional.tsx'
import { ServiceTable } from '../components/ServiceTable.tsx'
import { ErrorNotice, Skeleton } from '../components/States.tsx'
import { useServiceFigures } from '../components/serviceFigures.ts'
import { useFilters, useMeta } from '../filters.ts'

export default function Services() {
  return (
    <NeedsData>
      <Page />
    </NeedsData>
  )
}

function Page() {
  const meta = useMeta()
  const { period, page } = useFilters()
  const figures = useServiceFigures()
  return (
    <>
      <PageHead name="Services">What residents can ask for, what was promised, and how it goes.</PageHead>
      <FilterBar />
      <Provisional missing={figures.missing()} />
      <Show when={figures.error()}>
        {(failed) => (
          <ErrorNotice what="Some figures of the services" error={failed().error()} retry={failed().retry} />
        )}
      </Show>
      <Show when={figures.services().length > 0} fallback={<Skeleton height={340} />}>
        <div classList={{ 'is-stale': figures.stale() }}>
          <ServiceTable services={figures.services()} caption={`Services, ${formatPeriod(period())}`} />
        </div>
      </Show>
      <section class="section" aria-labelledby="promises">
        <h2 id="promises">What each service is</h2>
        <For each={meta()?.services}>
          {(service) => (
            <div class="term">
              <h3>
                <a href={page(`/services/${service.id}`, { service: [] })}>{service.name}</a>
              </h3>
              <p>{service.means}</p>
              <p class="muted">
                <Show
                  when={standardsInForce(service.standards, period()).length > 0}
                  fallback="No service standard in force."
                >
                  Promised:{' '}
                  {standardsInForce(service.standards, period())
                    .map((one) => `${standardWords(one)}${one.subtype ? ` (${one.subtype})` : ''}`)
                    .join('; ')}
                  .
                </Show>
              </p>
            </div>
          )}
        </For>
      </section>
    </>
  )
}
