import { z } from '@hono/zod-openapi'
import { grains } from '../../sql/filters.ts'
import { head } from './shared.ts'

/** Answers about what comes and goes, and about promises that were broken. */

const flowTotals = {
  /** Open before the first day of the period. */
  backlog_before: z.number(),
  arrivals: z.number(),
  departures: z.number(),
  /** Open at the end of the period: what was before, and what came, less what went. */
  backlog: z.number(),
  /** Weeks it takes to clear at the departures of the period; null when nothing left. */
  weeks_to_clear: z.number().nullable(),
  /** More came than went. */
  growing: z.boolean(),
}

const flowPoint = {
  from: z.string(),
  until: z.string(),
  /** Known share of the whole bucket, 0 to 1: below 1 also where the period cuts it. */
  complete: z.number(),
  arrivals: z.number(),
  departures: z.number(),
  backlog: z.number(),
  cumulative_arrivals: z.number(),
  cumulative_departures: z.number(),
  /** Of the backlog at the end of the bucket, in days. */
  age: z.object({
    median_days: z.number().nullable(),
    p90_days: z.number().nullable(),
    oldest_days: z.number().nullable(),
    /** Less than 7 days, 7 to 30, 30 to 90, 90 or more. */
    by_days: z.array(z.number()).length(4),
  }),
}

export const flowAnswer = z
  .object({
    ...head,
    grain: z.enum(grains),
    cases: z.object({
      ...flowTotals,
      points: z.array(
        z.object({
          ...flowPoint,
          /** Within the standard, up to twice its time, longer, and without a promise. */
          by_standard: z.object({
            within: z.number(),
            over: z.number(),
            twice: z.number(),
            unpromised: z.number(),
          }),
        }),
      ),
    }),
    /** Counts may be fractions: see backlog_expected. */
    stages: z.array(
      z.object({
        service: z.string(),
        /** Null for cases that stand where nothing ever followed, after the activity in `after`. */
        stage: z.string().nullable(),
        after: z.string().nullable(),
        ...flowTotals,
        /** Part of the backlog whose next stage is not known yet: given to stages by the shares that went there. */
        backlog_expected: z.number(),
        /** Little's law: cases present on average, and those expected from arrivals and stay; unstable above a gap of a tenth. */
        little: z.object({
          present: z.number(),
          arrivals_per_day: z.number(),
          stay_days: z.number().nullable(),
          expected: z.number().nullable(),
          gap: z.number().nullable(),
          unstable: z.boolean().nullable(),
        }),
        /** Worked hours of the stage's teams over the hours they were there for; null where starts are not told. */
        utilisation: z
          .object({
            share: z.number(),
            people: z.number(),
            touch_hours: z.number(),
            staffed_hours: z.number(),
            status: z.enum(['ok', 'amber', 'red']),
          })
          .nullable(),
        points: z.array(z.object(flowPoint)),
      }),
    ),
  })
  .openapi('Flow')

const breachesOfServices = z.array(
  z.object({
    service: z.string(),
    /** Closed in the period with a promise, and those of them that were late; open at its end, and overdue. */
    closed_due: z.number(),
    closed_late: z.number(),
    open_due: z.number(),
    open_late: z.number(),
    /** Days over the due time of all that were late. */
    days_over: z.number(),
    stages: z.array(
      z.object({
        /** Null for time that no stage tells of, and for cases that stand after `after`, where nothing ever followed. */
        stage: z.string().nullable(),
        after: z.string().nullable(),
        days_over: z.number(),
        days_over_open: z.number(),
        /** Part of the service's days over; they add up to 1. */
        share: z.number(),
        /** Late cases that took longer here than their budget. */
        cases: z.number(),
        /** Median days here of cases that kept the promise. */
        usual_days: z.number().nullable(),
      }),
    ),
  }),
)

export const breachesAnswer = z
  .object({ ...head, without_extensions: breachesOfServices, with_extensions: breachesOfServices })
  .openapi('Breaches')
