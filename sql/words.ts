import { addDays, format, parseISO } from 'date-fns'
import type { Period } from './filters.ts'

/** Figures as they stand in a sentence, in English. */

const rounded = new Intl.NumberFormat('en-GB', { maximumSignificantDigits: 2 })

/** Person-hours, to two significant digits: 4,100 hours. */
export const hours = (value: number): string => `${rounded.format(value)} hours`

/** A wait given in hours, in the unit people would use. */
export function days(value: number): string {
  if (value >= 48) return `${(value / 24).toFixed(1)} days`
  if (value >= 2) return `${value.toFixed(1)} hours`
  return `${(value * 60).toFixed(0)} minutes`
}

/** "June 2026", "April to June 2026", or the two days. */
export function monthsOf({ from, until }: Period): string {
  const [first, last] = [parseISO(from), addDays(parseISO(until), -1)]
  if (!from.endsWith('-01') || !until.endsWith('-01'))
    return `${format(first, 'd MMMM yyyy')} to ${format(last, 'd MMMM yyyy')}`
  if (format(first, 'yyyy-MM') === format(last, 'yyyy-MM')) return format(first, 'MMMM yyyy')
  const sameYear = format(first, 'yyyy') === format(last, 'yyyy')
  return `${format(first, sameYear ? 'MMMM' : 'MMMM yyyy')} to ${format(last, 'MMMM yyyy')}`
}
