import { z } from '@hono/zod-openapi'
import { outcomeEnds } from '../../sql/kpiStats.ts'
import { contactKinds } from '../../sql/outcomes.ts'
import { figure, head, orNull } from './shared.ts'

/** How cases ended, and what came after. */

export const outcomesAnswer = z
  .object({
    ...head,
    /** Cases closed in the period. */
    closed: z.number(),
    /** Closed cases by what their outcome means; unmapped where nothing says so. The shares add up to 1. */
    classes: z.array(
      z.object({
        class: z.enum(outcomeEnds),
        label: z.string(),
        means: z.string(),
        cases: z.number(),
        stat: figure,
        compare: orNull(figure),
        /** The outcome codes behind it, the most frequent first; an empty code where none was told. */
        codes: z.array(z.object({ service: z.string(), code: z.string(), cases: z.number() })),
      }),
    ),
    intended: figure,
    /** Opened again within so many days after the first close; closes too recent to tell are left out. */
    reopened: z.object({ days: z.number(), stat: figure }),
    /** Somebody got in touch again within so many days after the first close. */
    repeat_contact: z.object({ days: z.number(), stat: figure }),
    /** Contacts that only chase progress or challenge a decision. */
    failure_demand: z.object({
      contacts: z.array(z.object({ kind: z.enum(contactKinds), count: z.number() })),
      /** Of all contacts. */
      share: figure,
      /** For every hundred cases that were open at any time in the period. */
      per_100_open: figure,
    }),
    /** What a completed case cost, in the currency named; or the reason why it is not known. */
    cost: z.object({ stat: figure, currency: z.string().nullable(), reason: z.string().nullable() }),
  })
  .openapi('Outcomes')
