import type { Unit } from './stat.ts'

/** How a figure is said: one way for each unit, wherever it stands. */

const locale = 'en-GB'
export const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 })
export const tenth = new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 })

/** 1204 -> "1,204". */
export const formatCount = (count: number) => whole.format(count)

/** A share of 0 to 1 as a per cent: one decimal only where it matters, below 1 % and above 99 %. */
export function formatShare(share: number): string {
  const percent = share * 100
  const edge = (percent > 0 && percent < 1) || (percent > 99 && percent < 100)
  return `${edge ? tenth.format(percent) : whole.format(percent)}%`
}

/** Units of time: one, many, and short as on an axis. */
export const timeWords: Record<
  'seconds' | 'minutes' | 'hours' | 'days',
  [one: string, many: string, short: string]
> = {
  seconds: ['second', 'seconds', 's'],
  minutes: ['minute', 'minutes', 'min'],
  hours: ['hour', 'hours', 'h'],
  days: ['day', 'days', 'd'],
}

/** Times have one decimal below ten and none above. */
export const formatTime = (value: number) =>
  Math.abs(value) < 9.95 ? tenth.format(value) : whole.format(value)

/** The number and its unit apart, to set them in different sizes. */
export function formatParts(value: number, unit: Unit): { number: string; unit: string } {
  if (unit === 'count') return { number: formatCount(value), unit: '' }
  if (unit === 'share') return { number: formatShare(value), unit: '' }
  if (unit === 'per_100') return { number: formatTime(value), unit: 'per 100' }
  if (unit === 'money') return { number: formatTime(value), unit: '' }
  const number = formatTime(value)
  return { number, unit: timeWords[unit][number === '1.0' ? 0 : 1] }
}

/** "6.2 days", "84%", "1,204": on pages, in embeds, wherever a figure stands by itself. */
export function formatValue(value: number, unit: Unit): string {
  const parts = formatParts(value, unit)
  return parts.unit ? `${parts.number} ${parts.unit}` : parts.number
}
