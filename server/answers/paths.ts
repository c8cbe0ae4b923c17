import { z } from '@hono/zod-openapi'
import { head } from './shared.ts'

/** Answers about the ways cases take: the process map, its variants, and the ways back. */

const seconds = {
  n: z.number(),
  mean_s: z.number().nullable(),
  median_s: z.number().nullable(),
  p90_s: z.number().nullable(),
  min_s: z.number().nullable(),
  max_s: z.number().nullable(),
  sum_s: z.number(),
}

export const processMapAnswer = z
  .object({
    ...head,
    cases: z.number(),
    events: z.number(),
    nodes: z.array(
      z.object({
        activity: z.string(),
        cases: z.number(),
        events: z.number(),
        start_of_case: z.number(),
        end_of_case: z.number(),
        rework_cases: z.number(),
        rework_events: z.number(),
        /** Seconds since the event before it in the same case. */
        wait_before: z.object(seconds),
      }),
    ),
    edges: z.array(
      z.object({
        from: z.string(),
        to: z.string(),
        frequency: z.number(),
        cases: z.number(),
        mean_s: z.number(),
        median_s: z.number(),
        p90_s: z.number(),
        min_s: z.number(),
        max_s: z.number(),
        sum_s: z.number(),
      }),
    ),
  })
  .openapi('ProcessMap')

const variant = z.object({
  /** The activities, one after another. */
  path: z.array(z.string()),
  steps: z.number(),
  cases: z.number(),
  /** Of these, the cases that are not closed: they may go on. */
  open_cases: z.number(),
  share_of_cases: z.number(),
  /** Share of the time of all cases, from the first to the last event of each. */
  share_of_hours: z.number(),
  mean_s: z.number(),
  median_s: z.number(),
  p90_s: z.number(),
  min_s: z.number(),
  max_s: z.number(),
  sum_s: z.number(),
})

export const variantsAnswer = z
  .object({
    ...head,
    /** Cases whose last event lies in the period; each is told from its first event on. */
    cases: z.number(),
    open_cases: z.number(),
    /** How many different ways there are; `variants` holds the most frequent ones. */
    total: z.number(),
    /** From the first to the last event of a case; null without cases. */
    case_duration: z
      .object({
        n: z.number(),
        mean_s: z.number(),
        median_s: z.number(),
        p90_s: z.number(),
        p95_s: z.number(),
        min_s: z.number(),
        max_s: z.number(),
        sum_s: z.number(),
      })
      .nullable(),
    /** The most frequent way of closed cases; of all cases where none is closed. */
    happy_path: variant.nullable(),
    variants: z.array(variant),
  })
  .openapi('Variants')

const again = {
  cases: z.number(),
  /** Of all cases with an event in the period. */
  share_of_cases: z.number(),
  extra_s: z.number(),
  extra_days: z.number(),
}

export const reworkAnswer = z
  .object({
    ...head,
    cases: z.number(),
    events: z.number(),
    /** Cases with a second visit to an activity in the period. */
    rework_cases: z.number(),
    share_of_cases: z.number(),
    extra_visits: z.number(),
    /** Calendar time of the second and later visits, each from the event before it. */
    extra_s: z.number(),
    extra_days: z.number(),
    loops: z.array(
      z.object({
        activity: z.string(),
        ...again,
        extra_visits: z.number(),
        /** Extra visits that follow straight upon a visit to the same activity. */
        self_loops: z.number(),
        median_s: z.number(),
        p90_s: z.number(),
      }),
    ),
    /** Cases that came back to a team straight from another one, and the time they took there again. */
    ping_pong: z.object({
      ...again,
      times: z.number(),
      pairs: z.array(z.object({ team: z.string(), via: z.string(), ...again, times: z.number() })),
    }),
  })
  .openapi('Rework')
