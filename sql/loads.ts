import { z } from 'zod'
import type { Db } from './db.ts'
import { UnknownIdError } from './errors.ts'
import loadsSql from './queries/loads.sql?raw'
import rejectedByRuleSql from './queries/rejected_by_rule.sql?raw'
import rejectedRowsSql from './queries/rejected_rows.sql?raw'
import { defineQuery } from './query.ts'

/** One load as the ledger tells it. */
export const loadRow = z.object({
  load_id: z.string(),
  load_no: z.number(),
  stream: z.string(),
  source: z.string(),
  mapping: z.string(),
  service: z.string(),
  file_name: z.string(),
  bytes: z.number(),
  state: z.enum(['checking', 'staging', 'publishing', 'done', 'failed', 'cancelled']),
  read: z.number(),
  accepted: z.number(),
  rejected: z.number(),
  duplicates: z.number(),
  corrected: z.number(),
  first_time: z.string().nullable(),
  last_time: z.string().nullable(),
  error: z.string(),
  started_at: z.string(),
  finished_at: z.string().nullable(),
  seconds: z.number().nullable(),
})
/** How many rows broke one rule, with one reason as an example. */
export const rejectedRule = z.object({
  field: z.string(),
  rule: z.string(),
  reason: z.string(),
  rows: z.number(),
})
/** A row that did not fit, as it came. */
export const rejectedRow = z.object({
  line: z.number(),
  field: z.string(),
  rule: z.string(),
  reason: z.string(),
  raw: z.string(),
})

const loadRows = defineQuery('loads', loadsSql, z.object({ load_id: z.string(), limit: z.number() }), loadRow)
const rejectedByRule = defineQuery(
  'rejected_by_rule',
  rejectedByRuleSql,
  z.object({ load_id: z.string() }),
  rejectedRule,
)
const rejectedRows = defineQuery(
  'rejected_rows',
  rejectedRowsSql,
  z.object({ load_id: z.string(), limit: z.number() }),
  rejectedRow,
)

/** The ledger, newest first. */
export async function listLoads(db: Db, { limit }: { limit: number }) {
  return { loads: await loadRows(db, { load_id: '', limit }) }
}

/** One load of the ledger. Throws UnknownIdError. */
export async function readLoad(db: Db, loadId: string) {
  const [load] = loadId === '' ? [] : await loadRows(db, { load_id: loadId, limit: 1 })
  if (!load) throw new UnknownIdError(`There is no load "${loadId}". GET /api/v1/loads lists them.`)
  return load
}

/** The rows of a load that did not fit, by rule and as they came. Throws UnknownIdError. */
export async function readRejected(db: Db, loadId: string, { limit }: { limit: number }) {
  const load = await readLoad(db, loadId)
  const [by_rule, rows] = await Promise.all([
    rejectedByRule(db, { load_id: loadId }),
    rejectedRows(db, { load_id: loadId, limit }),
  ])
  return { load_id: loadId, total: load.rejected, by_rule, rows }
}
