import { lazy } from 'solid-js'
import { changeTrend, type Week, type WeeklyUnit, weekValue } from '../../../server/charts/change.ts'
import { inSeries, marksOf } from '../../../server/charts/marks.ts'
import { formatBucketLong } from '../../../server/words/format.ts'
import { MarkList, useAnnotations } from '../../components/Annotations.tsx'
import { Figure } from '../../components/Figure.tsx'
import type { KeyEntry } from '../../components/Key.tsx'
import { sourceLine } from '../../source.ts'

const EChart = lazy(() => import('../../components/EChart.tsx'))

/** A weekly series, with a change marked where there is one. */
export function WeeklyFigure(props: {
  id: string
  title: string
  summary: string
  unit: WeeklyUnit
  /** One or two series. */
  names: string[]
  weeks: Week[]
  change: { since: string; since_between: [string, string] } | null
  service: string
  answer: { period: { from: string; until: string }; as_of: string | null }
  csv?: string
}) {
  const { numbered } = useAnnotations(() => props.service)
  const change = () => props.change && { since: props.change.since, between: props.change.since_between }
  const legend = (): KeyEntry[] => [
    { label: props.names[0] === 'all' ? 'by week' : (props.names[0] ?? ''), kind: 'line' },
    ...props.names.slice(1).map((label): KeyEntry => ({ label, kind: 'dashed' })),
    ...(props.change ? [{ label: 'when it began, 95% sure', kind: 'band' } satisfies KeyEntry] : []),
  ]
  return (
    <Figure
      id={props.id}
      level={props.change ? 3 : 2}
      title={props.title}
      summary={props.summary}
      caption={`${props.title}, by week`}
      rows={props.weeks}
      columns={[
        {
          label: 'Week',
          cell: (week) => `${formatBucketLong(week.from, 'week')}${week.complete ? '' : ' (not in full)'}`,
        },
        ...props.names.map((name, which) => ({
          label: name === 'all' ? 'All' : name,
          number: true,
          cell: (week: Week) => weekValue(week.values[which] ?? null, props.unit),
          sort: (week: Week) => week.values[which] ?? null,
        })),
        ...(props.change
          ? [
              {
                label: 'Level',
                cell: (week: Week) =>
                  props.change && week.until > props.change.since ? 'since the change' : 'before',
              },
            ]
          : []),
      ]}
      source={sourceLine(props.answer)}
      {...(props.csv ? { csv: props.csv } : {})}
      legend={legend()}
      height={280}
    >
      <EChart
        draw={changeTrend(props.weeks, props.names, props.unit, change(), marksOf(props.weeks, numbered()))}
        height={280}
      />
      <MarkList annotations={inSeries(props.weeks, numbered())} />
    </Figure>
  )
}
