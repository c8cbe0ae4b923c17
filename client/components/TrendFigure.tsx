import { createMemo, createSignal, For, lazy } from 'solid-js'
import { inSeries, marksOf } from '../../server/charts/marks.ts'
import { soFar, trend } from '../../server/charts/trend.ts'
import { trendPeriod } from '../../server/words/days.ts'
import {
  formatBucketLong,
  formatCount,
  formatInterval,
  formatPeriod,
  formatStat,
} from '../../server/words/format.ts'
import { headline } from '../../server/words/headline.ts'
import { assuranceSentence, ruleWords, variationWords } from '../../server/words/words.ts'
import type { Grain } from '../../sql/filters.ts'
import type { KpiId } from '../../sql/kpis.ts'
import { type Series, useAnswer } from '../api.ts'
import { csvOf, useFilters, useMeta } from '../filters.ts'
import { sourceLine } from '../source.ts'
import { MarkList, useAnnotations } from './Annotations.tsx'
import type { Column } from './DataTable.tsx'
import { Figure } from './Figure.tsx'
import type { KeyEntry } from './Key.tsx'
import { Loaded } from './States.tsx'

const EChart = lazy(() => import('./EChart.tsx'))
type Point = Series['points'][number]
const grains: { id: Grain; label: string }[] = [
  { id: 'month', label: 'Months' },
  { id: 'week', label: 'Weeks' },
  { id: 'day', label: 'Days' },
]

/** One KPI over time, with its usual limits, target and signals, in figures and in words. */
export function TrendFigure(props: {
  id: KpiId
  /** Anchor of the figure; the KPI's id unless told otherwise. */
  anchor?: string
  title?: string
  service?: string
  switchable?: boolean
  height?: number
  /** Without limits and words on variation. */
  plain?: boolean
}) {
  const meta = useMeta()
  const { api, filters, period } = useFilters()
  const [grain, setGrain] = createSignal<Grain>('month')
  const kpi = createMemo(() => meta()?.kpis.find(({ id }) => id === props.id))
  const stretch = createMemo(() => trendPeriod(period(), grain(), meta()?.held ?? null))
  const address = () =>
    api(`/kpis/${props.id}/series`, {
      ...stretch(),
      compare: 'none',
      grain: grain(),
      ...(props.service && { service: [props.service] }),
    })
  const answer = useAnswer<Series>(address)
  const { numbered } = useAnnotations(
    () => props.service ?? (filters().service.length === 1 ? filters().service[0] : undefined),
  )
  const label = () => kpi()?.label ?? props.id
  const height = () => props.height ?? 320
  const title = (series: Series) => props.title ?? headline(label(), series, grain())
  const signalAt = (series: Series, from: string) => series.signals.find((signal) => signal.from === from)
  const columns = (series: Series): Column<Point>[] => [
    {
      label: { month: 'Month', week: 'Week', day: 'Day' }[grain()],
      cell: (point) => `${formatBucketLong(point.from, grain())}${soFar(point) ? ' (so far)' : ''}`,
    },
    { label: label(), number: true, cell: (point) => formatStat(point.stat) },
    {
      label: '95% range',
      number: true,
      cell: (point) => formatInterval(point.stat).replace('95% range ', '') || '–',
    },
    { label: 'Counted', number: true, cell: (point) => formatCount(point.stat.n) },
    {
      label: 'Signal',
      cell: (point) => {
        const signal = signalAt(series, point.from)
        return signal ? ruleWords[signal.rule] : 'none'
      },
    },
  ]
  const legend = (series: Series): KeyEntry[] => [
    ...(series.limits && !series.limits.trial && !props.plain
      ? [{ label: 'usual limits', kind: 'band' } as const]
      : []),
    ...(series.signals.length > 0 && !props.plain
      ? [{ label: 'signal: more than chance', kind: 'signal' } as const]
      : []),
    ...(series.points.some(soFar) ? [{ label: 'not complete yet', kind: 'hollow' } as const] : []),
  ]
  return (
    <Loaded answer={answer} what={label()} height={height() + 230}>
      {(series) => (
        <Figure
          id={props.anchor ?? props.id}
          title={title(series())}
          summary={[
            kpi()?.means,
            ...(props.plain
              ? []
              : [
                  variationWords[series().variation],
                  assuranceSentence(series(), kpi()?.better ?? 'neither'),
                ]),
          ].join(' ')}
          caption={`${label()}, ${formatPeriod(stretch())}`}
          columns={columns(series())}
          rows={series().points}
          source={sourceLine({ ...series(), period: stretch() })}
          definition={props.id}
          csv={csvOf(address())}
          legend={legend(series())}
          height={height()}
          controls={
            props.switchable ? (
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
            ) : undefined
          }
        >
          <EChart
            draw={trend(plain(series(), props.plain), grain(), {
              limits: !props.plain,
              marks: marksOf(series().points, numbered()),
            })}
            height={height()}
          />
          <MarkList annotations={inSeries(series().points, numbered())} />
        </Figure>
      )}
    </Loaded>
  )
}

const plain = (series: Series, wanted: boolean | undefined): Series =>
  wanted ? { ...series, signals: [] } : series
