import { For, Show } from 'solid-js'
import type { Measure } from '../../../server/releases/published.ts'
import { formatValue } from '../../../server/words/format.ts'
import { andList } from '../../../server/words/words.ts'
import { Table } from '../../components/Table.tsx'
import { DistrictMap } from '../DistrictMap.tsx'
import { FigureText, MarkNotes, MeasureLink } from '../FigureText.tsx'
import { Page } from '../Page.tsx'
import { absent, promiseMeasures, type Release, timeMeasures, volumeMeasures } from '../release.ts'
import { placeOf } from './place.ts'

const tableId = 'services_by_district'

/** The districts side by side: how often each service kept its promise there. */
export function Districts(props: { release: Release }) {
  const release = () => props.release
  const period = () => release().latest(tableId)
  const at = (service: string, district: string, measure: Measure | undefined) =>
    measure && release().figure(tableId, { service, district, period: period()?.id ?? '' }, measure.id)
  const districts = () => release().dimension(tableId, 'district')
  const own = () => districts().filter(({ id }) => id !== 'all')
  /** What is compared of a service: the promise where there is one, else the time. */
  const compared = () =>
    release()
      .dimension(tableId, 'service')
      .flatMap((service) => {
        const held = release().table(tableId)?.measures ?? []
        const measure = [...promiseMeasures, ...timeMeasures, ...volumeMeasures]
          .filter((id) => held.includes(id))
          .map((id) => release().measure(id))
          .find((one) => one && own().some(({ id }) => !absent(at(service.id, id, one))))
        return measure ? [{ service, measure }] : []
      })
  const first = () => compared().find(({ service }) => service.id === 'all') ?? compared()[0]
  const title = () => {
    const shown = first()
    if (!shown) return 'There are no figures by district'
    const told = own().filter(({ id }) => at(shown.service.id, id, shown.measure)?.value != null)
    const value = (id: string) => at(shown.service.id, id, shown.measure)?.value ?? 0
    const sorted = [...told].sort((a, b) => value(b.id) - value(a.id))
    const [most, least] = [sorted[0], sorted.at(-1)]
    const what = `${shown.service.label}, ${shown.measure.label.toLowerCase()}`
    const words = (id: string) => formatValue(value(id), shown.measure.unit)
    if (!most || !least || most === least) return `${what}: by district, ${period()?.label}`
    if (words(most.id) === words(least.id)) return `${what}: ${words(most.id)} in all districts`
    const where = (id: string) =>
      andList(sorted.filter((one) => words(one.id) === words(id)).map(({ label }) => label))
    return `${what}: from ${words(least.id)} in ${where(least.id)} to ${words(most.id)} in ${where(most.id)}`
  }
  return (
    <Page
      place={placeOf(release(), 'districts.html')}
      title={title()}
      description={`How services did in each district of ${release().jurisdiction.name}, as a map and as a table.`}
    >
      <div class="page-head">
        <h1>{title()}</h1>
        <p class="lede">
          Is help as quick where you live? Here you see each district. Do not make too much of small gaps: in
          a district with few cases, chance plays a large part.
        </p>
      </div>
      <Show when={first()}>
        {(shown) => (
          <section class="section">
            <h2>
              {shown().service.label}, {shown().measure.label.toLowerCase()}, {period()?.label}
            </h2>
            <DistrictMap
              districts={release().districts}
              measure={shown().measure}
              figure={(district) => at(shown().service.id, district, shown().measure)}
              name={`Map: ${shown().measure.label}, ${shown().service.label}, ${period()?.label}`}
            />
          </section>
        )}
      </Show>
      <Show when={compared().length > 0}>
        <section class="section">
          <h2>All services, {period()?.label}</h2>
          <Table
            id="districts"
            caption={`Services by district, ${period()?.label}`}
            hideCaption={true}
            heads={[
              { label: 'District' },
              ...compared().map(({ service, measure }) => ({
                get label() {
                  return (
                    <>
                      <Show when={service.id !== 'all'} fallback={service.label}>
                        <a href={`services/${service.id}.html#by-district`}>{service.label}</a>
                      </Show>
                      <span class="muted">
                        <MeasureLink measure={measure} root="" />
                      </span>
                    </>
                  )
                },
                number: true,
              })),
            ]}
            rows={districts()}
            cell={(district, column) => (
              <Show when={column > 0 && compared()[column - 1]} fallback={district.label}>
                {(shown) => (
                  <FigureText
                    figure={at(shown().service.id, district.id, shown().measure)}
                    measure={shown().measure}
                  />
                )}
              </Show>
            )}
          />
          <MarkNotes
            figures={compared().flatMap(({ service, measure }) =>
              districts().map(({ id }) => at(service.id, id, measure)),
            )}
            root=""
          />
        </section>
      </Show>
      <p>
        <a href={`data/${tableId}.csv`}>Get these numbers (CSV)</a>
      </p>
      <section class="section prose">
        <h2>Each service by district</h2>
        <ul>
          <For each={compared().filter(({ service }) => service.id !== 'all')}>
            {({ service }) => (
              <li>
                <a href={`services/${service.id}.html#by-district`}>{service.label}: map and table</a>
              </li>
            )}
          </For>
        </ul>
      </section>
    </Page>
  )
}
