import type { KpiId } from '../../sql/kpis.ts'
import type { Change, KpiDefinition, KpiFigure, Kpis } from '../answerTypes.ts'
import { formatCount, formatInterval, missingReasons } from './format.ts'
import { changeWords, countedWords, type Status, statusWords, targetWords } from './words.ts'

/** What stands on the card of a key figure. */

/** In the order of what a head of department asks first; figures that were not collected make room for the next. */
export const overviewCards: KpiId[] = [
  'on_time_rate',
  'time_to_outcome_median',
  'time_to_outcome_all_median',
  'backlog',
  'requests_received',
  'wait_median',
  'satisfied_share',
  'abandonment_rate',
  'digital_take_up',
  'requests_closed',
]

/** Of one service: by whether requests are told of it, or waits. */
export const serviceCards: Record<'cases' | 'waits', KpiId[]> = {
  cases: [
    'on_time_rate',
    'on_time_strict_rate',
    'requests_received',
    'requests_closed',
    'backlog',
    'reopened_rate',
    'satisfied_share',
  ],
  waits: [
    'wait_in_time_rate',
    'wait_median',
    'wait_p90',
    'abandonment_rate',
    'satisfied_share',
    'intended_outcome_rate',
    'response_rate',
  ],
}

/** The figures that make cards, in this order. */
export const shownCards = (figures: readonly KpiFigure[], wanted: readonly KpiId[], most: number) =>
  wanted
    .flatMap((id) => figures.find((figure) => figure.id === id) ?? [])
    .filter(({ stat }) => stat.status !== 'not_collected' && stat.status !== 'not_applicable')
    .slice(0, most)

const changeBadges: Record<Change['verdict'], { status: Status; word: string }> = {
  better: { status: 'on', word: 'Better' },
  worse: { status: 'off', word: 'Worse' },
  changed: { status: 'none', word: 'Changed' },
  no_clear_change: { status: 'none', word: 'No clear change' },
  no_comparable_data: { status: 'none', word: 'No comparison' },
}
export const changeBadge = (verdict: Change['verdict']) => changeBadges[verdict]

/** How it stands against its target or, without one, against the earlier period. */
export const cardBadge = ({ target, status, change }: KpiFigure): { status: Status; word: string } =>
  target !== null && status !== 'none' ? { status, word: statusWords[status] } : changeBadges[change.verdict]

/** "204 of 1,204 requests": what the figure stands on. */
function basisWords({ id, stat: { numerator, denominator, n, unit } }: KpiFigure): string {
  const counted = countedWords[id] ?? 'requests'
  if (unit === 'count') return ''
  if (unit === 'share' && denominator !== null)
    return `${numerator === null ? '' : `${formatCount(numerator)} of `}${formatCount(denominator)} ${counted}`
  return `from ${formatCount(n)} ${counted}`
}

/** The sentences below the figure: its target, its change, how exact and how complete it is, what it stands on; or why there is none. */
export function cardNotes(figure: KpiFigure, kpi: KpiDefinition, comparePeriod: Kpis['compare_period']) {
  const { stat, target, change } = figure
  if (stat.status !== 'ok' || stat.value === null)
    return [missingReasons[stat.status === 'ok' ? 'not_applicable' : stat.status]]
  const interval = formatInterval(stat)
  const basis = basisWords(figure)
  return [
    target ? targetWords(target, stat, kpi.better) : '',
    changeWords(change, stat, comparePeriod),
    interval && `${interval}.`,
    stat.complete < 0.995 ? `So far: the data covers ${Math.floor(stat.complete * 100)}% of the period.` : '',
    basis && `${basis.charAt(0).toUpperCase()}${basis.slice(1)}.`,
  ].filter((words) => words !== '')
}
