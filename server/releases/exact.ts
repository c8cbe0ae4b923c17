import type { CubeCell } from '../../sql/cube.ts'
import { driverIds } from '../../sql/satisfaction.ts'

/** The counts of a release as they are frozen, each a column of the queries behind the dashboard. */
export const counts: Record<string, (at: CubeCell) => number | undefined> = {
  requests_received: ({ cell }) => cell.counts?.received,
  received_known: ({ cell }) => cell.counts?.received_known,
  received_digital: ({ cell }) => cell.counts?.received_digital,
  requests_closed: ({ cell }) => cell.counts?.closed,
  closed_with_promise: ({ cell }) => cell.counts?.due,
  closed_on_time: ({ cell }) => cell.counts?.on_time,
  closed_intended: ({ cell }) => cell.counts?.intended,
  closed_resolved: ({ cell }) => cell.counts?.resolved,
  closed_not_eligible: ({ cell }) => cell.counts?.not_eligible,
  closed_refused: ({ cell }) => cell.counts?.refused,
  closed_withdrawn: ({ cell }) => cell.counts?.withdrawn,
  closed_duplicate: ({ cell }) => cell.counts?.duplicate,
  closed_unmapped: ({ cell }) => cell.counts?.unmapped,
  backlog: ({ cell }) => cell.backlog?.open,
  open_with_promise: ({ cell }) => cell.ages?.promised,
  open_overdue: ({ cell }) => cell.ages?.overdue,
  open_over_52_weeks: ({ cell }) => cell.ages?.over_52_weeks,
  people_served: ({ cell }) => cell.counts?.served,
  people_waiting: ({ cell }) => cell.counts?.queued,
  gave_up: ({ cell }) => cell.counts?.abandoned,
  waits_promised: ({ cell }) => cell.counts?.waits_promised,
  waits_in_time: ({ cell }) => cell.counts?.in_time,
  outcomes_told: ({ cell }) => (cell.counts?.intended_yes ?? 0) + (cell.counts?.intended_no ?? 0),
  outcomes_intended: ({ cell }) => cell.counts?.intended_yes,
  feedback_offered: ({ cell }) => cell.counts?.offered,
  feedback_given: ({ cell }) => cell.counts?.answered,
  ratings: ({ cell }) => cell.counts?.rated,
  satisfied: ({ cell }) => cell.counts?.satisfied,
  neither: ({ answers }) => answers?.neither,
  dissatisfied: ({ answers }) => answers?.dissatisfied,
  customers: ({ answers }) => answers?.customers,
  ...Object.fromEntries(
    driverIds.flatMap((driver, index) => [
      [`driver_${driver}_told`, ({ answers }: CubeCell) => answers?.told[index]],
      [`driver_${driver}_positive`, ({ answers }: CubeCell) => answers?.positive[index]],
    ]),
  ),
}

/** A quantile in seconds, with the number of cases it is of and its 95 % interval where it has one. */
export type ExactTime = { n: number; value: number | null; low: number | null; high: number | null }

const time = (
  of: 'times' | 'survival' | 'ages' | 'waits',
  which: 'median' | 'p90',
): ((at: CubeCell) => ExactTime | undefined) => {
  return ({ cell }) => {
    const told = cell[of]
    return told && { n: told.n, value: told[which], low: told[`${which}_low`], high: told[`${which}_high`] }
  }
}

/** The times of a release as they are frozen. */
export const times: Record<string, (at: CubeCell) => ExactTime | undefined> = {
  time_to_outcome_median: time('times', 'median'),
  time_to_outcome_p90: time('times', 'p90'),
  time_to_outcome_all_median: time('survival', 'median'),
  time_to_outcome_all_p90: time('survival', 'p90'),
  backlog_age_median: time('ages', 'median'),
  backlog_age_p90: time('ages', 'p90'),
  backlog_age_p92: ({ cell: { ages } }) => ages && { n: ages.n, value: ages.p92, low: null, high: null },
  wait_median: time('waits', 'median'),
  wait_p90: time('waits', 'p90'),
}
