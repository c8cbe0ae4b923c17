import type { KpiId } from './kpis.ts'

/** What a reader of fairness can choose: pages, the API and reports take the same. */

export const fairnessKpis = [
  'time_to_outcome_median',
  'on_time_rate',
  'wait_median',
  'wait_in_time_rate',
  'satisfied_share',
  'intended_outcome_rate',
] as const satisfies KpiId[]
export const references = ['rest', 'best'] as const
