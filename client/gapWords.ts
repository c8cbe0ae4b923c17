import {
  formatDifference,
  formatDuring,
  formatShare,
  formatStat,
  formatValue,
} from '../server/words/format.ts'
import type { Unit } from '../sql/stat.ts'
import type { FairnessAnswer, GapRow } from './api.ts'

/** What the figures of a gap are called in a sentence, more and less of them. */
const comparisons: Record<FairnessAnswer['kpi'], { more: string; less: string; name: string }> = {
  time_to_outcome_median: { more: 'wait longer', less: 'wait less long', name: 'Typical time to an outcome' },
  on_time_rate: {
    more: 'are served on time more often',
    less: 'are served on time less often',
    name: 'Closed on time',
  },
  wait_median: { more: 'queue longer', less: 'queue less long', name: 'Typical wait in a queue' },
  wait_in_time_rate: {
    more: 'are served in time more often',
    less: 'are served in time less often',
    name: 'Served in time',
  },
  satisfied_share: { more: 'are satisfied more often', less: 'are satisfied less often', name: 'Satisfied' },
  intended_outcome_rate: {
    more: 'get what they came for more often',
    less: 'get what they came for less often',
    name: 'Got what they came for',
  },
}
export const kpiNames = Object.entries(comparisons).map(([id, { name }]) => ({
  id: id as FairnessAnswer['kpi'],
  name,
}))
export const directions = (kpi: FairnessAnswer['kpi']) => comparisons[kpi]

/** "+2.3 days", "-4 points", "0 points". */
export function signedGap(gap: number, unit: Unit): string {
  const size = formatDifference(gap, null, unit)
  return `${gap > 0 ? '+' : gap < 0 ? '−' : ''}${size}`
}

export const gapRange = ([low, high]: [number, number], unit: Unit) =>
  `${signedGap(low, unit)} to ${signedGap(high, unit)}`

/** "12% more", "a third less" is left to people: the ratio as a percentage. */
export function ratioWords(ratio: number | null): string {
  if (ratio === null) return '–'
  const more = ratio - 1
  return `${more > 0 ? '+' : more < 0 ? '−' : ''}${formatShare(Math.abs(more))}`
}

export const verdicts: Record<GapRow['verdict'], string> = {
  worse: 'clearly worse off',
  better: 'clearly better off',
  no_clear_gap: 'no clear gap',
  not_compared: 'not compared',
}

/** The answer of the page: the surest gap to somebody's disadvantage, or that there is none. */
export function fairnessTitle(answer: FairnessAnswer, period: { from: string; until: string }): string {
  const rows = answer.groupings.flatMap(({ dimension, rows }) => rows.map((row) => ({ ...row, dimension })))
  const worse = rows
    .filter(({ verdict }) => verdict === 'worse')
    .sort((a, b) => Math.abs(b.adjusted?.errors ?? 0) - Math.abs(a.adjusted?.errors ?? 0))
  const [first] = worse
  const when = formatDuring(period)
  if (answer.compared === 0) return `Too few cases to compare anybody ${when}`
  if (!first?.adjusted) return `Nobody is clearly worse off than others ${when}`
  const { more, less } = comparisons[answer.kpi]
  const who = first.dimension === 'district' ? `People in ${first.label}` : `People who ask ${byWay(first)}`
  const size = formatDifference(first.adjusted.absolute, null, first.stat.unit)
  const others =
    worse.length > 1
      ? `, and ${worse.length - 1} more ${worse.length === 2 ? 'group is' : 'groups are'} worse off`
      : ''
  return `${who} ${first.adjusted.absolute > 0 ? more : less}: ${size} at the same mix${others}`
}

function byWay({ dimension, value, label }: { dimension: string; value: string; label: string }): string {
  if (dimension === 'access')
    return value === 'digital' ? 'by a digital channel' : 'without a digital channel'
  return `by ${label.toLowerCase()}`
}

/** One group in one sentence, for a tooltip and for readers of the table. */
export function gapSentence(row: GapRow): string {
  const { stat, reference_stat, raw, adjusted } = row
  if (!raw || !adjusted) return `${stat.n} counted: too few to compare.`
  const [low, high] = adjusted.interval
  return `${formatStat(stat)}, others ${formatStat(reference_stat)}: ${signedGap(raw.absolute, stat.unit)}; at the same mix ${signedGap(adjusted.absolute, stat.unit)} (95% range ${gapRange([low, high], stat.unit)}), ${verdicts[row.verdict]}`
}

/** For the axis of gaps. */
export const axisGap = (unit: Unit) => (value: number) =>
  value === 0
    ? '0'
    : unit === 'share'
      ? `${value > 0 ? '+' : '−'}${Math.round(Math.abs(value) * 100)}`
      : `${value > 0 ? '+' : '−'}${formatValue(Math.abs(value), unit)}`
