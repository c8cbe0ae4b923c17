import type { Published } from '../releases/published.ts'
import type { Cell, Column, FlatTable } from './columns.ts'
import { gapOf, marksText } from './marks.ts'

/**
 * What earlier releases said otherwise, as a table of the release beside the others: in those a column for the earlier
 * value of every measure would be empty almost always.
 */
export function revisionTable({ revisions, tables, measures }: Published): FlatTable {
  const rows = revisions.map(({ table, at, measure, before, now }): Cell[] => [
    table,
    placeText(at),
    measure,
    before.release,
    before.value ?? { gap: gapOf(before) },
    marksText(before),
    now.value ?? { gap: gapOf(now) },
    marksText(now),
  ])
  const order = new Map(tables.map(({ id }, index) => [id, index]))
  rows.sort(
    (one, other) =>
      (order.get(String(one[0])) ?? 0) - (order.get(String(other[0])) ?? 0) ||
      compare(String(one[1]), String(other[1])) ||
      compare(String(one[2]), String(other[2])) ||
      compare(String(one[3]), String(other[3])),
  )
  return {
    id: 'revisions',
    title: 'Revised figures',
    means: 'Figures of this release that earlier releases gave otherwise, with what they said.',
    framework: null,
    measures,
    columns,
    rows,
  }
}

/** Where a figure stands, like `service=permits;period=2026-06`. */
export const placeText = (at: Published['revisions'][number]['at']) =>
  Object.entries(at)
    .map(([dimension, value]) => `${dimension}=${value}`)
    .join(';')

const compare = (one: string, other: string) => (one < other ? -1 : one > other ? 1 : 0)

const text = { type: 'text', unit: null, least: null, most: null, key: false, optional: false } as const
const columns: Column[] = [
  { ...text, name: 'table', title: 'Table', means: 'Table the figure stands in.', key: true },
  { ...text, name: 'place', title: 'Row', means: 'Its row: codes of the dimensions.', key: true },
  { ...text, name: 'measure', title: 'Measure', means: 'Its column.', key: true },
  {
    ...text,
    name: 'before_release',
    title: 'Earlier release',
    means: 'Release that said so first.',
    key: true,
  },
  ...(['before', 'now'] as const).flatMap((when): Column[] => [
    {
      ...text,
      name: `${when}_value`,
      title: when === 'now' ? 'Value now' : 'Value before',
      means: when === 'now' ? 'What this release says.' : 'What the earlier release said.',
      type: 'number',
      optional: true,
    },
    {
      ...text,
      name: `${when}_marks`,
      title: when === 'now' ? 'Marks now' : 'Marks before',
      means: 'Marks of the value, with a space between them.',
      optional: true,
    },
  ]),
]
