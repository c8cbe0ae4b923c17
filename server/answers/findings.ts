import { z } from '@hono/zod-openapi'
import { causeIds } from '../../sql/causeNames.ts'
import { dimensions } from '../../sql/filters.ts'
import { findingKinds } from '../../sql/findings/sign.ts'
import { change } from './kpis.ts'
import { figure, head, orNull } from './shared.ts'

/** Answers about where people wait: findings, one stage, mix against pace, and causes. */

const stageRow = z.object({
  service: z.string(),
  stage: z.string(),
  n: z.number(),
  /** Visits of which the start of the work is told; the wait of the others reaches to its end, and is at most so long. */
  starts_told: z.number(),
  /** Person-hours waited in the period. */
  wait_hours: z.number(),
  mean_hours: z.number(),
  median_hours: z.number(),
  p90_hours: z.number(),
  before_n: z.number(),
  before_mean_hours: z.number().nullable(),
  /** Person-hours above the earlier level; negative when it got faster. Null without an earlier level. */
  extra_hours: z.number().nullable(),
  real: z.boolean(),
})

export const bottlenecksAnswer = z
  .object({
    ...head,
    findings: z.array(
      z.object({
        rank: z.number(),
        kind: z.enum(findingKinds),
        service: z.string(),
        stage: z.string().nullable(),
        from_stage: z.string().nullable(),
        segment: z.object({ dimension: z.string(), value: z.string() }).nullable(),
        /** First day of the week in which it began, and the first and last day on which it may have begun (about 95 %). */
        since: z.string(),
        since_between: z.tuple([z.string(), z.string()]),
        /**
         * The fewest values of one dimension that have four fifths of it (of the extra hours; where more come, or come back, of the visits
         * added), beside their part of the cases before. Null where no group stands out, and where `segment` tells it.
         */
        explained_by: z
          .object({
            dimension: z.string(),
            values: z.array(z.string()),
            share: z.number(),
            usual_share: z.number(),
          })
          .nullable(),
        extra_hours: z.number(),
        extra_hours_per_case: z.number(),
        cases: z.number(),
        before_mean_hours: z.number(),
        mean_hours: z.number(),
        /** By how many cases those who wait grow in a week of the period. */
        growth_per_week: z.number(),
        /** What changed and its level before and after: time worked and stays as a factor of the earlier level, people at work, cases a week, a share. */
        measure: z.enum(['work', 'stay', 'people', 'cases', 'share']),
        before: z.number(),
        after: z.number(),
        /** How many standard errors the change measures. */
        certainty: z.number(),
        /** The finding in plain words. */
        sentence: z.string(),
      }),
    ),
    stages: z.array(stageRow),
  })
  .openapi('Bottlenecks')

export const stageAnswer = z
  .object({
    ...head,
    service: z.string(),
    stage: z.string(),
    median: figure,
    p90: figure,
    /** Visits of the period of which the start of the work is told; the wait of the others reaches to its end, and is at most so long. */
    starts_told: z.number(),
    /** Months up to the end of the period. */
    series: z.array(
      z.object({
        from: z.string(),
        until: z.string(),
        n: z.number(),
        starts_told: z.number(),
        median_hours: z.number().nullable(),
        p90_hours: z.number().nullable(),
      }),
    ),
    /** Weeks of up to two years, by the visits that ended in them; a week that is not known in full is not `complete`. */
    weeks: z.array(
      z.object({
        from: z.string(),
        until: z.string(),
        complete: z.boolean(),
        n: z.number(),
        starts_told: z.number(),
        /** The whole stay, from entering the stage to leaving it. */
        mean_hours: z.number().nullable(),
        /** The wait before the stage. */
        median_hours: z.number().nullable(),
        p90_hours: z.number().nullable(),
        /** Working hours from start to completion; null where starts are not told. */
        touch_hours: z.number().nullable(),
        /** Shares of the visits: second or later ones, and those whose clock was stopped. */
        again_share: z.number().nullable(),
        paused_share: z.number().nullable(),
        /** Of all pairs of visits of the week, those that ended on the same day. */
        same_day_share: z.number().nullable(),
      }),
    ),
    /** When cases came to the stage and left it in the period; weekday 1 is Monday. Hours in which nothing happened are left out. */
    hours: z.array(z.object({ weekday: z.number(), hour: z.number(), came: z.number(), went: z.number() })),
    by: z.array(
      z.object({
        dimension: z.enum(['district', 'channel', 'team', 'subtype']),
        rows: z.array(
          z.object({
            value: z.string(),
            label: z.string(),
            stat: figure,
            starts_told: z.number(),
            /** Mean of the whole stay, from entering the stage to leaving it. */
            stay_hours: z.number(),
            extra_hours: z.number().nullable(),
          }),
        ),
      }),
    ),
    came_from: z.array(
      z.object({
        from_stage: z.string(),
        n: z.number(),
        starts_told: z.number(),
        mean_hours: z.number(),
        median_hours: z.number(),
        p90_hours: z.number(),
      }),
    ),
  })
  .openapi('Stage')

export const changeAnswer = z
  .object({
    ...head,
    /** Mean hours from asking to outcome of the cases closed, pauses taken out. */
    mean: figure,
    before: orNull(figure),
    change,
    dimensions: z.array(
      z.object({
        dimension: z.enum(dimensions),
        /** Hours a case by a change of mix and of pace: together the change. Null without cases in both periods. */
        mix: z.number().nullable(),
        rate: z.number().nullable(),
        /** The fewest values that make four fifths of the change; null when the change may be chance. */
        explained_by: z
          .object({ values: z.array(z.string()), share: z.number(), surprise: z.number() })
          .nullable(),
        rows: z.array(
          z.object({
            value: z.string(),
            label: z.string(),
            n: z.number(),
            before_n: z.number(),
            weight: z.number(),
            weight_before: z.number(),
            mean_hours: z.number().nullable(),
            before_mean_hours: z.number().nullable(),
            /** Hours a case; a change of weight counts at the distance to the mean of both periods. */
            mix: z.number(),
            rate: z.number(),
            effect: z.number(),
            /** Part of the change; they add up to 1. */
            share: z.number().nullable(),
            surprise: z.number(),
          }),
        ),
      }),
    ),
  })
  .openapi('ChangeParts')

export const causesAnswer = z
  .object({
    ...head,
    service: z.string(),
    stages: z.array(
      z.object({
        stage: z.string(),
        /** Visits that ended in the period, and of how many the start of the work is told. */
        n: z.number(),
        starts_told: z.number(),
        /** Person-hours from entering the stage to the start of the work, or where it is not told to its end. */
        wait_hours: z.number(),
        /** The same without the hours in which queue and work are not told apart. */
        wait_hours_at_least: z.number(),
        /** Working hours worked on visits whose start is told, without pauses. Null where none is. */
        touch_hours: z.number().nullable(),
        /** Visits open at the end of the period, and their person-hours of wait up to then. */
        open_n: z.number(),
        open_wait_hours: z.number(),
        /** They add up to the hours of the wait. */
        causes: z.array(
          z.object({
            cause: z.enum(causeIds),
            label: z.string(),
            means: z.string(),
            /** Of the visits that ended: at least so many hours, and with all that is not told apart at most so many. */
            hours: z.number(),
            hours_at_most: z.number(),
            share: figure,
            open_hours: z.number(),
            /** By how much time worked as a share of time worked and waited would rise without the cause, 0 to 1. */
            cte_impact: z.number().nullable(),
          }),
        ),
        sentence: z.string(),
      }),
    ),
  })
  .openapi('Causes')
