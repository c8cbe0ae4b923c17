import { For, Show } from 'solid-js'
import type { Measure, PublishedService } from '../../../server/releases/published.ts'
import { formatDay } from '../../../server/words/format.ts'
import { StatusBadge } from '../../components/StatusBadge.tsx'
import { DistrictMap } from '../DistrictMap.tsx'
import { MeasureLink } from '../FigureText.tsx'
import { MeasureTable, PlaceTable } from '../MeasureTable.tsx'
import { Page } from '../Page.tsx'
import {
  absent,
  promiseMeasures,
  type Release,
  type ServiceTable,
  serviceTables,
  tableOf,
  timeMeasures,
  volumeMeasures,
} from '../release.ts'
import { governmentService } from '../structured.ts'
import { Trend } from '../Trend.tsx'
import { profileWords, promiseOf, promiseWord, serviceTitle, standardWords } from '../words.ts'
import { Kept, monthColumns, Standard } from './Overview.tsx'
import { placeOf } from './place.ts'

const root = '../'

/** One service: the answer, the promise, what is done about it, and every figure that must be told. */
export function Service(props: { release: Release; service: PublishedService }) {
  const release = () => props.release
  const service = () => props.service
  const promise = () => promiseOf(release(), service())
  const title = () => serviceTitle(release(), promise())
  const foreign = () =>
    release().measures.filter(
      (measure) => measure.mandatory && !applies(release(), service(), measure) && isTold(release(), measure),
    )
  const trends = () =>
    [promiseMeasures, timeMeasures, ['backlog']].flatMap((ids, index) => {
      const measure = release().firstOf(service().id, ids)
      return measure ? [{ measure, target: index === 0 ? promise().target : null }] : []
    })
  const missing = () => release().missing.filter((one) => one.service === service().id)
  return (
    <Page
      place={placeOf(release(), `services/${service().id}.html`)}
      title={title()}
      description={`${service().name} in ${release().jurisdiction.name}: how long it takes, how often the promise was kept, what is done about it. With tables and data.`}
      structured={[governmentService(release(), service())]}
    >
      <div class="page-head">
        <a class="crumb" href={`${root}index.html`}>
          All services
        </a>
        <h1>{title()}</h1>
        <p class="lede">
          {service().means} {service().department.name} answers for it.
        </p>
      </div>
      <div class="two">
        <section class="card">
          <h2>Was the promise kept?</h2>
          <Kept promise={promise()} root={root} />
          <p>
            <StatusBadge status={promise().status} word={promiseWord(promise())} />
          </p>
          <Standards service={service()} />
        </section>
        <section class="card">
          <h2>What is being done about it</h2>
          <Show when={service().comment} fallback={<p>The office has not written anything yet.</p>}>
            {(comment) => (
              <blockquote>
                <p>{comment().text}</p>
                <footer>
                  {comment().by}, <time datetime={comment().day}>{formatDay(comment().day)}</time>
                </footer>
              </blockquote>
            )}
          </Show>
        </section>
      </div>
      <div class="two">
        <For each={trends()}>
          {({ measure, target }) => (
            <Trend release={release()} service={service().id} measure={measure} target={target} root={root} />
          )}
        </For>
      </div>
      <section class="section">
        <h2>The figures we must tell</h2>
        <p class="muted">We show these for every service, whether they look good or not.</p>
        <Figures
          id="must"
          caption={`${service().name}: figures that must be told`}
          release={release()}
          service={service()}
          measures={release().measures.filter(({ mandatory }) => mandatory)}
        />
        <Show when={foreign().length > 0}>
          <p class="notes">
            <strong>Does not apply [z]:</strong> This service does not work in a way that these could be
            counted:{' '}
            <For each={foreign()}>
              {(measure, index) => (
                <>
                  {index() > 0 ? ', ' : ''}
                  <MeasureLink measure={measure} root={root} />
                </>
              )}
            </For>
            .
          </p>
        </Show>
      </section>
      <Show
        when={release().measures.some(
          (measure) => !measure.mandatory && applies(release(), service(), measure),
        )}
      >
        <section class="section">
          <h2>More figures</h2>
          <Figures
            id="more"
            caption={`${service().name}: more figures`}
            release={release()}
            service={service()}
            measures={release().measures.filter(({ mandatory }) => !mandatory)}
          />
        </section>
      </Show>
      <ByPlace release={release()} service={service()} dimension="district" />
      <ByPlace release={release()} service={service()} dimension="channel" />
      <Outcomes release={release()} service={service()} />
      <section class="section prose">
        <h2>Good to know</h2>
        <p>{profileWords(service().profile)} Totals are rounded on their own, so parts may not add up.</p>
        <For each={missing()}>
          {({ what, why }) => (
            <p>
              <strong>{what}.</strong> {why}
            </p>
          )}
        </For>
        <p>
          <a href={`${root}data.html`}>Get all numbers as files</a>
        </p>
      </section>
    </Page>
  )
}

const isTold = (release: Release, measure: Measure) => tableOf(release, measure) !== undefined

/** The newest period of a table, the one before, and the same a year ago. */
const columnsOf = (release: Release, table: ServiceTable) => {
  if (table === 'services_by_month') return monthColumns(release)
  const periods = release.dimension(table, 'period')
  return [1, 2, 5]
    .flatMap((back) => periods.at(-back) ?? [])
    .filter((one, at, all) => all.indexOf(one) === at)
}

/** False when the service works in another way in all of these periods. */
const applies = (release: Release, { id: service }: PublishedService, measure: Measure) => {
  const table = tableOf(release, measure)
  if (!table) return false
  return columnsOf(release, table).some(
    ({ id: period }) => release.figure(table, { service, period }, measure.id)?.marks.includes('z') === false,
  )
}

/** Figures by month, and below them those that are counted by quarter only. */
function Figures(props: {
  id: string
  caption: string
  release: Release
  service: PublishedService
  measures: readonly Measure[]
}) {
  const measures = (table: string) =>
    props.measures.filter(
      (measure) =>
        tableOf(props.release, measure) === table && applies(props.release, props.service, measure),
    )
  return (
    <For each={serviceTables.filter((table) => measures(table).length > 0)}>
      {(table) => (
        <MeasureTable
          id={`${props.id}-${table === 'services_by_month' ? 'months' : 'quarters'}`}
          caption={`${props.caption}, by ${table === 'services_by_month' ? 'month' : 'quarter'}`}
          first="What we count"
          measures={measures(table)}
          columns={columnsOf(props.release, table)}
          figure={(measure, period) =>
            props.release.figure(table, { service: props.service.id, period }, measure.id)
          }
          root={root}
        />
      )}
    </For>
  )
}

function Standards(props: { service: PublishedService }) {
  return (
    <Show
      when={props.service.standards.length > 0}
      fallback={
        <p>
          <Standard service={props.service} />
        </p>
      }
    >
      <ul>
        <For each={props.service.standards}>
          {(standard) => (
            <li>
              {standard.subtype ? `${standard.subtype}: ` : ''}
              {standardWords(standard)}, promised since {formatDay(standard.since)} ({standard.basis})
            </li>
          )}
        </For>
      </ul>
    </Show>
  )
}

/** What is told of a place: how many asked, how often the promise was kept, how long it took. */
export const placeMeasures = (release: Release, table: string, service: string): Measure[] =>
  [volumeMeasures, promiseMeasures, timeMeasures].flatMap((ids) => {
    const measure = release.firstOf(service, ids)
    return measure && release.table(table)?.measures.includes(measure.id) ? [measure] : []
  })

const places = {
  district: { table: 'services_by_district', title: 'By district', first: 'District' },
  channel: { table: 'services_by_channel', title: 'By way of asking', first: 'Way of asking' },
} as const

function ByPlace(props: { release: Release; service: PublishedService; dimension: 'district' | 'channel' }) {
  const where = () => places[props.dimension]
  const period = () => props.release.latest(where().table)
  const measures = () => placeMeasures(props.release, where().table, props.service.id)
  const at = (place: string, measure: Measure) =>
    props.release.figure(
      where().table,
      { service: props.service.id, [props.dimension]: place, period: period()?.id ?? '' },
      measure.id,
    )
  const rows = () =>
    props.release
      .dimension(where().table, props.dimension)
      .filter(({ id }) => measures().some((measure) => !absent(at(id, measure))))
  const onMap = () =>
    measures().find(({ id }) => (promiseMeasures as readonly string[]).includes(id)) ?? measures().at(-1)
  return (
    <Show when={rows().length > 0}>
      <section class="section" id={`by-${props.dimension}`}>
        <h2>
          {where().title}, {period()?.label}
        </h2>
        <div classList={{ two: props.dimension === 'district' }}>
          <Show when={props.dimension === 'district' && onMap()}>
            {(measure) => (
              <DistrictMap
                districts={props.release.districts}
                measure={measure()}
                figure={(district) => at(district, measure())}
                name={`Map: ${measure().label}, ${props.service.name}, ${period()?.label}`}
              />
            )}
          </Show>
          <div>
            <PlaceTable
              id={`${props.dimension}-table`}
              caption={`${props.service.name}: ${where().title.toLowerCase()}, ${period()?.label}`}
              first={where().first}
              places={rows()}
              measures={measures()}
              figure={at}
              root={root}
            />
          </div>
        </div>
      </section>
    </Show>
  )
}

function Outcomes(props: { release: Release; service: PublishedService }) {
  const period = () => props.release.latest('outcomes')
  const measures = () =>
    (props.release.table('outcomes')?.measures ?? []).flatMap((id) => props.release.measure(id) ?? [])
  const at = (outcome: string, measure: Measure) =>
    props.release.figure(
      'outcomes',
      { service: props.service.id, outcome, period: period()?.id ?? '' },
      measure.id,
    )
  const rows = () =>
    props.release
      .dimension('outcomes', 'outcome')
      .filter(({ id }) => measures().some((measure) => !absent(at(id, measure))))
  return (
    <Show when={rows().length > 0}>
      <section class="section" id="outcomes">
        <h2>How it ended, {period()?.label}</h2>
        <PlaceTable
          id="outcome-table"
          caption={`${props.service.name}: how requests ended, ${period()?.label}`}
          first="Outcome"
          places={rows()}
          measures={measures()}
          figure={at}
          root={root}
        />
      </section>
    </Show>
  )
}
