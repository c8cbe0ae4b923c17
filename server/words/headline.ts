import type { Grain } from '../../sql/filters.ts'
import { soFar, type Trended } from '../charts/trend.ts'
import { formatBucketLong, formatStat, formatValue } from './format.ts'

/** What to see in a series: where it stands at the end, and where it stood a year of buckets before. */
export function headline(label: string, series: Pick<Trended, 'points' | 'unit'>, grain: Grain): string {
  const whole = series.points.filter((point) => !soFar(point) && point.stat.value !== null)
  const last = whole.at(-1)
  if (!last || last.stat.value === null) return label
  const first = grain === 'month' ? (whole.at(-13) ?? whole[0]) : whole[0]
  const now = formatStat(last.stat)
  const when = formatBucketLong(last.from, grain).replace('Week', 'the week')
  if (!first || first === last || first.stat.value === null) return `${label}: ${now} in ${when}`
  const then = formatValue(first.stat.value, series.unit)
  if (then === now)
    return `${label}: ${now} in ${when}, as in ${formatBucketLong(first.from, grain).replace('Week', 'the week')}`
  const direction = last.stat.value > first.stat.value ? 'up' : 'down'
  return `${label}: ${now} in ${when}, ${direction} from ${then} in ${formatBucketLong(first.from, grain).replace('Week', 'the week')}`
}
