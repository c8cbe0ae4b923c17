import { z } from 'zod'
import type { Db } from './db.ts'
import { UnknownIdError } from './errors.ts'
import loadsSql from './queries/loads.sql?raw'
import loadsTotalSql from './queries/loads_total.sql?raw'
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

/** What the whole ledger adds up to: loads, and the rows of those that are done. */
export const loadsTotal = z.object({
  loads: z.number(),
  with_rejected: z.number(),
  failed: z.number(),
  read: z.number(),
  accepted: z.number(),
  rejected: z.number(),
  duplicates: z.number(),
})

/** Loads with rejected rows, or those that failed or were cancelled. */
export const loadKinds = ['all', 'rejected', 'failed'] as const
/** `before` is a load number: only loads with a smaller one; 0 begins with the newest. */
export type LoadsAsked = { limit: number; only: (typeof loadKinds)[number]; before: number }

const loadRows = defineQuery(
  'loads',
  loadsSql,
  z.object({ load_id: z.string(), only: z.string(), before: z.number(), limit: z.number() }),
  loadRow,
)
const loadsTotals = defineQuery('loads_total', loadsTotalSql, z.object({}), loadsTotal)
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

const noLoads = { loads: 0, with_rejected: 0, failed: 0, read: 0, accepted: 0, rejected: 0, duplicates: 0 }

/** The ledger, newest first, with the totals of all of it. `next` is the `before` of the next page, null at the end. */
export async function listLoads(db: Db, { limit, only, before }: LoadsAsked) {
  const [found, [totals = noLoads]] = await Promise.all([
    loadRows(db, { load_id: '', only, before, limit: limit + 1 }),
    loadsTotals(db, {}),
  ])
  const loads = found.slice(0, limit)
  return { loads, totals, next: found.length > limit ? (loads.at(-1)?.load_no ?? null) : null }
}

/** One load of the ledger. Throws UnknownIdError. */
export async function readLoad(db: Db, loadId: string) {
  const [load] =
    loadId === '' ? [] : await loadRows(db, { load_id: loadId, only: 'all', before: 0, limit: 1 })
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
