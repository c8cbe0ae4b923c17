import { z } from '@hono/zod-openapi'
import { stat } from '../../sql/stat.ts'

/** What answers have in common: a figure with its proof, a period, and the head above figures. */

// shapes of sql/ are built anew here: only schemas made after the extension can be named in the description
export const figure = z.object(stat.shape).openapi('Stat')

const period = z.object({ from: z.string(), until: z.string() }).openapi('Period')

/** The schema or null. `.nullable()` of one that has a name is described as an object that is null as well, which nothing is. */
export const orNull = <S extends z.ZodType>(schema: S) => z.union([schema, z.null()])

export const named = z.object({ id: z.string(), name: z.string() })

/** Stands at the head of every answer with figures. */
export const head = {
  period,
  compare_period: orNull(period),
  /** Moves on with every load: part of the ETag. */
  data_version: z.string(),
  as_of: z.string().nullable(),
  /** Sources of which less than 95 % of the period is known, the least complete first: figures they are part of are provisional. */
  missing: z.array(
    z.object({
      source: z.string(),
      stream: z.enum(['case_events', 'wait_times', 'outcomes']),
      services: z.array(z.string()),
      /** Share of the period that is known, 0 to 1. */
      complete: z.number(),
    }),
  ),
}

export const interval = z.tuple([z.number(), z.number()])
