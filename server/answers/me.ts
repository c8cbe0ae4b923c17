import { z } from '@hono/zod-openapi'
import { roles, scopes } from '../../sql/keys.ts'

const ids = z.array(z.string())

/** Who asks, and what they may do. */
export const meAnswer = z.object({
  kind: z.enum(['machine', 'person', 'key', 'nobody']),
  name: z.string(),
  roles: z.array(z.enum(roles)),
  scopes: z.array(z.enum(scopes)),
  rows: z
    .array(z.object({ department: ids, service: ids, district: ids }))
    .openapi({ description: 'Figures are told of rows of any of these; an empty list limits nothing.' }),
  providers: z
    .array(z.object({ id: z.string(), name: z.string() }))
    .openapi({ description: 'Whom people sign in with; none where nobody has to sign in.' }),
})
