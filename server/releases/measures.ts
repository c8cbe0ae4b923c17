import { type KpiId, kpis } from '../../sql/kpis.ts'
import type { Publication } from '../../sql/publication.ts'
import { driverIds } from '../../sql/satisfaction.ts'
import type { Stream } from './frozen.ts'
import type { Measure } from './published.ts'
import { ReleaseError } from './releaseError.ts'

type Words = Pick<Measure, 'label' | 'means'> & Partial<Pick<Measure, 'formula' | 'caveats' | 'better'>>
type Common = { stream: Stream; kpi?: KpiId; words?: Words; mandatory?: true }

/** How a measure comes from counts and times. Counts are rounded; all shares and costs are made of rounded counts. */
export type Declared = Common &
  (
    | {
        kind: 'count'
        stock?: true /** Counts it is the sum of, where it is not frozen itself. */
        sum?: string[]
      }
    | {
        kind: 'share'
        numerator: string
        denominator: string /** Nothing to divide by: it was not told. */
        untold?: true
      }
    | { kind: 'time' /** Of how many cases. */; of: string; quantile: number }
    | { kind: 'money'; per: string }
    | { kind: 'known' }
    | { kind: 'target' }
  )

const cases = { stream: 'case_events' } as const
const waits = { stream: 'wait_times' } as const
const answers = { stream: 'outcomes' } as const
const must = { mandatory: true } as const
const count = { kind: 'count' } as const
const stock = { kind: 'count', stock: true } as const

const share = (id: KpiId, numerator: string, denominator: string) =>
  ({ kind: 'share', numerator, denominator, kpi: id, stream: kpis[id].stream }) as const
const time = (id: KpiId, of: string, quantile: number) =>
  ({ kind: 'time', of, quantile, kpi: id, stream: kpis[id].stream }) as const

const driverWords: Record<(typeof driverIds)[number], string> = {
  effectiveness: 'it met their need',
  ease: 'it was easy',
  speed: 'it did not take too long',
  transparency: 'it was clear what would happen',
  humanity: 'they were treated with respect',
  employee: 'the staff helped them',
  trust: 'they trust the service',
}

/** Every measure that is published, by its id: the column name in all files. */
export const declared: Record<string, Declared> = {
  requests_received: { ...count, ...cases, ...must, kpi: 'requests_received' },
  requests_closed: { ...count, ...cases, ...must, kpi: 'requests_closed' },
  backlog: { ...stock, ...cases, ...must, kpi: 'backlog' },
  closed_with_promise: {
    ...count,
    ...cases,
    words: { label: 'Closed with a promised time', means: 'Requests closed for which a time was promised.' },
  },
  closed_on_time: {
    ...count,
    ...cases,
    words: {
      label: 'Closed on time, requests',
      means: 'Of these, the requests closed within the promised time.',
    },
  },
  on_time_rate: { ...share('on_time_rate', 'closed_on_time', 'closed_with_promise'), ...must },
  open_with_promise: {
    ...stock,
    ...cases,
    words: { label: 'Open with a promised time', means: 'Open requests for which a time was promised.' },
  },
  open_overdue: {
    ...stock,
    ...cases,
    words: {
      label: 'Open past the promised time, requests',
      means: 'Open requests whose promised time is over.',
    },
  },
  overdue_share: { ...share('overdue_share', 'open_overdue', 'open_with_promise'), ...must },
  open_in_time: {
    ...stock,
    ...cases,
    words: {
      label: 'Open within the promised time',
      means: 'Open requests whose promised time is not over yet.',
    },
  },
  within_standard_share: {
    kind: 'share',
    numerator: 'open_in_time',
    denominator: 'open_with_promise',
    ...cases,
    words: {
      label: 'Waiting within the standard',
      means: 'Of the people waiting for whom a time was promised, the share whose time is not over yet.',
      formula: 'Open within the promised time / open with a promised time, at the end of the period.',
      better: 'higher',
    },
  },
  open_over_52_weeks: {
    ...stock,
    ...cases,
    words: {
      label: 'Open for more than 52 weeks',
      means: 'Requests that had been open for more than 52 weeks at the end of the period.',
      better: 'lower',
    },
  },
  time_to_outcome_median: { ...time('time_to_outcome_median', 'requests_closed', 0.5), ...must },
  time_to_outcome_p90: time('time_to_outcome_p90', 'requests_closed', 0.9),
  time_to_outcome_all_median: { ...time('time_to_outcome_all_median', 'requests_received', 0.5), ...must },
  backlog_age_median: time('backlog_age_median', 'backlog', 0.5),
  backlog_age_p92: {
    kind: 'time',
    of: 'backlog',
    quantile: 0.92,
    ...cases,
    words: {
      label: 'Time that 92 in 100 have waited less than',
      means: 'Of a hundred open requests, ninety-two have been open no longer than this.',
      formula:
        '92nd percentile of the time from clock start to the end of the period, over the cases open then.',
      better: 'lower',
    },
  },
  received_known: {
    ...count,
    ...cases,
    words: { label: 'Received by a known channel', means: 'Requests of which it is known how they came in.' },
  },
  received_digital: {
    ...count,
    ...cases,
    words: { label: 'Received online', means: 'Of these, the requests that came in online.' },
  },
  digital_take_up: share('digital_take_up', 'received_digital', 'received_known'),
  completed: {
    ...count,
    sum: ['closed_intended', 'closed_resolved', 'closed_not_eligible', 'closed_refused'],
    ...cases,
    words: {
      label: 'Completed',
      means: 'Requests that came to an answer, also to a no. Who gave up, and duplicates, did not.',
    },
  },
  completed_or_given_up: {
    ...count,
    sum: ['closed_intended', 'closed_resolved', 'closed_not_eligible', 'closed_refused', 'closed_withdrawn'],
    ...cases,
    words: { label: 'Completed or given up', means: 'Requests that came to an answer, or were given up.' },
  },
  completion_rate: {
    kind: 'share',
    numerator: 'completed',
    denominator: 'completed_or_given_up',
    ...cases,
    words: {
      label: 'Completed, of all begun and ended',
      means: 'Of the people whose request ended, the share who came to an answer and did not give up.',
      formula: 'Closed with an answer / closed with an answer or withdrawn, in the period.',
      caveats: [
        'A proper "not eligible" or "refused" is an answer. Ends that nothing is known of are not counted.',
      ],
      better: 'higher',
    },
    untold: true,
  },
  outcomes_told: {
    ...count,
    ...answers,
    words: {
      label: 'Ends that are known',
      means: 'People of whom it is known whether they got what they came for.',
    },
  },
  outcomes_intended: {
    ...count,
    ...answers,
    words: { label: 'Got what they came for, people', means: 'Of these, the people who got it.' },
  },
  intended_outcome_rate: {
    ...share('intended_outcome_rate', 'outcomes_intended', 'outcomes_told'),
    ...must,
    untold: true,
  },
  cost_per_transaction: { kind: 'money', per: 'completed', ...cases, kpi: 'cost_per_transaction' },
  people_served: {
    ...count,
    ...waits,
    words: {
      label: 'Served',
      means: 'People whose wait ended with somebody serving them. Of vehicles: departures that were seen.',
    },
  },
  people_waiting: {
    ...count,
    ...waits,
    words: { label: 'Waited in a queue', means: 'People who waited until they were served or gave up.' },
  },
  gave_up: {
    ...count,
    ...waits,
    words: {
      label: 'Gave up, people',
      means: 'People who left the queue or hung up after 10 seconds or more.',
    },
  },
  abandonment_rate: { ...share('abandonment_rate', 'gave_up', 'people_waiting'), ...must },
  waits_promised: {
    ...count,
    ...waits,
    words: { label: 'Waits with a promise', means: 'Waits for which a longest wait was promised.' },
  },
  waits_in_time: {
    ...count,
    ...waits,
    words: {
      label: 'Served in time, people',
      means: 'Of these, the waits that were not longer than promised.',
    },
  },
  wait_in_time_rate: { ...share('wait_in_time_rate', 'waits_in_time', 'waits_promised'), ...must },
  wait_median: { ...time('wait_median', 'people_served', 0.5), ...must },
  wait_p90: time('wait_p90', 'people_served', 0.9),
  customers: {
    ...count,
    ...answers,
    words: { label: 'Customers', means: 'People whose request or visit came to an end.' },
  },
  feedback_offered: {
    ...count,
    ...answers,
    words: { label: 'Asked for feedback', means: 'People who were asked how it was.' },
  },
  feedback_given: {
    ...count,
    ...answers,
    words: { label: 'Answered', means: 'Of these, the people who answered.' },
  },
  response_rate: { ...share('response_rate', 'feedback_given', 'feedback_offered'), ...must },
  ratings: {
    ...count,
    ...answers,
    words: { label: 'Ratings', means: 'People who gave one to five points.' },
  },
  satisfied: {
    ...count,
    ...answers,
    words: { label: 'Satisfied, people', means: 'Of these, the people who gave four or five.' },
  },
  satisfied_share: { ...share('satisfied_share', 'satisfied', 'ratings'), ...must },
  data_known: {
    kind: 'known',
    ...cases,
    words: {
      label: 'Data that is here',
      means: 'How much of the data of the period the service has sent.',
      formula: 'Days known / days of the period; days that are known in part count with that part.',
      better: 'higher',
    },
  },
  standard_target: {
    kind: 'target',
    ...cases,
    words: {
      label: 'Target',
      means: 'The share that shall keep the promise.',
      formula: 'As declared, in force on the last day of the period.',
    },
  },
  ...Object.fromEntries(driverIds.flatMap(driverMeasures)),
}

function driverMeasures(driver: (typeof driverIds)[number]): [string, Declared][] {
  const [told, positive] = [`driver_${driver}_told`, `driver_${driver}_positive`]
  const says = driverWords[driver]
  const name = driver.charAt(0).toUpperCase() + driver.slice(1)
  return [
    [
      told,
      {
        ...count,
        ...answers,
        words: { label: `${name}: answers`, means: `People who were asked whether ${says}.` },
      },
    ],
    [
      positive,
      {
        ...count,
        ...answers,
        words: { label: `${name}: agreed, people`, means: `People who said that ${says}.` },
      },
    ],
    [
      `driver_${driver}`,
      {
        kind: 'share',
        numerator: positive,
        denominator: told,
        ...answers,
        words: {
          label: `${name}: agreed`,
          means: `Of the people who answered, the share who said that ${says}.`,
          formula: 'Points 4 and 5 / all points 1 to 5.',
          better: 'higher',
        },
      },
    ],
  ]
}

const declaredOf = (id: string): Declared => {
  const found = declared[id]
  if (!found) throw new Error(`The measure ${id} is not declared.`)
  return found
}

export { declaredOf as measureOf }

/** Ids of the counts that must be published because a share that must be is made of them. */
const mandatoryParts = new Set(
  Object.values(declared).flatMap((one) =>
    one.mandatory && one.kind === 'share' ? [one.numerator, one.denominator] : [],
  ),
)
export const mandatory = (id: string): boolean => declared[id]?.mandatory === true || mandatoryParts.has(id)

/** Throws where something is left out that has to be published, or that does not exist. */
export function checkLeaveOut({ leave_out }: Pick<Publication, 'leave_out'>): void {
  const kept = leave_out.filter(mandatory)
  if (kept.length > 0)
    throw new ReleaseError(
      `publication.leave_out names ${kept.join(', ')}: these measures must be published, also when they do not look good. Take them out of the list.`,
    )
  const unknown = leave_out.filter((id) => !(id in declared))
  if (unknown.length > 0)
    throw new ReleaseError(
      `publication.leave_out names ${unknown.join(', ')}, which is not published anyway. It can name: ${Object.keys(
        declared,
      )
        .filter((id) => !mandatory(id))
        .join(', ')}.`,
    )
}

/** A measure in the words people read. `currency` stands in the label of money. */
export function wordsOf(id: string, currency: string | null): Measure {
  const one = declaredOf(id)
  const kpi = one.kpi ? kpis[one.kpi] : null
  const words = one.words
  const caveats = [...(kpi?.caveats ?? words?.caveats ?? [])]
  return {
    id,
    label:
      one.kind === 'money' && currency ? `${kpi?.label} (${currency})` : (kpi?.label ?? words?.label ?? id),
    means: kpi?.means ?? words?.means ?? '',
    formula: kpi?.formula ?? words?.formula ?? words?.means ?? '',
    caveats:
      one.kind === 'money' ? [...caveats, 'Divided by the rounded number of completed requests.'] : caveats,
    kind: one.kind === 'known' || one.kind === 'target' ? 'share' : one.kind,
    unit: kpi?.unit ?? (one.kind === 'count' ? 'count' : one.kind === 'time' ? 'days' : 'share'),
    better: kpi?.better ?? words?.better ?? 'neither',
    parts: one.kind === 'share' ? { numerator: one.numerator, denominator: one.denominator } : null,
    definition: `${id}@${kpi?.version ?? 1}`,
    mandatory: mandatory(id),
  }
}

export const isStock = (count: string): boolean => {
  const one = declared[count]
  return one?.kind === 'count' && one.stock === true
}
