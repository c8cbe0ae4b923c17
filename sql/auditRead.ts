import { z } from 'zod'
import { type Deed, deeds } from './audit.ts'
import type { Db } from './db.ts'
import exportSql from './queries/audit_export.sql?raw'
import faultsSql from './queries/audit_faults.sql?raw'
import listSql from './queries/audit_list.sql?raw'
import stateSql from './queries/audit_state.sql?raw'
import { defineQuery } from './query.ts'

const text = z.string()
const number = z.number()

/** What a reader of the audit can choose. Days are those of `zone`. */
const choice = {
  from: text,
  until: text,
  zone: text,
  actor: text,
  deed: z.array(z.enum(deeds)),
  object: text,
  search: text,
}
export type AuditChoice = {
  /** First day, and the first that no longer counts. */
  from?: string | undefined
  until?: string | undefined
  zone: string
  /** The id of who did it, or a part of the name. */
  actor?: string | undefined
  /** Any of these; all when there is none. */
  deed?: readonly Deed[] | undefined
  /** What it was done with, exactly. */
  object?: string | undefined
  /** A part of name, object, purpose, detail or request id, in small letters or capitals. */
  search?: string | undefined
}
const chosen = ({ from, until, zone, actor, deed, object, search }: AuditChoice) => ({
  ...{ from: from ?? '1970-01-02', until: until ?? '2299-12-31', zone },
  ...{ actor: actor ?? '', deed: [...(deed ?? [])], object: object ?? '', search: search ?? '' },
})

const who = { actor_kind: text, actor_id: text, actor_name: text }
const told = { purpose: text, detail: text, request_id: text, address: text }
const listRow = z.object({
  ...{ chain: text, no: number, at: text, key: number, ...who },
  ...{ deed: text, object: text, emptied: number, ...told, hash: text },
})
export const exportRow = z.object({
  ...{ chain: text, no: number, at: text, ...who },
  ...{ deed: text, object: text, salt: text, seal: text, ...told },
  ...{ previous: text, after: z.array(text), hash: text },
})

const list = defineQuery(
  'audit_list',
  listSql,
  z.object({ ...choice, after_at: number, after_chain: text, after_no: number, limit: number }),
  listRow,
)
const all = defineQuery('audit_export', exportSql, z.object(choice), exportRow)

const cursorParts = z.tuple([z.int(), text.regex(/^[0-9a-f]{16}$/), z.int()])
type Cursor = z.output<typeof cursorParts>

/** The place a cursor stands for; null when it is none. */
export function readAuditCursor(cursor: string): Cursor | null {
  try {
    const read = cursorParts.safeParse(JSON.parse(Buffer.from(cursor, 'base64url').toString()))
    return read.success ? read.data : null
  } catch {
    return null
  }
}

/** One page of the audit, the newest entry first. */
export async function readAudit(
  db: Db,
  asked: AuditChoice,
  { limit, after = [0, '', 0] }: { limit: number; after?: Cursor | undefined },
) {
  const [after_at, after_chain, after_no] = after
  // one more than wanted tells whether there is a next page
  const rows = await list(db, { ...chosen(asked), after_at, after_chain, after_no, limit: limit + 1 })
  const last = rows.length > limit ? rows[limit - 1] : undefined
  return {
    entries: rows.slice(0, limit).map(({ key: _, detail, emptied, ...row }) => ({
      ...row,
      emptied: emptied === 1,
      detail: parsed(detail),
    })),
    next_cursor: last
      ? Buffer.from(JSON.stringify([last.key, last.chain, last.no])).toString('base64url')
      : null,
  }
}

/** Detail that somebody changed need not be JSON any more: it is shown as it is. */
function parsed(detail: string): Record<string, unknown> {
  try {
    const read: unknown = JSON.parse(detail)
    return read !== null && typeof read === 'object' && !Array.isArray(read) ? { ...read } : { text: detail }
  } catch {
    return { text: detail }
  }
}

/** Every entry that was chosen, the oldest first, with all that its hash is made of. */
export const streamAudit = (db: Db, asked: AuditChoice, stop: AbortSignal) =>
  all.stream(db, chosen(asked), stop)

/** The question behind streamAudit, for answers that the engine writes itself. */
export const auditExport = (asked: AuditChoice) => ({ query: all.sql, query_params: chosen(asked) })

const state = defineQuery(
  'audit_state',
  stateSql,
  z.object({}),
  z.object({
    ...{ entries: number, chains: number, emptied: number },
    ...{ first_at: text.nullable(), last_at: text.nullable() },
  }),
)

/**
 * What can be wrong with an entry. `changed`: it does not fit its hash. `replaced`: it is not the one that a later entry was written after.
 * `missing`: its number is left out. `doubled`: its number is there twice. `cut`: somebody saw it, and the chain ends before it. `emptied`: what
 * it was done with is gone, and no erasure names it.
 */
export const auditProblems = ['changed', 'replaced', 'missing', 'doubled', 'cut', 'emptied'] as const
const auditFault = z.object({ chain: text, no: number, at: text, problem: z.enum(auditProblems) })

const faults = defineQuery(
  'audit_faults',
  faultsSql,
  z.object({ heads: z.array(text), limit: number }),
  auditFault,
)

/** As many as are named. */
const mostFaults = 20

/** Walks every chain. `heads` are entries that were seen before, as readHeads gave them. */
export async function verifyAudit(db: Db, heads: readonly string[] = []) {
  const found = await faults(db, { heads: [...heads], limit: mostFaults })
  const [about = { entries: 0, chains: 0, emptied: 0, first_at: null, last_at: null }] = await state(db, {})
  return { whole: found.length === 0, ...about, faults: found }
}
