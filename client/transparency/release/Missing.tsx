import { For, Show } from 'solid-js'
import { Table } from '../../components/Table.tsx'
import { formatShare } from '../../format.ts'
import { Page } from '../Page.tsx'
import { absent, type Release } from '../release.ts'
import { markWords, periodWords } from '../words.ts'
import { placeOf } from './place.ts'

/** What the figures leave out, told as plainly as the figures. */
export function Missing(props: { release: Release }) {
  const release = () => props.release
  const title = () => {
    const count = release().missing.length
    return `What is missing: ${count === 1 ? 'one gap' : count === 0 ? 'no known gaps' : `${count} gaps`} and some hidden numbers`
  }
  const nameOf = (service: string | null) =>
    release().services.find(({ id }) => id === service)?.name ?? 'All services'
  /** Measures that must be told, and of which services they cannot be told this month. */
  const untold = () =>
    release()
      .measures.filter(({ mandatory }) => mandatory)
      .map((measure) => ({
        measure,
        services: release().services.filter(({ id }) => {
          const figure = release().monthly(id, measure.id)
          return absent(figure) && !figure?.marks.includes('z')
        }),
      }))
      .filter(({ services }) => services.length > 0)
  return (
    <Page
      place={placeOf(release(), 'missing.html')}
      title={title()}
      description={`What the figures of ${release().jurisdiction.name} do not show, and why: data that is not there, and numbers that are hidden to protect people.`}
    >
      <div class="page-head">
        <h1>{title()}</h1>
        <p class="lede">No set of numbers is whole. Here is what ours leave out, and why.</p>
      </div>
      <section class="section prose">
        <h2>Data we do not have</h2>
        <Show
          when={release().missing.length > 0}
          fallback={<p>We know of no gaps in the data of this release.</p>}
        >
          <dl class="terms">
            <For each={release().missing}>
              {({ service, what, why }) => (
                <>
                  <dt>{what}</dt>
                  <dd>
                    {why} <span class="muted">{nameOf(service)}</span>
                  </dd>
                </>
              )}
            </For>
          </dl>
        </Show>
      </section>
      <Show when={untold().length > 0}>
        <section class="section">
          <h2>Figures we must tell but cannot, {periodWords(release().month)}</h2>
          <Table
            id="untold"
            caption="Figures we cannot tell"
            hideCaption={true}
            heads={[{ label: 'What we count' }, { label: 'Services without it' }]}
            rows={untold()}
            cell={({ measure, services }, column) =>
              column === 0 ? (
                <a href={`methods.html#${measure.id}`}>{measure.label}</a>
              ) : services.length === release().services.length ? (
                'All services'
              ) : (
                services.map(({ name }) => name).join(', ')
              )
            }
          />
        </section>
      </Show>
      <section class="section prose">
        <h2>Numbers we hide</h2>
        <p>
          {markWords.c.means} {release().hidden.cells.toLocaleString('en-GB')} of{' '}
          {release().hidden.of.toLocaleString('en-GB')} numbers are hidden. They stand for about{' '}
          {formatShare(release().hidden.share_of_cases)} of all cases.{' '}
          <a href="methods.html#hidden">How many in each table, and how it works</a>
        </p>
      </section>
    </Page>
  )
}
