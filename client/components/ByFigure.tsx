import { createMemo, lazy, Show } from 'solid-js'
import { bars, barsHeight, ranked } from '../../server/charts/bars.ts'
import { formatCount, formatInterval, formatStat } from '../../server/words/format.ts'
import { verdictWords } from '../../server/words/words.ts'
import type { Dimension } from '../../sql/filters.ts'
import type { KpiId } from '../../sql/kpis.ts'
import { type By, useAnswer } from '../api.ts'
import { csvOf, useFilters, useMeta } from '../filters.ts'
import { sourceLine } from '../source.ts'
import { Figure } from './Figure.tsx'
import { Empty, Loaded } from './States.tsx'

const EChart = lazy(() => import('./EChart.tsx'))

/** One KPI over the values of a dimension, with intervals; what is too small is not ranked. */
export function ByFigure(props: {
  id: KpiId
  dimension: Dimension
  service?: string
  /** "district", "channel": what the bars are. */
  word: string
  level?: 2 | 3
}) {
  const meta = useMeta()
  const { api } = useFilters()
  const kpi = createMemo(() => meta()?.kpis.find(({ id }) => id === props.id))
  const address = () =>
    api(`/kpis/${props.id}/by/${props.dimension}`, props.service ? { service: [props.service] } : {})
  const answer = useAnswer<By>(address)
  const label = () => kpi()?.label ?? props.id
  const rows = createMemo(() => ranked(answer.data()?.rows ?? []))
  const sayable = () => rows().filter(({ stat }) => stat.value !== null)
  const title = () => {
    const [first, last] = [sayable()[0], sayable().at(-1)]
    if (!first || !last || first === last) return `${label()} by ${props.word}`
    const separate =
      first.stat.interval && last.stat.interval ? first.stat.interval[0] > last.stat.interval[1] : false
    return separate
      ? `${label()}: from ${formatStat(last.stat)} (${last.label}) to ${formatStat(first.stat)} (${first.label})`
      : `${label()} by ${props.word}: no clear differences`
  }
  const left = () => rows().length - sayable().length
  return (
    <Loaded answer={answer} what={`${label()} by ${props.word}`} height={420}>
      {(data) => (
        <Show
          when={rows().length > 0}
          fallback={
            <Empty title={`${label()} by ${props.word}: no data for this choice.`}>
              <p>Choose a longer period or fewer filters.</p>
            </Empty>
          }
        >
          <Figure
            id={`${props.id}-by-${props.dimension}`}
            level={props.level ?? 2}
            title={title()}
            summary={`${kpi()?.means ?? ''} The thin lines are 95% ranges: where they overlap, the difference may be chance.${
              left() > 0
                ? ` ${left()} with too little data ${left() === 1 ? 'is' : 'are'} not ranked and stand${left() === 1 ? 's' : ''} last.`
                : ''
            }`}
            caption={`${label()} by ${props.word}`}
            columns={[
              {
                label: props.word.charAt(0).toUpperCase() + props.word.slice(1),
                cell: (row) => row.label,
                sort: (row) => row.label,
              },
              {
                label: label(),
                number: true,
                cell: (row) => formatStat(row.stat),
                sort: (row) => row.stat.value,
              },
              {
                label: '95% range',
                number: true,
                cell: (row) => formatInterval(row.stat).replace('95% range ', '') || '–',
              },
              {
                label: 'Counted',
                number: true,
                cell: (row) => formatCount(row.stat.n),
                sort: (row) => row.stat.n,
              },
              ...(data().compare_period
                ? [
                    {
                      label: 'Before',
                      number: true,
                      cell: (row: By['rows'][number]) => (row.compare ? formatStat(row.compare) : 'No data'),
                    },
                    { label: 'Change', cell: (row: By['rows'][number]) => verdictWords[row.change.verdict] },
                  ]
                : []),
            ]}
            rows={rows()}
            source={sourceLine(data())}
            definition={props.id}
            csv={csvOf(address())}
            height={barsHeight(rows().length)}
          >
            <EChart
              draw={bars(rows(), { total: { label: 'All', value: data().total.value } })}
              height={barsHeight(rows().length)}
            />
          </Figure>
        </Show>
      )}
    </Loaded>
  )
}
