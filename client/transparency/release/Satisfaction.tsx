import { For, Show } from 'solid-js'
import { bars, barsHeight } from '../../../server/charts/bars.ts'
import type { Measure } from '../../../server/releases/published.ts'
import { formatShare } from '../../../server/words/format.ts'
import { FigureFrame } from '../../components/FigureFrame.tsx'
import { drawing } from '../drawing.ts'
import { PlaceTable } from '../MeasureTable.tsx'
import { Page } from '../Page.tsx'
import { absent, type Release, statOf } from '../release.ts'
import { Drawn, Trend } from '../Trend.tsx'
import { periodWords } from '../words.ts'
import { placeOf } from './place.ts'

const told = ['satisfied_share', 'response_rate'] as const

/** What people said: how many were satisfied, how many answered at all. */
export function Satisfaction(props: { release: Release }) {
  const release = () => props.release
  const when = () => periodWords(release().month)
  const measures = () => told.flatMap((id) => release().measure(id) ?? [])
  const satisfied = () => release().measure('satisfied_share')
  const at = (service: string, measure: Measure) => release().monthly(service, measure.id)
  const services = () =>
    release()
      .dimension('services_by_month', 'service')
      .filter(({ id }) => measures().some((measure) => !absent(at(id, measure))))
  const title = () => {
    const measure = satisfied()
    const all = measure && at('all', measure)
    if (all?.value != null)
      return `${formatShare(all.value)} of people who answered were satisfied in ${when()}`
    return all?.marks.includes('c')
      ? `What people said in ${when()} is hidden to protect them`
      : 'We do not know how satisfied people were'
  }
  return (
    <Page
      place={placeOf(release(), 'satisfaction.html')}
      title={title()}
      description={`How satisfied people were with the services of ${release().jurisdiction.name}, and how many of them answered.`}
    >
      <div class="page-head">
        <h1>{title()}</h1>
        <p class="lede">
          We ask people how it was. Not all of them answer. Those who are very happy or very cross may answer
          more often than others, so look at both numbers: how many were satisfied, and how many answered.
        </p>
      </div>
      <Show
        when={services().length > 0}
        fallback={
          <p>
            No answers came in, or this release does not hold them.{' '}
            <a href="missing.html">See what is missing</a>
          </p>
        }
      >
        <div class="two">
          <Show when={satisfied()}>
            {(measure) => <ByService release={release()} measure={measure()} services={services()} />}
          </Show>
          <Show when={satisfied()}>
            {(measure) => (
              <Show when={!absent(at('all', measure()))}>
                <Trend release={release()} service="all" measure={measure()} target={null} root="" />
              </Show>
            )}
          </Show>
        </div>
        <section class="section">
          <h2>Satisfied people and answers, {when()}</h2>
          <PlaceTable
            id="satisfied"
            caption={`Satisfied people and answers, ${when()}`}
            first="Service"
            places={services().map((service) => ({
              ...service,
              ...(service.id !== 'all' && { href: `services/${service.id}.html` }),
            }))}
            measures={measures()}
            figure={at}
            root=""
          />
        </section>
      </Show>
      <Answers release={release()} />
    </Page>
  )
}

function ByService(props: { release: Release; measure: Measure; services: { id: string; label: string }[] }) {
  const rows = () =>
    props.services
      .filter(({ id }) => id !== 'all')
      .map(({ id, label }) => ({
        value: id,
        label,
        stat: statOf(props.release.monthly(id, props.measure.id), props.measure),
      }))
      // The largest first; those without a number last, by name, so that the order tells nothing of them.
      .sort((a, b) => (b.stat.value ?? -1) - (a.stat.value ?? -1) || (a.label < b.label ? -1 : 1))
  const title = () => `${props.measure.label}, by service`
  const height = () => barsHeight(rows().length)
  return (
    <Show when={rows().some(({ stat }) => stat.value !== null)}>
      <FigureFrame
        id="by-service"
        title={title()}
        summary={`${props.measure.means} The thin line at the end of a bar shows how sure we are: the 95% range.`}
        source={
          <>
            <a href={`methods.html#${props.measure.id}`}>How this is measured</a>.{' '}
            <a href="data/services_by_month.csv">Get these numbers (CSV)</a>
          </>
        }
        chart={
          <Drawn
            wide={drawing(bars(rows()), { width: 540, height: height() }, 'by-service-w')}
            narrow={drawing(bars(rows()), { width: 320, height: height() }, 'by-service-n')}
            name={`${title()}. The table below says the same.`}
          />
        }
      >
        {null}
      </FigureFrame>
    </Show>
  )
}

/** How many gave which answer, in the newest period. */
function Answers(props: { release: Release }) {
  const period = () => props.release.latest('satisfaction')
  const ratings = () =>
    props.release.table('satisfaction')?.measures.flatMap((id) => props.release.measure(id) ?? []) ?? []
  const services = () => props.release.dimension('satisfaction', 'service')
  const answers = () => props.release.dimension('satisfaction', 'answer')
  return (
    <For each={ratings().slice(0, 1)}>
      {(measure) => (
        <section class="section">
          <h2>What people answered, {period()?.label}</h2>
          <PlaceTable
            id="answers"
            caption={`Answers, ${period()?.label}`}
            first="Service"
            places={services()}
            measures={answers().map(({ id, label }) => ({ ...measure, answer: id, label }))}
            figure={(service, answer) =>
              props.release.figure(
                'satisfaction',
                {
                  service,
                  answer: (answer as Measure & { answer: string }).answer,
                  period: period()?.id ?? '',
                },
                measure.id,
              )
            }
            root=""
          />
          <p>
            <a href="data/satisfaction.csv">Get these numbers (CSV)</a>
          </p>
        </section>
      )}
    </For>
  )
}
