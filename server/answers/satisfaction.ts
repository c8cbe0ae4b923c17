import { z } from '@hono/zod-openapi'
import { driverIds } from '../../sql/satisfaction.ts'
import { change } from './kpis.ts'
import { figure, head, interval, orNull } from './shared.ts'

/** How people found it. */

const shareOnDay = { share: z.number(), interval }

export const satisfactionAnswer = z
  .object({
    ...head,
    satisfied: figure,
    satisfied_compare: orNull(figure),
    change,
    /** The share satisfied if every kind of people (service, channel, got what they came for or not) had answered as readily. */
    weighted: z.object({
      stat: figure,
      /** So many equally weighted answers would say as much (Kish). */
      effective: z.number(),
      largest_weight: z.number(),
      /** Groups with fewer than 5 ratings were put together with others. */
      merged: z.number(),
      /** Weights above 4 were cut to 4. */
      trimmed: z.boolean(),
    }),
    /** Whether those who answered differ from all customers so much that the plain share misleads. */
    bias: z.object({
      /** Weighted less plain share, with the interval of the difference. */
      difference: z.number().nullable(),
      difference_interval: interval.nullable(),
      /** The difference is a point or more, and more than chance. */
      shifts: z.boolean(),
      /** Answers by customer, of all. */
      rate: z.number(),
      /** Kinds of people who answer at less than half of that rate. */
      silent: z.array(
        z.object({
          dimension: z.enum(['service', 'channel', 'intended']),
          value: z.string(),
          label: z.string(),
          customers: z.number(),
          answered: z.number(),
          rate: z.number(),
        }),
      ),
      warned: z.boolean(),
    }),
    response: figure,
    /** Answers by customers, asked or not. */
    coverage: figure,
    /** Ratings 1 to 5. */
    counts: z.array(z.number()).length(5),
    customers: z.number(),
    offered: z.number(),
    answered: z.number(),
    /** People behind the answers: who gave several counts once here. */
    respondents: z.number(),
    rated: z.number(),
    /** Answered without an opinion: never part of the share satisfied. */
    no_opinion: z.number(),
    /** Share who would recommend it (9, 10) less share who would not (0 to 6), from -1 to 1: the net promoter score by 100. */
    recommendation: figure,
    thumbs_up: figure,
    /** Share who agree (4 or 5) among those who answered for the driver. */
    drivers: z.array(z.object({ id: z.enum(driverIds), stat: figure })),
    /** Closed cases joined to their rating, by days to the outcome; until_days null is open-ended. */
    by_wait: z.array(z.object({ from_days: z.number(), until_days: z.number().nullable(), stat: figure })),
    /** The share satisfied by exact days of wait; null with fewer than 60 ratings that could be joined. */
    wait_curve: z
      .object({
        shape: z.enum(['break', 'line', 'log', 'flat']),
        /** The last day of the even part, the days it may be (95 %), and the shares on it and on the next. */
        break: z
          .object({ day: z.number(), interval, before: z.object(shareOnDay), after: z.object(shareOnDay) })
          .nullable(),
        points: z.array(z.object({ day: z.number(), answered: z.number(), ...shareOnDay })),
        answered: z.number(),
      })
      .nullable(),
    /** Whose answers the curve is made of: those who got what they came for, where that is told. */
    curve_of: z.enum(['intended', 'all']),
    by_outcome: z.array(z.object({ value: z.string(), label: z.string(), stat: figure })),
    by_channel: z.array(z.object({ value: z.string(), label: z.string(), stat: figure })),
    by_district: z.array(z.object({ value: z.string(), label: z.string(), stat: figure })),
    /** By the stage that took longest beyond its usual time; empty where none did. */
    by_stage: z.array(z.object({ service: z.string(), stage: z.string(), stat: figure })),
    /** Share of the ratings that could be joined to a closed case. */
    joined: figure,
  })
  .openapi('Satisfaction')
