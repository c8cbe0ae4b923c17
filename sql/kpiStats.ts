import { outcomeClasses } from './config.ts'
import { poisson, wilson } from './intervals.ts'
import { type KpiId, kpis } from './kpis.ts'
import type { Stat } from './stat.ts'

/** The columns of every KPI query for one bucket and segment, as far as they were asked for. */
export type Cell = {
  counts?: {
    received?: number
    received_known?: number
    promised?: number
    received_digital?: number
    closed?: number
    due?: number
    on_time?: number
    on_time_strict?: number
    first_closed?: number
    reopened?: number
    intended?: number
    resolved?: number
    not_eligible?: number
    refused?: number
    withdrawn?: number
    duplicate?: number
    unmapped?: number
    watched?: number
    repeated?: number
    chasing?: number
    challenging?: number
    other_contacts?: number
    served?: number
    queued?: number
    abandoned?: number
    waits_promised?: number
    in_time?: number
    intended_yes?: number
    intended_no?: number
    offered?: number
    answered?: number
    rated?: number
    satisfied?: number
  }
  backlog?: { open: number }
  costs?: { amount: number; cut: boolean } | { missing: string }
  times?: Quantiles & { mean: number | null; mean_error: number | null }
  ages?: Quantiles & { promised: number; overdue: number; over_52_weeks: number; p92: number | null }
  survival?: Quantiles & { closed: number }
  waits?: Quantiles
}
type Quantiles = {
  n: number
  median: number | null
  median_low: number | null
  median_high: number | null
  p90: number | null
  p90_low: number | null
  p90_high: number | null
}
export type Part = keyof Cell

/** Which queries a KPI is made of. */
export const partsOf: Record<KpiId, Part | readonly Part[]> = {
  requests_received: 'counts',
  requests_closed: 'counts',
  backlog: 'backlog',
  backlog_age_median: 'ages',
  backlog_age_p90: 'ages',
  time_to_outcome_median: 'times',
  time_to_outcome_p90: 'times',
  time_to_outcome_mean: 'times',
  time_to_outcome_all_median: 'survival',
  time_to_outcome_all_p90: 'survival',
  on_time_rate: 'counts',
  on_time_strict_rate: 'counts',
  promised_share: 'counts',
  overdue_share: 'ages',
  reopened_rate: 'counts',
  intended_outcome_rate: 'counts',
  intended_share: 'counts',
  resolved_share: 'counts',
  not_eligible_share: 'counts',
  refused_share: 'counts',
  withdrawn_share: 'counts',
  duplicate_share: 'counts',
  unmapped_share: 'counts',
  repeat_contact_rate: 'counts',
  failure_demand_share: 'counts',
  failure_demand_rate: ['counts', 'backlog'],
  cost_per_transaction: ['counts', 'costs'],
  abandonment_rate: 'counts',
  wait_in_time_rate: 'counts',
  wait_median: 'waits',
  wait_p90: 'waits',
  satisfied_share: 'counts',
  response_rate: 'counts',
  digital_take_up: 'counts',
}

type Figure = Pick<Stat, 'value' | 'n' | 'numerator' | 'denominator' | 'interval' | 'status'> &
  Partial<Pick<Stat, 'method'>>

const count = (value = 0): Figure => ({
  value,
  n: value,
  numerator: value,
  denominator: null,
  interval: poisson(value),
  status: 'ok',
})

const share = (numerator = 0, denominator = 0): Figure => ({
  value: denominator > 0 ? numerator / denominator : null,
  n: denominator,
  numerator,
  denominator,
  interval: wilson(numerator, denominator),
  status: denominator > 0 ? 'ok' : 'not_applicable',
})

const missing = (status: Stat['status']): Figure => ({
  value: null,
  n: 0,
  numerator: null,
  denominator: null,
  interval: null,
  status,
})

export const outcomeEnds = [...outcomeClasses, 'unmapped'] as const
/** How a case ended: the class of its outcome, or that nothing says what it means. */
export type OutcomeEnd = (typeof outcomeEnds)[number]

/** Share of the closed cases. Where nothing at all is mapped, only that is known. */
function ended(end: OutcomeEnd, { counts }: Cell): Figure {
  const figure = share(counts?.[end], counts?.closed)
  return end !== 'unmapped' && figure.status === 'ok' && counts?.unmapped === counts?.closed
    ? missing('not_collected')
    : figure
}

const failureDemand = ({ counts }: Cell) => (counts?.chasing ?? 0) + (counts?.challenging ?? 0)

/** Cases that came to an answer: who gave up, and duplicates, did not. */
export const completed = ({ counts }: Cell) =>
  (counts?.intended ?? 0) + (counts?.resolved ?? 0) + (counts?.not_eligible ?? 0) + (counts?.refused ?? 0)

function costEach(cell: Cell): Figure {
  const { costs, counts } = cell
  if (!costs || 'missing' in costs || (counts?.unmapped ?? 0) > 0) return missing('not_collected')
  const n = completed(cell)
  return {
    value: n > 0 ? costs.amount / n : null,
    n,
    numerator: costs.amount,
    denominator: n,
    interval: null,
    status: n > 0 ? 'ok' : 'not_applicable',
    method: costs.cut ? 'estimate' : 'exact',
  }
}

const day = 86_400
const minute = 60

function quantile(
  cell: Quantiles | undefined,
  which: 'median' | 'p90',
  unit: number,
  empty: Stat['status'] = 'not_applicable',
): Figure {
  const value = cell?.[which] ?? null
  const [low, high] = [cell?.[`${which}_low`] ?? null, cell?.[`${which}_high`] ?? null]
  return {
    value: value === null ? null : value / unit,
    n: cell?.n ?? 0,
    numerator: null,
    denominator: null,
    interval: low === null || high === null ? null : [low / unit, high / unit],
    status: value !== null ? 'ok' : cell && cell.n > 0 ? empty : 'not_applicable',
  }
}

function mean(cell: Cell['times']): Figure {
  const [value, error] = [cell?.mean ?? null, cell?.mean_error ?? null]
  return {
    value: value === null ? null : value / day,
    n: cell?.n ?? 0,
    numerator: null,
    denominator: null,
    interval:
      value === null || error === null || !Number.isFinite(error)
        ? null
        : [(value - 1.96 * error) / day, (value + 1.96 * error) / day],
    status: value === null ? 'not_applicable' : 'ok',
  }
}

/** From the columns to the figure of each KPI: the TypeScript half of the formulas in kpis.ts. */
const figures: Record<KpiId, (cell: Cell) => Figure> = {
  requests_received: ({ counts }) => count(counts?.received),
  requests_closed: ({ counts }) => count(counts?.closed),
  backlog: ({ backlog }) => count(backlog?.open),
  backlog_age_median: ({ ages }) => quantile(ages, 'median', day),
  backlog_age_p90: ({ ages }) => quantile(ages, 'p90', day),
  time_to_outcome_median: ({ times }) => quantile(times, 'median', day),
  time_to_outcome_p90: ({ times }) => quantile(times, 'p90', day),
  time_to_outcome_mean: ({ times }) => mean(times),
  time_to_outcome_all_median: ({ survival }) => quantile(survival, 'median', day, 'not_reached'),
  time_to_outcome_all_p90: ({ survival }) => quantile(survival, 'p90', day, 'not_reached'),
  on_time_rate: ({ counts }) => share(counts?.on_time, counts?.due),
  on_time_strict_rate: ({ counts }) => share(counts?.on_time_strict, counts?.due),
  promised_share: ({ counts }) => share(counts?.promised, counts?.received),
  overdue_share: ({ ages }) => share(ages?.overdue, ages?.promised),
  // cases closed, but none long enough ago to tell
  reopened_rate: ({ counts }) => {
    const figure = share(counts?.reopened, counts?.first_closed)
    return figure.status !== 'ok' && (counts?.closed ?? 0) > 0 ? { ...figure, status: 'not_reached' } : figure
  },
  // cases closed, but nothing says what their end means
  intended_outcome_rate: ({ counts }) => {
    const figure = share(counts?.intended_yes, (counts?.intended_yes ?? 0) + (counts?.intended_no ?? 0))
    return figure.status !== 'ok' && (counts?.closed ?? 0) > 0 ? missing('not_collected') : figure
  },
  intended_share: (cell) => ended('intended', cell),
  resolved_share: (cell) => ended('resolved', cell),
  not_eligible_share: (cell) => ended('not_eligible', cell),
  refused_share: (cell) => ended('refused', cell),
  withdrawn_share: (cell) => ended('withdrawn', cell),
  duplicate_share: (cell) => ended('duplicate', cell),
  unmapped_share: (cell) => ended('unmapped', cell),
  repeat_contact_rate: ({ counts }) => {
    const figure = share(counts?.repeated, counts?.watched)
    return figure.status !== 'ok' && (counts?.closed ?? 0) > 0 ? { ...figure, status: 'not_reached' } : figure
  },
  failure_demand_share: (cell) =>
    share(failureDemand(cell), failureDemand(cell) + (cell.counts?.other_contacts ?? 0)),
  failure_demand_rate: (cell) => {
    const [contacts, open] = [failureDemand(cell), (cell.backlog?.open ?? 0) + (cell.counts?.closed ?? 0)]
    const [low, high] = poisson(contacts)
    const each = (count: number) => (100 * count) / open
    return open > 0
      ? {
          value: each(contacts),
          n: open,
          numerator: contacts,
          denominator: open,
          interval: [each(low), each(high)],
          status: 'ok',
        }
      : missing('not_applicable')
  },
  cost_per_transaction: costEach,
  wait_in_time_rate: ({ counts }) => share(counts?.in_time, counts?.waits_promised),
  abandonment_rate: ({ counts }) => share(counts?.abandoned, counts?.queued),
  wait_median: ({ waits }) => quantile(waits, 'median', minute),
  wait_p90: ({ waits }) => quantile(waits, 'p90', minute),
  satisfied_share: ({ counts }) => share(counts?.satisfied, counts?.rated),
  response_rate: ({ counts }) => share(counts?.answered, counts?.offered),
  digital_take_up: ({ counts }) => share(counts?.received_digital, counts?.received_known),
}

export type StatContext = { complete: number; as_of: string | null; collected: boolean }

/** The KPI of one bucket and segment as a figure that carries its proof. */
export function statOf(id: KpiId, cell: Cell, { complete, as_of, collected }: StatContext): Stat {
  const { unit, version } = kpis[id]
  const figure = figures[id](cell)
  const proof = {
    unit,
    method: 'exact',
    error: null,
    complete,
    as_of,
    definition: `${id}@${version}`,
  } as const
  return collected
    ? { ...proof, ...figure }
    : {
        value: null,
        n: 0,
        numerator: null,
        denominator: null,
        interval: null,
        status: 'not_collected',
        ...proof,
      }
}

export type Change = {
  absolute: number | null
  relative: number | null
  verdict: 'better' | 'worse' | 'changed' | 'no_clear_change' | 'no_comparable_data'
}

/**
 * What changed since the earlier figure. It is called a change only when the difference is larger than the two 95 %
 * intervals together explain (difference of independent estimates, MOVER: Donner and Zou 2012), and both are complete.
 * `lengths` is the length of the period divided by that of the earlier one: what is counted over a month of 28 days is
 * judged against the same share of a month of 31.
 */
export function changeOf(id: KpiId, now: Stat, before: Stat | null, lengths = 1): Change {
  if (
    now.value === null ||
    before === null ||
    before.value === null ||
    before.complete < 0.95 ||
    now.complete < 0.95
  )
    return { absolute: null, relative: null, verdict: 'no_comparable_data' }
  const absolute = now.value - before.value
  const relative = before.value === 0 ? null : absolute / Math.abs(before.value)
  const { better, unit, view } = kpis[id]
  const scale = unit === 'count' && view !== 'stock' ? lengths : 1
  const difference = now.value - before.value * scale
  const up = difference > 0
  const reach = (stat: Stat, high: boolean) =>
    stat.interval && stat.value !== null ? Math.abs(stat.interval[high ? 1 : 0] - stat.value) : 0
  const noise = Math.hypot(reach(now, !up), scale * reach(before, up))
  const real = now.interval !== null && before.interval !== null && Math.abs(difference) > noise
  if (!real) return { absolute, relative, verdict: 'no_clear_change' }
  return {
    absolute,
    relative,
    verdict: better === 'neither' ? 'changed' : up === (better === 'higher') ? 'better' : 'worse',
  }
}

/** How a figure stands to its target: `near` when it misses but its interval reaches the target, or it is within 5 %. */
export function statusOf(id: KpiId, stat: Stat, target: number | null): 'on' | 'near' | 'off' | 'none' {
  if (target === null || stat.value === null) return 'none'
  const higher = kpis[id].better === 'higher'
  const meets = (value: number) => (higher ? value >= target : value <= target)
  if (meets(stat.value)) return 'on'
  const reaches = stat.interval !== null && meets(stat.interval[higher ? 1 : 0])
  return reaches || Math.abs(stat.value - target) <= 0.05 * Math.abs(target) ? 'near' : 'off'
}
