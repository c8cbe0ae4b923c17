import { createMemo, createSignal, For, lazy, Show } from 'solid-js'
import { ageBands, backlogByAge, bandShades, cumulativeFlow, notWhole } from '../../server/charts/flow.ts'
import { inSeries, marksOf } from '../../server/charts/marks.ts'
import { trendPeriod } from '../../server/words/days.ts'
import { clearWords, stateWords } from '../../server/words/flowWords.ts'
import { formatBucketLong, formatCount, formatHours, formatPeriod } from '../../server/words/format.ts'
import type { Grain } from '../../sql/filters.ts'
import { type FlowAnswer, type FlowPoint, useAnswer } from '../api.ts'
import { csvOf, useFilters, useMeta } from '../filters.ts'
import { sourceLine } from '../source.ts'
import { MarkList, useAnnotations } from './Annotations.tsx'
import type { Column } from './DataTable.tsx'
import { Figure } from './Figure.tsx'
import { Loaded } from './States.tsx'

const EChart = lazy(() => import('./EChart.tsx'))
const height = 320
const grains: { id: Grain; label: string }[] = [
  { id: 'month', label: 'Months' },
  { id: 'week', label: 'Weeks' },
  { id: 'day', label: 'Days' },
]
type Stage = FlowAnswer['stages'][number]

/** What came, what left and what waits, for a service or one of its stages: the backlog by age, and the cumulative flow. */
export function FlowChart(props: { service: string; stage?: string }) {
  const meta = useMeta()
  const { api, period } = useFilters()
  const [grain, setGrain] = createSignal<Grain>('week')
  const [chosen, setChosen] = createSignal('')
  const stretch = createMemo(() => trendPeriod(period(), grain(), meta()?.held ?? null))
  const address = () =>
    api('/flow', { ...stretch(), compare: 'none', grain: grain(), service: [props.service] })
  const answer = useAnswer<FlowAnswer>(address)
  const stageName = () => props.stage ?? chosen()
  const stage = (flow: FlowAnswer): Stage | undefined =>
    flow.stages.find((one) => stageName() !== '' && nameOf(one) === stageName())
  const points = (flow: FlowAnswer): readonly FlowPoint[] => stage(flow)?.points ?? flow.cases.points
  const { numbered } = useAnnotations(() => props.service)
  const notes = () =>
    numbered().filter((one) => stageName() === '' || one.stage === '' || one.stage === stageName())
  const marks = (flow: FlowAnswer) => marksOf(points(flow), notes())
  const place = () => (stageName() === '' ? 'open' : `at ${stageName()}`)
  const csv = () =>
    csvOf(stageName() === '' ? address() : `${address()}&stage=${encodeURIComponent(stageName())}`)
  const words = (flow: FlowAnswer) => {
    const one = stage(flow)
    return [clearWords(one ?? flow.cases), one && stateWords(one)].filter(Boolean).join(' ')
  }
  const columns: Column<FlowPoint>[] = [
    {
      label: 'Time',
      cell: (point) => `${formatBucketLong(point.from, grain())}${notWhole(point) ? ' (not whole)' : ''}`,
    },
    { label: 'Came', number: true, cell: (point) => whole(point.arrivals) },
    { label: 'Left', number: true, cell: (point) => whole(point.departures) },
    { label: 'Waiting at the end', number: true, cell: (point) => whole(point.backlog) },
    ...ageBands.map((label, band) => ({
      label,
      number: true,
      cell: (point: FlowPoint) => whole(point.age.by_days[band] ?? 0),
    })),
    { label: 'Typical age', number: true, cell: (point) => age(point.age.median_days) },
    { label: 'Oldest', number: true, cell: (point) => age(point.age.oldest_days) },
  ]
  const controls = (flow: FlowAnswer) => (
    <div class="controls">
      <fieldset class="controls plain">
        <legend class="visually-hidden">Show by</legend>
        <For each={grains}>
          {(one) => (
            <button
              type="button"
              class="button"
              aria-pressed={grain() === one.id}
              onClick={() => setGrain(one.id)}
            >
              {one.label}
            </button>
          )}
        </For>
      </fieldset>
      <Show when={props.stage === undefined}>
        <label>
          Where{' '}
          <select value={chosen()} onChange={(event) => setChosen(event.currentTarget.value)}>
            <option value="">The whole service</option>
            <For each={flow.stages}>{(one) => <option value={nameOf(one)}>{nameOf(one)}</option>}</For>
          </select>
        </label>
      </Show>
    </div>
  )
  return (
    <Loaded answer={answer} what="What came and what left" height={2 * height + 400}>
      {(flow) => (
        <>
          <Figure
            id="backlog-by-age"
            title={backlogTitle(stage(flow()) ?? flow().cases, place())}
            summary={`Cases ${place()} at the end of each ${grain()}, by how long they had ${
              stageName() === '' ? 'been open' : 'stood there'
            }: the darker, the older. ${words(flow())}`}
            caption={`What came, left and waits, ${formatPeriod(stretch())}`}
            columns={columns}
            rows={points(flow())}
            source={sourceLine({ period: stretch(), as_of: flow().as_of })}
            csv={csv()}
            height={height}
            controls={controls(flow())}
          >
            <BandKey />
            <EChart draw={backlogByAge(points(flow()), grain(), marks(flow()))} height={height} />
            <MarkList annotations={inSeries(points(flow()), notes())} />
          </Figure>
          <Figure
            id="cumulative-flow"
            title={flowTitle(stage(flow()) ?? flow().cases)}
            summary="All that came and all that left, added up. The band between the lines is what waits; where it widens, more comes than leaves."
            caption={`What came and left, added up, ${formatPeriod(stretch())}`}
            columns={[
              ...columns.slice(0, 4),
              { label: 'Came so far', number: true, cell: (point) => whole(point.cumulative_arrivals) },
              { label: 'Left so far', number: true, cell: (point) => whole(point.cumulative_departures) },
            ]}
            rows={points(flow())}
            source={sourceLine({ period: stretch(), as_of: flow().as_of })}
            csv={csv()}
            legend={[
              { label: 'came', kind: 'line' },
              { label: 'left', kind: 'dashed' },
              { label: 'waiting', kind: 'band' },
            ]}
            height={height}
          >
            <EChart draw={cumulativeFlow(points(flow()), grain(), marks(flow()))} height={height} />
            <MarkList annotations={inSeries(points(flow()), notes())} />
          </Figure>
        </>
      )}
    </Loaded>
  )
}

/** Counts of a stage may be expected ones: said in whole cases. */
const whole = (count: number) => formatCount(Math.round(count))
const age = (days: number | null) => (days === null ? '–' : formatHours(days * 24))
const nameOf = ({ stage, after }: Stage) => stage ?? (after ? `after ${after}` : 'not begun')

type Totals = Pick<FlowAnswer['cases'], 'backlog' | 'backlog_before' | 'arrivals' | 'departures'>

function backlogTitle({ backlog, backlog_before }: Totals, place: string): string {
  const [now, then] = [Math.round(backlog), Math.round(backlog_before)]
  const moved = now === then ? 'as many as' : now > then ? 'up from' : 'down from'
  return `${formatCount(now)} cases ${place}, ${moved}${now === then ? '' : ` ${formatCount(then)}`} at the beginning`
}

function flowTitle({ arrivals, departures }: Totals): string {
  const [came, left] = [Math.round(arrivals), Math.round(departures)]
  const than = came > left ? 'more than' : came < left ? 'fewer than' : 'as many as'
  return `${formatCount(came)} cases came, ${than} the ${formatCount(left)} that left`
}

function BandKey() {
  return (
    <ul class="key">
      <For each={ageBands}>
        {(band, index) => (
          <li>
            <svg viewBox="0 0 28 12" aria-hidden="true">
              <path d="M0 0h28v12H0z" fill="var(--c1)" fill-opacity={bandShades[index()]} />
            </svg>
            {band}
          </li>
        )}
      </For>
    </ul>
  )
}
