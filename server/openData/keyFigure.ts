import type { Unit } from '../../sql/stat.ts'
import type { Figure, Measure, Published, PublishedService } from '../releases/published.ts'
import { formatValue } from '../words/format.ts'
import { gapOf } from './marks.ts'

/** The one number a service is known by, and how it went: what an embed shows. */
export type KeyFigure = {
  service: PublishedService
  measure: Measure
  /** Table it stands in. */
  table: string
  points: { period: string; figure: Figure }[]
}

/**
 * The first measure, in the order of the release, that must be published and has a value for the last period: a share of
 * promises kept before a time. Where none has, the first with a value at all; where all are hidden, the first of all.
 */
export function keyFigure(published: Published, service: PublishedService): KeyFigure | null {
  const table = published.tables.find(
    ({ id, dimensions }) =>
      id === 'services_by_month' && dimensions.some((dimension) => dimension.id === 'service'),
  )
  const periods = table?.dimensions.find(({ id }) => id === 'period')?.values ?? []
  const rows = new Map(
    table?.rows.filter(({ at }) => at.service === service.id).map((row) => [row.at.period, row.figures]),
  )
  if (!table || rows.size === 0) return null
  const last = rows.get(periods.at(-1)?.id)
  const measures = published.measures.filter(({ id }) => table.measures.includes(id))
  const valued = measures.filter(({ id }) => last?.[id] && last[id].value !== null)
  const measure =
    valued.find(({ mandatory, kind }) => mandatory && kind === 'share') ??
    valued.find(({ mandatory }) => mandatory) ??
    valued[0] ??
    measures[0]
  if (!measure) return null
  const missing: Figure = { value: null, marks: ['x'], interval: null, was: null }
  const points = periods.map(({ id, label }) => ({
    period: label,
    figure: rows.get(id)?.[measure.id] ?? missing,
  }))
  return { service, measure, table: table.id, points }
}

/** What is not there says why in words. */
export function figureWords(figure: Pick<Figure, 'value' | 'marks'>, unit: Unit): string {
  if (figure.value !== null) return formatValue(figure.value, unit)
  return { c: 'hidden', x: 'not available', z: 'does not apply' }[gapOf(figure)]
}

/** Marks as readers see them behind a figure: "[p] [u]". */
export const shownMarks = (figure: Pick<Figure, 'value' | 'marks'>) =>
  figure.value === null ? [gapOf(figure)] : figure.marks
