import { kpis } from '../../sql/kpis.ts'
import { notStated, periodsOf, servicesOf, valuesOf } from './cube.ts'
import type { Frozen } from './frozen.ts'
import { answerIds, type Layout, layouts, outcomeIds } from './layouts.ts'
import type { Dimension, Table } from './published.ts'

/** The tables of a release with all their rows, still without figures. Rows stand in the order of their dimensions, never of figures. */
export const emptyTables = (frozen: Frozen): Table[] =>
  layouts.map((layout) => {
    const dimensions = dimensionsOf(frozen, layout)
    const { leave_out } = frozen.about.publication
    return {
      id: layout.id,
      title: layout.title,
      means: layout.means,
      dimensions,
      measures: layout.measures.filter((id) => !leave_out.includes(id)),
      rows: combined(dimensions).map((at) => ({ at, figures: {} })),
      framework: layout.framework,
    }
  })

function dimensionsOf(frozen: Frozen, layout: Layout): Dimension[] {
  const { services, districts, channels } = frozen.about
  const names = new Map([
    ...districts.map(({ id, name }) => [`district ${id}`, name] as const),
    ...channels.map(({ id, name }) => [`channel ${id}`, name] as const),
    ...services.map(({ id, name }) => [`service ${id}`, name] as const),
    ['service all', 'All services'],
    ['district all', 'All districts'],
    ['channel all', 'All ways in'],
    [`district ${notStated}`, 'District not stated'],
    [`channel ${notStated}`, 'Way in not stated'],
  ])
  const named = (dimension: string, ids: string[]) =>
    ids.map((id) => ({ id, label: names.get(`${dimension} ${id}`) ?? id }))
  const periods = periodsOf(frozen.about)[layout.periods].map(({ id }) => ({ id, label: periodLabel(id) }))
  const parts: Dimension[] = []
  if (layout.by === 'district' || layout.by === 'channel')
    parts.push({
      id: layout.by,
      label: layout.by === 'district' ? 'District' : 'Way in',
      values: named(layout.by, ['all', ...valuesOf(frozen, layout.by)]),
    })
  if (layout.by === 'answer')
    parts.push({
      id: 'answer',
      label: 'Answer',
      values: [
        { id: 'all', label: 'All ratings' },
        ...answerIds.map((id) => ({ id, label: answerLabels[id] })),
      ],
    })
  if (layout.by === 'outcome')
    parts.push({
      id: 'outcome',
      label: 'How it ended',
      values: [
        { id: 'all', label: 'All requests closed' },
        ...outcomeIds.map((id) => ({ id, label: kpis[`${id}_share`].label })),
      ],
    })
  return [
    { id: 'service', label: 'Service', values: named('service', servicesOf(frozen, layout)) },
    ...parts,
    { id: 'period', label: layout.periods === 'months' ? 'Month' : 'Quarter', values: periods },
  ]
}

const answerLabels: Record<(typeof answerIds)[number], string> = {
  satisfied: 'Satisfied (4 or 5 points)',
  neither: 'Neither (3 points)',
  dissatisfied: 'Dissatisfied (1 or 2 points)',
}

const combined = (dimensions: readonly Dimension[]) =>
  dimensions.reduce<Table['rows'][number]['at'][]>(
    (rows, { id, values }) => rows.flatMap((at) => values.map((value) => ({ ...at, [id]: value.id }))),
    [{}],
  )

const monthNames = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]

/** "June 2026", or "April to June 2026". */
export function periodLabel(id: string): string {
  const year = id.slice(0, 4)
  const quarter = /-Q(\d)$/.exec(id)?.[1]
  if (!quarter) return `${monthNames[Number(id.slice(5)) - 1]} ${year}`
  const last = 3 * Number(quarter) - 1
  return `${monthNames[last - 2]} to ${monthNames[last]} ${year}`
}
