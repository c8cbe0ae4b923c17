import { z } from 'zod'

/** `per_100`: so many for every hundred. `money`: in the currency named beside it. */
export const units = ['count', 'share', 'per_100', 'money', 'seconds', 'minutes', 'hours', 'days'] as const

/**
 * A figure that carries its proof. `value` is null unless `status` is `ok`; zero means zero.
 * `interval` is a 95 % interval in the unit of the value. `complete` is the share (0 to 1) of the period that the
 * data covers. `error` is the largest relative error of an estimate.
 */
export const stat = z.object({
  value: z.number().nullable(),
  unit: z.enum(units),
  n: z.number(),
  numerator: z.number().nullable(),
  denominator: z.number().nullable(),
  interval: z.tuple([z.number(), z.number()]).nullable(),
  method: z.enum(['exact', 'estimate']),
  error: z.number().nullable(),
  status: z.enum(['ok', 'hidden', 'too_few', 'not_collected', 'not_applicable', 'not_reached']),
  complete: z.number(),
  as_of: z.string().nullable(),
  definition: z.string(),
})
export type Stat = z.infer<typeof stat>
export type Unit = (typeof units)[number]
