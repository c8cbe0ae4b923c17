import type { Period } from '../sql/filters.ts'
import type { Stat, Unit } from '../sql/stat.ts'
import {
  formatCount,
  formatParts,
  formatShare,
  formatTime,
  formatValue,
  tenth,
  timeWords,
  whole,
} from '../sql/valueWords.ts'
import { addDays, addMonths } from './days.ts'

export { formatCount, formatParts, formatShare, formatValue } from '../sql/valueWords.ts'

const locale = 'en-GB'
const upToTenth = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 })

/** For axes and narrow cells: "6.2 d", "84%", "1,204". Axis steps drop needless decimals. */
export function formatShort(value: number, unit: Unit): string {
  if (unit === 'count' || unit === 'share' || unit === 'money' || unit === 'per_100')
    return formatParts(value, unit).number
  return `${Number.isInteger(value) ? whole.format(value) : formatTime(value)} ${timeWords[unit][2]}`
}

/** "£2,243", "£12.40": without pence from a hundred on. */
export const formatMoney = (amount: number, currency: string) =>
  new Intl.NumberFormat(locale, {
    style: 'currency',
    currency,
    maximumFractionDigits: amount < 100 ? 2 : 0,
  }).format(amount)

/** Hours in the unit people would say: "25 minutes", "5.1 hours", "3.4 days". */
export function formatHours(hours: number): string {
  const size = Math.abs(hours)
  if (size < 1) return formatValue(Math.round(hours * 60), 'minutes').replace('.0', '')
  if (size < 48) return formatValue(hours, 'hours')
  return formatValue(hours / 24, 'days')
}

/** The same, short: "25 min", "5.1 h", "3.4 d". */
export function formatHoursShort(hours: number): string {
  const size = Math.abs(hours)
  if (size < 1) return `${whole.format(hours * 60)} min`
  if (size < 48) return formatShort(hours, 'hours')
  return formatShort(hours / 24, 'days')
}

const rounded = new Intl.NumberFormat(locale, { maximumSignificantDigits: 3, maximumFractionDigits: 0 })

/** Hours of waiting added up over people, to three digits: "163,000 person-hours". */
export const formatPersonHours = (hours: number) =>
  `${rounded.format(hours)} person-${rounded.format(hours) === '1' ? 'hour' : 'hours'}`

/** The same with its sign, for a column whose head names the unit: "+163,000". */
export const formatExtraHours = (hours: number) => `${hours > 0 ? '+' : ''}${rounded.format(hours)}`

/** How far two values are apart, in the unit people compare in: points for shares, per cent for counts. */
export function formatDifference(absolute: number, relative: number | null, unit: Unit): string {
  if (unit === 'share') {
    const points = upToTenth.format(Math.abs(absolute) * 100)
    return `${points} ${points === '1' ? 'point' : 'points'}`
  }
  if (unit === 'count')
    return relative === null ? formatCount(Math.abs(absolute)) : formatShare(Math.abs(relative))
  return formatValue(Math.abs(absolute), unit)
}

/** 512 -> "512 B", 1536000 -> "1.5 MB". */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`
  if (bytes < 1e6) return `${upToTenth.format(bytes / 1e3)} kB`
  if (bytes < 1e9) return `${upToTenth.format(bytes / 1e6)} MB`
  return `${upToTenth.format(bytes / 1e9)} GB`
}

const day = (options: Intl.DateTimeFormatOptions) =>
  new Intl.DateTimeFormat(locale, { timeZone: 'UTC', ...options })
const fullDay = day({ day: 'numeric', month: 'long', year: 'numeric' })
const dayMonth = day({ day: 'numeric', month: 'long' })
const monthYear = day({ month: 'long', year: 'numeric' })
const monthOnly = day({ month: 'long' })
const at = (iso: string) => new Date(`${iso.slice(0, 10)}T00:00:00Z`)

/** "30 June 2026", from a day or from the day part of a moment. */
export const formatDay = (iso: string) => fullDay.format(at(iso))

/** "30 Jun 2026, 14:05" in the time zone of the jurisdiction. */
export function formatMoment(iso: string, timeZone: string): string {
  const moment = new Date(/Z$|[+-]\d\d:?\d\d$/.test(iso) ? iso : `${iso.replace(' ', 'T')}Z`)
  if (Number.isNaN(moment.getTime())) return iso
  return new Intl.DateTimeFormat(locale, {
    timeZone,
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
  }).format(moment)
}

/** "June 2026", "April to June 2026", "3 June to 16 June 2026". `until` is the first day no longer in it. */
export function formatPeriod(period: Period): string {
  const last = addDays(period.until, -1)
  if (period.from === last) return formatDay(last)
  const sameYear = period.from.slice(0, 4) === last.slice(0, 4)
  if (period.from.endsWith('-01') && period.until.endsWith('-01')) {
    if (addMonths(period.from, 1) === period.until) return monthYear.format(at(period.from))
    if (period.from.endsWith('-01-01') && addMonths(period.from, 12) === period.until)
      return period.from.slice(0, 4)
    return `${(sameYear ? monthOnly : monthYear).format(at(period.from))} to ${monthYear.format(at(last))}`
  }
  return `${(sameYear ? dayMonth : fullDay).format(at(period.from))} to ${formatDay(last)}`
}

/** The period inside a sentence: "in June 2026", "from April to June 2026", "on 3 June 2026". */
export function formatDuring(period: Period): string {
  const words = formatPeriod(period)
  if (words.includes(' to ')) return `from ${words}`
  return `${/^\d+ /.test(words) ? 'on' : 'in'} ${words}`
}

const bucketStyles = {
  month: day({ month: 'short', year: 'numeric' }),
  week: day({ day: 'numeric', month: 'short' }),
  day: day({ day: 'numeric', month: 'short' }),
}
const januaries = day({ month: 'short', year: '2-digit' })
const monthShort = day({ month: 'short' })

/** A bucket on an axis: "Jan 26", "Feb"; "2 Mar". */
export function formatBucket(from: string, grain: 'day' | 'week' | 'month'): string {
  if (grain !== 'month') return bucketStyles[grain].format(at(from))
  return (from.slice(5, 7) === '01' ? januaries : monthShort).format(at(from))
}

/** A bucket in a table: "June 2026", "week of 2 Mar 2026", "2 March 2026". */
export function formatBucketLong(from: string, grain: 'day' | 'week' | 'month'): string {
  if (grain === 'month') return monthYear.format(at(from))
  return grain === 'week' ? `Week of ${formatDay(from)}` : formatDay(from)
}

/** Why there is no number. Short enough for a cell. */
export const missingWords: Record<Exclude<Stat['status'], 'ok'>, string> = {
  hidden: 'Hidden',
  too_few: 'Too few',
  not_collected: 'Not collected',
  not_applicable: 'Does not apply',
  not_reached: 'Not reached yet',
}

/** Why there is no number, as a sentence. */
export const missingReasons: Record<Exclude<Stat['status'], 'ok'>, string> = {
  hidden: 'Hidden to protect the privacy of few people.',
  too_few: 'Too few cases to say.',
  not_collected: 'No data of this kind has been loaded.',
  not_applicable: 'This figure has no meaning for this choice.',
  not_reached: 'More are still open than this figure allows: it cannot be known yet.',
}

/** A figure as text: the number with its unit, or the reason why there is none. */
export function formatStat(stat: Stat): string {
  if (stat.status !== 'ok') return missingWords[stat.status]
  return stat.value === null ? 'No value' : formatValue(stat.value, stat.unit)
}

/** "95% range 10 to 12 days"; empty without an interval, and for counts, which are counted and not estimated. */
export function formatInterval(stat: Stat): string {
  if (!stat.interval || stat.status !== 'ok' || stat.unit === 'count') return ''
  const [low, high] = stat.interval
  const [from, to] = [formatParts(low, stat.unit), formatParts(high, stat.unit)]
  if (from.number !== to.number) return `95% range ${from.number} to ${to.number} ${to.unit}`.trim()
  // A narrow range needs a decimal more to be one.
  const times = stat.unit === 'share' ? 100 : 1
  const sign = stat.unit === 'share' ? '%' : ''
  return `95% range ${tenth.format(low * times)}${sign} to ${tenth.format(high * times)}${sign} ${to.unit}`.trim()
}

/** The words of the API with their days written out: "week of 2026-04-06" -> "week of 6 April 2026". */
export const withDays = (sentence: string) => sentence.replace(/\b\d{4}-\d{2}-\d{2}\b/g, formatDay)

/** Hours as days where they are many: for charts whose values share one axis. */
export function inDays<Row extends { stat: Stat }>(rows: readonly Row[]): Row[] {
  const longest = Math.max(0, ...rows.map(({ stat }) => stat.value ?? 0))
  if (longest < 48 || rows[0]?.stat.unit !== 'hours') return [...rows]
  return rows.map((row) => ({ ...row, stat: statInDays(row.stat) }))
}

/** A figure in hours as the same figure in days. */
export const statInDays = (stat: Stat): Stat => ({
  ...stat,
  unit: 'days',
  value: stat.value === null ? null : stat.value / 24,
  interval: stat.interval && [stat.interval[0] / 24, stat.interval[1] / 24],
})
