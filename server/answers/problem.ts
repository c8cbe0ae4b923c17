import { z } from '@hono/zod-openapi'

/** Every failure. */

/** RFC 9457 problem JSON. */
export const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number(),
    detail: z.string(),
    errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
    request_id: z.string(),
  })
  .openapi('Problem')
