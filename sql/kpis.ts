import type { Unit } from './stat.ts'

/** What a KPI means. The figure itself is the column of the same name in kpis.sql. */
export type Kpi = {
  label: string
  /** What the figure is counted in: how it is formatted and what stands on the axis. */
  unit: Unit
  better: 'lower' | 'higher' | 'neither'
  /** One sentence for people who do not know statistics. */
  means: string
  formula: string
  caveats: readonly string[]
  version: number
  /** Which input it needs: without it the KPI is not collected. */
  stream: 'case_events' | 'wait_times' | 'outcomes'
  /** What is counted instead where that input is not there. */
  or?: 'case_events'
  /** Known where contacts are told: by some of the services that were chosen, or only when by each of them. */
  contacts?: 'some' | 'every'
  /** Known only when all of the period is. */
  whole?: true
  /** Who is counted: cases that began (cohort), cases that ended (flow), or cases open at the end of the period (stock). */
  view: 'cohort' | 'flow' | 'stock'
}

const quantiles = 'Percentiles interpolate between cases (R type 7). They are never averaged or added.'
const closedOnly =
  'Counts closed cases only: while a backlog grows it looks better than it is. Read it with the figure that counts open cases.'

const mapped =
  'What a code means is declared in the configuration. What is not mapped is counted apart, never guessed.'
const contactsTold =
  'Known where contacts are told: activities or reasons that the configuration names as contacts.'

export const kpis = {
  requests_received: {
    label: 'Requests received',
    unit: 'count',
    better: 'neither',
    stream: 'case_events',
    view: 'cohort',
    version: 1,
    means: 'How many requests came in.',
    formula: 'Cases whose clock started in the period.',
    caveats: ['A duplicate report of the same matter is a request too.'],
  },
  requests_closed: {
    label: 'Requests closed',
    unit: 'count',
    better: 'higher',
    stream: 'case_events',
    view: 'flow',
    version: 1,
    means: 'How many requests came to an end.',
    formula: 'Cases whose clock stopped in the period and was not started again.',
    caveats: ['Closed is not the same as solved: see the outcomes.'],
  },
  backlog: {
    label: 'Open requests',
    unit: 'count',
    better: 'lower',
    stream: 'case_events',
    view: 'stock',
    version: 1,
    means: 'How many requests were still open at the end of the period.',
    formula: 'Cases started before the end of the period and not closed before it.',
    caveats: ['Requests that were open before the data begins are not known.'],
  },
  backlog_age_median: {
    label: 'Typical age of open requests',
    unit: 'days',
    better: 'lower',
    stream: 'case_events',
    view: 'stock',
    version: 1,
    means: 'Half of the open requests have been open longer than this.',
    formula: 'Median of the time from clock start to the end of the period, over the cases open then.',
    caveats: [quantiles, 'Calendar days, pauses included.'],
  },
  backlog_age_p90: {
    label: 'Age that one in ten open requests exceeds',
    unit: 'days',
    better: 'lower',
    stream: 'case_events',
    view: 'stock',
    version: 1,
    means: 'One in ten open requests has been open longer than this.',
    formula:
      '90th percentile of the time from clock start to the end of the period, over the cases open then.',
    caveats: [quantiles, 'Calendar days, pauses included.'],
  },
  time_to_outcome_median: {
    label: 'Typical time to an outcome',
    unit: 'days',
    better: 'lower',
    stream: 'case_events',
    view: 'flow',
    version: 1,
    means: 'Half of the requests closed in the period took longer than this.',
    formula: 'Median of clock stop minus clock start, pauses taken out, over cases closed in the period.',
    caveats: [closedOnly, quantiles],
  },
  time_to_outcome_p90: {
    label: 'Time to an outcome for nine in ten',
    unit: 'days',
    better: 'lower',
    stream: 'case_events',
    view: 'flow',
    version: 1,
    means: 'Nine out of ten requests closed in the period took no longer than this.',
    formula:
      '90th percentile of clock stop minus clock start, pauses taken out, over cases closed in the period.',
    caveats: [closedOnly, quantiles],
  },
  time_to_outcome_mean: {
    label: 'Average time to an outcome',
    unit: 'days',
    better: 'lower',
    stream: 'case_events',
    view: 'flow',
    version: 1,
    means:
      'All days taken by the requests closed in the period, divided by their number. A few very long cases can move it.',
    formula: 'Mean of clock stop minus clock start, pauses taken out, over cases closed in the period.',
    caveats: [closedOnly, 'Kept for comparison with other sources. The typical time says more.'],
  },
  time_to_outcome_all_median: {
    label: 'Typical time, open requests counted',
    unit: 'days',
    better: 'lower',
    stream: 'case_events',
    view: 'cohort',
    version: 1,
    means:
      'Half of the requests that came in take longer than this, also counting those that are still open.',
    formula:
      'Median of the Kaplan-Meier estimate over cases started in the period; open cases are censored at the end of their data, or where their clock stands still.',
    caveats: [
      'Not reached yet is a valid answer: then more than half are still open.',
      'Interval: Greenwood, log-log.',
    ],
  },
  time_to_outcome_all_p90: {
    label: 'Time for nine in ten, open requests counted',
    unit: 'days',
    better: 'lower',
    stream: 'case_events',
    view: 'cohort',
    version: 1,
    means:
      'Nine out of ten requests that came in are closed within this time, also counting those that are still open.',
    formula:
      '90th percentile of the Kaplan-Meier estimate over cases started in the period; open cases are censored at the end of their data, or where their clock stands still.',
    caveats: [
      'Not reached yet is a valid answer: then more than one in ten are still open.',
      'Interval: Greenwood, log-log.',
    ],
  },
  on_time_rate: {
    label: 'Closed on time',
    unit: 'share',
    better: 'higher',
    stream: 'case_events',
    view: 'flow',
    version: 1,
    means: 'Of the requests closed in the period that had a promised time, the share that kept it.',
    formula:
      'Closed by the due time (moved on by agreed pauses) / closed with a standard or a due time of their own. The standard is the one in force when the case began.',
    caveats: [
      'Requests without a promise are not counted, neither as on time nor as late.',
      'Knows closed requests only: read it with the share open past the promised time.',
      'Pauses move the due time (in working days, where the promise is in working days): see also the figure without extensions.',
    ],
  },
  on_time_strict_rate: {
    label: 'Closed on time, without extensions',
    unit: 'share',
    better: 'higher',
    stream: 'case_events',
    view: 'flow',
    version: 1,
    means: 'The same share when no pause is taken off: what the resident experienced.',
    formula: 'Closed by the due time as first promised / closed with a standard or a due time of their own.',
    caveats: ['Requests without a promise are not counted.'],
  },
  promised_share: {
    label: 'Came with a promised time',
    unit: 'share',
    better: 'neither',
    stream: 'case_events',
    view: 'cohort',
    version: 1,
    means: 'The share of requests received for which a time was promised. Only these can be on time or late.',
    formula: 'Cases received with a standard or a due time of their own / cases received.',
    caveats: [],
  },
  overdue_share: {
    label: 'Open past the promised time',
    unit: 'share',
    better: 'lower',
    stream: 'case_events',
    view: 'stock',
    version: 1,
    means: 'Of the open requests that have a promised time, the share that is already past it.',
    formula:
      'Open at the end of the period and past the due time (moved on by agreed pauses) / open with a standard or a due time of their own.',
    caveats: ['Belongs to the on-time rate, which knows closed requests only.'],
  },
  reopened_rate: {
    label: 'Reopened',
    unit: 'share',
    better: 'lower',
    stream: 'case_events',
    view: 'flow',
    version: 1,
    means: 'Of the requests closed in the period, the share that had to be opened again soon after.',
    formula:
      'Cases opened again within the reopening window after their first close / cases first closed in the period at least one window before the end of the data.',
    caveats: ['Closes too recent to tell are left out.'],
  },
  intended_outcome_rate: {
    label: 'Got what they came for',
    unit: 'share',
    better: 'higher',
    stream: 'outcomes',
    view: 'flow',
    or: 'case_events',
    version: 2,
    means:
      'The share of residents who got what the service is for. A proper "not eligible" counts as an answer.',
    formula:
      'Outcomes that are the intended one / outcomes that are or are not. Where the source does not say, the class of the outcome does: intended and not_eligible are, resolved, refused and withdrawn are not. Services that tell no outcomes count by their closed cases.',
    caveats: ['Duplicates, and outcomes that nothing is known of, are in neither number.', mapped],
  },
  intended_share: {
    label: 'Ended as intended',
    unit: 'share',
    better: 'higher',
    stream: 'case_events',
    view: 'flow',
    version: 1,
    means: 'Of the requests closed in the period, the share whose residents got what the service is for.',
    formula: 'Cases closed with an outcome of the class intended / cases closed in the period.',
    caveats: [mapped],
  },
  resolved_share: {
    label: 'Settled in another way',
    unit: 'share',
    better: 'neither',
    stream: 'case_events',
    view: 'flow',
    version: 1,
    means:
      'Of the requests closed in the period, the share that was settled, but not by what the resident came for.',
    formula: 'Cases closed with an outcome of the class resolved / cases closed in the period.',
    caveats: [mapped],
  },
  not_eligible_share: {
    label: 'Rightly not eligible',
    unit: 'share',
    better: 'neither',
    stream: 'case_events',
    view: 'flow',
    version: 1,
    means:
      'Of the requests closed in the period, the share whose residents were told rightly that they are not eligible.',
    formula: 'Cases closed with an outcome of the class not_eligible / cases closed in the period.',
    caveats: [mapped, 'It is a proper answer and counts as the intended outcome.'],
  },
  refused_share: {
    label: 'Refused',
    unit: 'share',
    better: 'neither',
    stream: 'case_events',
    view: 'flow',
    version: 1,
    means: 'Of the requests closed in the period, the share that was refused.',
    formula: 'Cases closed with an outcome of the class refused / cases closed in the period.',
    caveats: [mapped],
  },
  withdrawn_share: {
    label: 'Withdrawn or given up',
    unit: 'share',
    better: 'lower',
    stream: 'case_events',
    view: 'flow',
    version: 1,
    means: 'Of the requests closed in the period, the share that the resident withdrew or gave up.',
    formula: 'Cases closed with an outcome of the class withdrawn / cases closed in the period.',
    caveats: [mapped],
  },
  duplicate_share: {
    label: 'Duplicates',
    unit: 'share',
    better: 'neither',
    stream: 'case_events',
    view: 'flow',
    version: 1,
    means:
      'Of the requests closed in the period, the share that was closed because the matter was known already.',
    formula: 'Cases closed with an outcome of the class duplicate / cases closed in the period.',
    caveats: [mapped, 'A duplicate is closed, not resolved.'],
  },
  unmapped_share: {
    label: 'End not known',
    unit: 'share',
    better: 'lower',
    stream: 'case_events',
    view: 'flow',
    version: 1,
    means: 'Of the requests closed in the period, the share of which nothing says what their end means.',
    formula:
      'Cases closed without an outcome, or with a code that is not mapped to a class / cases closed in the period.',
    caveats: ['Codes are mapped to classes in the configuration.'],
  },
  repeat_contact_rate: {
    label: 'Got in touch again',
    unit: 'share',
    better: 'lower',
    stream: 'case_events',
    contacts: 'some',
    view: 'flow',
    version: 1,
    means:
      'Of the requests closed in the period, the share about which somebody got in touch again soon after.',
    formula:
      'Cases with a contact within the repeat window (14 days where not declared otherwise) after their first close / cases first closed in the period at least one window before the end of the data.',
    caveats: [
      contactsTold,
      'Closes too recent to tell are left out.',
      'Another request of the same person is not seen: requests carry no person.',
    ],
  },
  failure_demand_share: {
    label: 'Contacts that should not be needed',
    unit: 'share',
    better: 'lower',
    stream: 'case_events',
    contacts: 'some',
    view: 'flow',
    version: 1,
    means:
      'Of the contacts about requests, the share that only asks how far it is or does not accept a decision.',
    formula: 'Contacts that chase progress or challenge a decision / all contacts in the period.',
    caveats: [contactsTold],
  },
  failure_demand_rate: {
    label: 'Contacts that should not be needed, per 100 open requests',
    unit: 'per_100',
    better: 'lower',
    stream: 'case_events',
    contacts: 'every',
    view: 'flow',
    version: 1,
    means:
      'For every hundred requests that were open in the period, so many times somebody asked how far it is or did not accept a decision.',
    formula:
      '100 x contacts that chase progress or challenge a decision / cases open at any time in the period (open at its end + closed in it).',
    caveats: [
      contactsTold,
      'One request may bring several contacts, also after its close.',
      'Known only where each of the services that were chosen tells contacts.',
      'A longer period has more contacts for each request: compare periods of equal length.',
      'Interval: contacts taken as Poisson.',
    ],
  },
  cost_per_transaction: {
    label: 'Cost for each completed request',
    unit: 'money',
    better: 'lower',
    stream: 'case_events',
    whole: true,
    view: 'flow',
    version: 1,
    means: 'What the service cost in the period, divided by the requests it completed.',
    formula:
      'Declared cost of the period / cases closed in it with an outcome of the class intended, resolved, not_eligible or refused.',
    caveats: [
      'Only where the declared cost covers every day of the period and every closed case has a class.',
      'Who withdrew and duplicates are no completed requests.',
      'Where the period cuts a longer span that a cost is declared for, its days share the cost evenly: an estimate.',
    ],
  },
  wait_in_time_rate: {
    label: 'Served in time',
    unit: 'share',
    better: 'higher',
    stream: 'wait_times',
    view: 'flow',
    version: 1,
    means:
      'Of the people who waited where a wait was promised, the share served within it; of vehicles, the share not later than promised.',
    formula:
      'Served within the promised wait / (served + gave up after 10 s or more), where a standard in minutes or hours was in force that day. Early counts as in time.',
    caveats: ['Who gave up was not served in time.', 'Vehicles without an observed time are not counted.'],
  },
  abandonment_rate: {
    label: 'Gave up waiting',
    unit: 'share',
    better: 'lower',
    stream: 'wait_times',
    view: 'flow',
    version: 1,
    means: 'The share of people who left the queue or hung up before they were served.',
    formula:
      'Abandoned after 10 s or more / (served + abandoned after 10 s or more). Delays of vehicles are not counted.',
    caveats: ['Leaving within 10 seconds is not counted as giving up.'],
  },
  wait_median: {
    label: 'Typical wait',
    unit: 'minutes',
    better: 'lower',
    stream: 'wait_times',
    view: 'flow',
    version: 1,
    means: 'Half of the people served waited longer than this.',
    formula: 'Median wait of people served; for vehicles, median delay with early counted as no delay.',
    caveats: [quantiles, 'People who gave up are not in it: see the share who gave up.'],
  },
  wait_p90: {
    label: 'Wait for nine in ten',
    unit: 'minutes',
    better: 'lower',
    stream: 'wait_times',
    view: 'flow',
    version: 1,
    means: 'Nine out of ten people served waited no longer than this.',
    formula:
      '90th percentile of the wait of people served; for vehicles, of the delay with early counted as no delay.',
    caveats: [quantiles, 'People who gave up are not in it: see the share who gave up.'],
  },
  satisfied_share: {
    label: 'Satisfied',
    unit: 'share',
    better: 'higher',
    stream: 'outcomes',
    view: 'flow',
    version: 1,
    means: 'Of the residents who rated the service, the share who were satisfied or very satisfied.',
    formula: 'Ratings 4 and 5 / all ratings 1 to 5.',
    caveats: [
      'Only those who answered: read it with the response rate.',
      'Answers without an opinion are not in it.',
    ],
  },
  response_rate: {
    label: 'Answered when asked',
    unit: 'share',
    better: 'higher',
    stream: 'outcomes',
    view: 'flow',
    version: 1,
    means: 'Of the residents who were asked for feedback, the share who gave it.',
    formula: 'Answers given (a rating, a driver, a thumb, a comment, or no opinion) / feedback offered.',
    caveats: [],
  },
  digital_take_up: {
    label: 'Asked online',
    unit: 'share',
    better: 'higher',
    stream: 'case_events',
    view: 'cohort',
    version: 1,
    means: 'The share of requests that came in by a digital channel, assisted digital included.',
    formula: 'Cases received by a digital channel / cases received with a known channel.',
    caveats: ['Which channels are digital is declared in the configuration.'],
  },
} as const satisfies Record<string, Kpi>

export type KpiId = keyof typeof kpis
export const kpiIds = Object.keys(kpis) as [KpiId, ...KpiId[]]
