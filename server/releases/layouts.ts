import { outcomeEnds } from '../../sql/kpiStats.ts'
import { frameworks } from './frameworks.ts'
import type { Table } from './published.ts'

/** A table as it is declared: which rows and columns of the one cube it shows. */
export type Layout = Pick<Table, 'id' | 'title' | 'means' | 'framework' | 'measures'> & {
  /** Every service, those with one stream only, or with the total of all services before them. */
  services: 'each' | 'with_all' | 'with_cases' | 'with_promise'
  /** The dimension beside service and period. */
  by: 'district' | 'channel' | 'answer' | 'outcome' | null
  /** `parts`: the quarters that are told by district and channel. */
  periods: 'months' | 'quarters' | 'parts'
}

const caseFlow = ['requests_received', 'requests_closed', 'backlog']
const promise = ['closed_with_promise', 'closed_on_time', 'on_time_rate']
const overdue = ['open_with_promise', 'open_overdue', 'overdue_share']
const queue = ['people_served', 'people_waiting', 'gave_up', 'abandonment_rate']
const waited = ['waits_promised', 'waits_in_time', 'wait_in_time_rate', 'wait_median', 'wait_p90']
const asked = ['feedback_offered', 'feedback_given', 'response_rate']
const rated = ['ratings', 'satisfied', 'satisfied_share']

const monthly = [
  ...caseFlow,
  ...promise,
  ...overdue,
  'time_to_outcome_median',
  'time_to_outcome_p90',
  'time_to_outcome_all_median',
  'backlog_age_median',
  ...queue,
  ...waited,
  ...asked,
  ...rated,
]
const quarterly = [
  ...monthly,
  'received_known',
  'received_digital',
  'digital_take_up',
  'completed',
  'completed_or_given_up',
  'completion_rate',
  'outcomes_told',
  'outcomes_intended',
  'intended_outcome_rate',
  'cost_per_transaction',
]
const split = [
  ...caseFlow,
  ...promise,
  'time_to_outcome_median',
  'people_served',
  'waits_promised',
  'waits_in_time',
  'wait_in_time_rate',
  'wait_median',
]

/** The answers people can give, and the classes a request can end in: parts of a total each. */
export const answerIds = ['satisfied', 'neither', 'dissatisfied'] as const
export const outcomeIds = outcomeEnds

/** The tables of a release, in the order they are listed. */
export const layouts: readonly Layout[] = [
  {
    id: 'services_by_month',
    title: 'Services by month',
    means: 'Every service in each of the last 24 months.',
    services: 'with_all',
    by: null,
    periods: 'months',
    measures: monthly,
    framework: null,
  },
  {
    id: 'services_by_quarter',
    title: 'Services by quarter',
    means: 'Every service in each whole quarter of the last 24 months.',
    services: 'with_all',
    by: null,
    periods: 'quarters',
    measures: quarterly,
    framework: null,
  },
  {
    id: 'services_by_district',
    title: 'Services by district',
    means: 'Every service in each district, by quarter.',
    services: 'each',
    by: 'district',
    periods: 'parts',
    measures: split,
    framework: null,
  },
  {
    id: 'services_by_channel',
    title: 'Services by channel',
    means: 'Every service by the way people came to it, by quarter.',
    services: 'each',
    by: 'channel',
    periods: 'parts',
    measures: [...split, ...rated],
    framework: null,
  },
  {
    id: 'satisfaction',
    title: 'Satisfaction',
    means: 'What people answered, by service and quarter.',
    services: 'with_all',
    by: 'answer',
    periods: 'quarters',
    measures: ['ratings'],
    framework: null,
  },
  {
    id: 'outcomes',
    title: 'How requests ended',
    means: 'Requests closed by what their end means, by service and quarter.',
    services: 'with_cases',
    by: 'outcome',
    periods: 'quarters',
    measures: ['requests_closed'],
    framework: null,
  },
  ...frameworks,
]
