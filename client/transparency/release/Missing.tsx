import { For, Show } from 'solid-js'
import type { Measure } from '../../../server/releases/published.ts'
import { hiddenShareWords } from '../../../server/words/words.ts'
import { Table } from '../../components/Table.tsx'
import { Page } from '../Page.tsx'
import { absent, type Release, tableOf } from '../release.ts'
import { periodWords } from '../words.ts'
import { placeOf } from './place.ts'

/** What the figures leave out, told as plainly as the figures. */
export function Missing(props: { release: Release }) {
  const release = () => props.release
  const title = () => {
    const count = release().missing.length
    return `What is missing: ${count === 1 ? 'one gap' : count === 0 ? 'no known gaps' : `${count} gaps`} and some hidden numbers`
  }
  /** Measures that must be told, and of which services they cannot be told in the newest period. */
  const untold = () =>
    release()
      .measures.filter(({ mandatory }) => mandatory)
      .map((measure) => ({
        measure,
        services: release().services.filter(({ id }) => {
          const figure = newest(release(), id, measure)
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
              {({ what, why }) => (
                <>
                  <dt>{what}</dt>
                  <dd>{why}</dd>
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
          We keep some numbers back to protect people. Each is small, or it would help to work out a small
          one. {release().hidden.cells.toLocaleString('en-GB')} of{' '}
          {release().hidden.of.toLocaleString('en-GB')} numbers are hidden. They stand for{' '}
          {hiddenShareWords(release().hidden)} of all cases.{' '}
          <a href="methods.html#hidden">How many in each table, and how it works</a>
        </p>
      </section>
    </Page>
  )
}

/** A figure of a service in the newest month, or the newest quarter where it is counted by quarter only. */
function newest(release: Release, service: string, measure: Measure) {
  const table = tableOf(release, measure)
  const period = table && release.latest(table)?.id
  return period ? release.figure(table, { service, period }, measure.id) : undefined
}
