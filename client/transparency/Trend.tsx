import { Show } from 'solid-js'
import { trend } from '../../server/charts/trend.ts'
import type { Measure } from '../../server/releases/published.ts'
import { formatBucketLong, formatInterval } from '../../server/words/format.ts'
import { headline } from '../../server/words/headline.ts'
import { FigureFrame } from '../components/FigureFrame.tsx'
import { Table } from '../components/Table.tsx'
import { drawing } from './drawing.ts'
import { FigureText, MarkNotes } from './FigureText.tsx'
import { type Release, statOf } from './release.ts'

/** One measure of a service over the months, as a chart and as a table. */
export function Trend(props: {
  release: Release
  service: string
  measure: Measure
  target: number | null
  root: string
  level?: 2 | 3
}) {
  const id = () => `trend-${props.measure.id.replaceAll('_', '-')}`
  const rows = () =>
    props.release.months.map((month) => ({
      from: `${month}-01`,
      until: '',
      figure: props.release.monthly(props.service, props.measure.id, month),
    }))
  const series = () => ({
    points: rows().map(({ figure, ...point }) => ({ ...point, stat: statOf(figure, props.measure) })),
    unit: props.measure.unit,
    target: props.target,
    limits: null,
    signals: [],
  })
  const shown = () => series().points.some(({ stat }) => stat.value !== null)
  const banded = () => series().points.some(({ stat }) => stat.interval !== null)
  const title = () => headline(props.measure.label, series(), 'month')
  const draw = () => trend(series(), 'month', { intervals: true })
  return (
    <FigureFrame
      id={id()}
      title={title()}
      summary={props.measure.means}
      level={props.level}
      legend={
        banded() && props.measure.unit !== 'count'
          ? [{ label: '95% range: how sure we are', kind: 'band' }]
          : undefined
      }
      chart={
        <Show when={shown()} fallback={<p>There is no number to draw. The table says why.</p>}>
          <Drawn
            wide={drawing(draw(), wide, `${id()}-w`)}
            narrow={drawing(draw(), narrow, `${id()}-n`)}
            name={title()}
          />
        </Show>
      }
      source={
        <>
          <a href={`${props.root}methods.html#${props.measure.id}`}>How this is measured</a>.{' '}
          <a href={`${props.root}data/services_by_month.csv`}>Get these numbers (CSV)</a>
        </>
      }
    >
      <details>
        <summary>Show as a table</summary>
        <Table
          id={`${id()}-table`}
          caption={`${props.measure.label}, month by month`}
          heads={[
            { label: 'Month' },
            { label: props.measure.label, number: true },
            ...(banded() ? [{ label: '95% range', number: true }] : []),
          ]}
          rows={rows()}
          cell={(row, column) => {
            if (column === 0) return formatBucketLong(row.from, 'month')
            if (column === 1) return <FigureText figure={row.figure} measure={props.measure} />
            return formatInterval(statOf(row.figure, props.measure)).replace('95% range ', '') || '–'
          }}
        />
      </details>
      <MarkNotes figures={rows().map(({ figure }) => figure)} root={props.root} />
    </FigureFrame>
  )
}

const wide = { width: 540, height: 260 }
const narrow = { width: 320, height: 240 }

/** The same chart drawn for wide and for narrow screens: the style sheet shows one of them. */
export function Drawn(props: { wide: string; narrow: string; name: string }) {
  return (
    <>
      <div class="chart is-wide" role="img" aria-label={props.name} innerHTML={props.wide} />
      <div class="chart is-narrow" role="img" aria-label={props.name} innerHTML={props.narrow} />
    </>
  )
}
