import { z } from '@hono/zod-openapi'
import { loadRow, loadsTotal, rejectedRow, rejectedRule } from '../../sql/loads.ts'

/** The ledger of loads. */

export const load = z.object(loadRow.shape).openapi('Load')

export const loadsAnswer = z
  .object({
    loads: z.array(load),
    /** Of the whole ledger, whatever was asked for. */
    totals: z.object(loadsTotal.shape),
    /** Ask with `before` for the loads that follow; null when there are none. */
    next: z.number().nullable(),
  })
  .openapi('Loads')

export const rejectedAnswer = z
  .object({
    load_id: z.string(),
    total: z.number(),
    by_rule: z.array(rejectedRule),
    rows: z.array(rejectedRow),
  })
  .openapi('RejectedRows')
