import type { Unit } from '../../sql/stat.ts'
import type { Figure, Measure, Published, PublishedService } from '../releases/published.ts'
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

const whole = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 })
const tenth = new Intl.NumberFormat('en-GB', { minimumFractionDigits: 1, maximumFractionDigits: 1 })

const nouns: Record<Unit, string> = {
  count: '',
  share: '%',
  per_100: ' per 100',
  money: '',
  seconds: ' seconds',
  minutes: ' minutes',
  hours: ' hours',
  days: ' days',
}

/** "63%", "6.2 days", "14 days", "1,204", as on the pages: shares below 1 % and above 99 % have a decimal. */
export function valueWords(value: number, unit: Unit): string {
  if (unit === 'count') return whole.format(value)
  const shown = unit === 'share' ? value * 100 : value
  const fine =
    unit === 'share' ? (shown > 0 && shown < 1) || (shown > 99 && shown < 100) : Math.abs(shown) < 9.95
  const number = (fine ? tenth : whole).format(shown)
  return `${number}${number === '1.0' ? nouns[unit].replace(/s$/, '') : nouns[unit]}`
}

/** What is not there says why in words. */
export function figureWords(figure: Pick<Figure, 'value' | 'marks'>, unit: Unit): string {
  if (figure.value !== null) return valueWords(figure.value, unit)
  return { c: 'hidden', x: 'not available', z: 'does not apply' }[gapOf(figure)]
}

/** Marks as readers see them behind a figure: "[p] [u]". */
export const shownMarks = (figure: Pick<Figure, 'value' | 'marks'>) =>
  figure.value === null ? [gapOf(figure)] : figure.marks
