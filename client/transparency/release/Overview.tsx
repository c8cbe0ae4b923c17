import { For, Show } from 'solid-js'
import type { PublishedService } from '../../../server/releases/published.ts'
import { formatParts } from '../../../server/words/format.ts'
import { hiddenShareWords } from '../../../server/words/words.ts'
import { StatusBadge } from '../../components/StatusBadge.tsx'
import { FigureText, MarkNotes, MeasureLink } from '../FigureText.tsx'
import { MeasureTable } from '../MeasureTable.tsx'
import { Page, sitePath } from '../Page.tsx'
import { absent, promiseMeasures, type Release, shift, timeMeasures, volumeMeasures } from '../release.ts'
import { dataset } from '../structured.ts'
import { Trend } from '../Trend.tsx'
import {
  cityTitle,
  formatMinute,
  periodWords,
  promiseOf,
  promiseWord,
  type Standing,
  shortWords,
  standardWords,
} from '../words.ts'
import { placeOf } from './place.ts'

/** The city in one page: which services kept their promise, and the figures of all of them. */
export function Overview(props: { release: Release }) {
  const release = () => props.release
  const promises = () => release().services.map((service) => promiseOf(release(), service))
  const title = () => cityTitle(release(), promises())
  const when = () => periodWords(release().month)
  const city = () => release().measures.filter(({ id }) => !absent(release().monthly('all', id)))
  const trends = () => [promiseMeasures, volumeMeasures].flatMap((ids) => release().firstOf('all', ids) ?? [])
  const columns = () => monthColumns(release())
  const zone = () => release().jurisdiction.time_zone
  return (
    <Page
      place={placeOf(release(), 'index.html')}
      title={title()}
      description={`How well ${release().jurisdiction.name} served people in ${when()}: waiting times, promises kept, open requests, and what is missing. With all the data.`}
      structured={[dataset(release())]}
    >
      <div class="page-head">
        <h1>{title()}</h1>
        <p class="lede">
          {shortWords(promises())} A standard is a promise: so many requests in so much time. Here you see who
          kept it and who did not.
        </p>
      </div>
      <ul class="cards">
        <For each={promises()}>{(promise) => <ServiceCard release={release()} promise={promise} />}</For>
      </ul>
      <MarkNotes
        figures={promises().flatMap(({ service, figure }) => [
          figure,
          ...besides(release(), service.id).map(({ id }) => release().monthly(service.id, id)),
        ])}
        root=""
      />
      <div class="two">
        <For each={trends()}>
          {(measure) => <Trend release={release()} service="all" measure={measure} target={null} root="" />}
        </For>
      </div>
      <section class="section">
        <h2>All services together</h2>
        <MeasureTable
          id="city"
          caption={`All services, ${when()} and before`}
          first="What we count"
          measures={city()}
          columns={columns()}
          figure={(measure, month) => release().monthly('all', measure.id, month)}
          root=""
        />
      </section>
      <section class="section prose">
        <h2>How far you can trust these numbers</h2>
        <p>
          We hide small numbers, so that nobody can be found in them. In this release{' '}
          {release().hidden.cells.toLocaleString('en-GB')} of {release().hidden.of.toLocaleString('en-GB')}{' '}
          numbers are hidden. They stand for {hiddenShareWords(release().hidden)} of all cases.{' '}
          <a href="methods.html#hidden">How and why we hide numbers</a>
        </p>
        <p>
          The numbers were taken on{' '}
          <time datetime={release().release.as_of}>{formatMinute(release().release.as_of, zone())}</time>.{' '}
          <Revised release={release()} /> <a href="missing.html">What is missing</a>
        </p>
        <Show when={release().release.next}>
          {(next) => (
            <p>
              The next release is about {periodWords(next().month)}. It comes on{' '}
              <time datetime={next().at}>{formatMinute(next().at, zone())}</time>.{' '}
              <a href={`${sitePath(release())}calendar.html`}>All release times</a>
            </p>
          )}
        </Show>
      </section>
    </Page>
  )
}

/** The month of the release, the one before, and the same a year ago. */
export const monthColumns = (release: Release) =>
  [0, -1, -12]
    .map((by) => shift(release.month, by))
    .filter((id) => release.months.includes(id))
    .map((id) => ({ id, label: periodWords(id) }))

function Revised(props: { release: Release }) {
  const count = () => props.release.revisions.length
  return (
    <Show when={count() > 0} fallback={<>No number of an earlier release has changed.</>}>
      {count().toLocaleString('en-GB')} {count() === 1 ? 'number' : 'numbers'} of earlier releases changed.
      Each is marked [r]. <a href={`${sitePath(props.release)}corrections.html`}>See what changed</a>.
    </Show>
  )
}

/** What a card tells beside the promise: how long it took and how many asked. */
const besides = (release: Release, service: string) =>
  [timeMeasures, volumeMeasures].flatMap((ids) => release.firstOf(service, ids) ?? [])

function ServiceCard(props: { release: Release; promise: Standing }) {
  const service = () => props.promise.service
  return (
    <li class="card">
      <h2>
        <a href={`services/${service().id}.html`}>{service().name}</a>
      </h2>
      <Kept promise={props.promise} root="" />
      <p>
        <StatusBadge status={props.promise.status} word={promiseWord(props.promise)} />
      </p>
      <p class="muted">
        <Standard service={service()} />
      </p>
      <dl class="facts is-short">
        <For each={besides(props.release, service().id)}>
          {(measure) => (
            <>
              <dt>
                <MeasureLink measure={measure} root="" />
              </dt>
              <dd>
                <FigureText figure={props.release.monthly(service().id, measure.id)} measure={measure} />
              </dd>
            </>
          )}
        </For>
      </dl>
    </li>
  )
}

/** The share that kept the promise, in large. */
export function Kept(props: { promise: Standing; root: string }) {
  const value = () => props.promise.figure?.value
  return (
    <Show
      when={value() != null && props.promise.measure}
      fallback={
        <p class="kpi is-missing">
          <Show when={props.promise.measure} fallback="No share to tell">
            {(measure) => <FigureText figure={props.promise.figure} measure={measure()} />}
          </Show>
        </p>
      }
    >
      {(measure) => (
        <p class="kpi">
          {formatParts(value() ?? 0, measure().unit).number}{' '}
          <small>
            <MeasureLink measure={measure()} root={props.root} />
            {props.promise.figure?.marks.map((mark) => ` [${mark}]`)}
          </small>
        </p>
      )}
    </Show>
  )
}

/** What was promised, in a sentence. */
export function Standard(props: { service: PublishedService }) {
  return (
    <Show
      when={props.service.standards.find(({ subtype }) => subtype === '') ?? props.service.standards[0]}
      fallback="Nothing was promised for this service."
    >
      {(standard) => (
        <>
          The promise: {standardWords(standard())}
          {standard().subtype ? ` for ${standard().subtype}` : ''}.
        </>
      )}
    </Show>
  )
}
