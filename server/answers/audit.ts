import { z } from '@hono/zod-openapi'
import { auditProblems } from '../../sql/auditRead.ts'

const moment = z.string().openapi({ format: 'date-time' })

const entry = z
  .object({
    chain: z.string().openapi({ description: 'One for each process that wrote.' }),
    no: z.number().openapi({ description: 'Its number in the chain, from 1.' }),
    at: moment,
    actor_kind: z.string().openapi({ description: 'machine, person, key or nobody.' }),
    actor_id: z.string(),
    actor_name: z.string(),
    deed: z.string(),
    object: z
      .string()
      .openapi({ description: 'What it was done with: the id of a case, a load, a release.' }),
    emptied: z
      .boolean()
      .openapi({ description: 'The object was taken out because of a right to be forgotten.' }),
    purpose: z.string(),
    detail: z.record(z.string(), z.unknown()),
    request_id: z.string(),
    address: z.string().openapi({ description: 'The network it came from, never one machine.' }),
    hash: z.string().openapi({ description: 'SHA-256 of the entry and of the one before it.' }),
  })
  .openapi('AuditEntry')

export const auditAnswer = z
  .object({
    entries: z.array(entry),
    next_cursor: z.string().nullable().openapi({ description: 'Goes into `cursor` for the next page.' }),
  })
  .openapi('Audit')

export const auditStateAnswer = z
  .object({
    whole: z.boolean().openapi({ description: 'No entry was changed, taken away or put elsewhere.' }),
    checked_at: moment,
    entries: z.number(),
    chains: z.number(),
    emptied: z.number().openapi({ description: 'Entries whose object was taken out by an erasure.' }),
    first_at: moment.nullable(),
    last_at: moment.nullable(),
    faults: z.array(
      z.object({ chain: z.string(), no: z.number(), at: moment, problem: z.enum(auditProblems) }),
    ),
  })
  .openapi('AuditState')
