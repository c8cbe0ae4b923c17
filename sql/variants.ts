import { z } from 'zod'
import type { Db } from './db.ts'
import { type Filters, segmentParams } from './filters.ts'
import { segments } from './kpis/queries.ts'
import variantsSql from './queries/variants.sql?raw'
import { defineQuery } from './query.ts'
import { answering, type Reading } from './reader.ts'

const number = z.number()
const maybe = z.number().nullable()

const variantRows = defineQuery(
  'variants',
  variantsSql,
  z.object({ ...segments, from: z.string(), until: z.string(), zone: z.string(), limit: number }),
  z.object({
    steps: number,
    path: z.array(z.string()),
    cases: number,
    open_cases: number,
    mean_s: maybe,
    median_s: maybe,
    p90_s: maybe,
    p95_s: maybe,
    min_s: maybe,
    max_s: maybe,
    sum_s: number,
    is_happy: number,
    variants: number,
  }),
)
type Row = z.output<typeof variantRows.row>

const asked = ({ filters, period, jurisdiction }: Reading, limit: number) => ({
  ...segmentParams(filters),
  ...period,
  zone: jurisdiction.time_zone,
  limit,
})

/** A way that cases took, with its share of all cases and of all their time (0 to 1). Times are from the first to the last event. */
const variantOf = (row: Row, all: Row) => ({
  path: row.path,
  steps: row.steps,
  cases: row.cases,
  open_cases: row.open_cases,
  share_of_cases: row.cases / all.cases,
  share_of_hours: all.sum_s === 0 ? 0 : row.sum_s / all.sum_s,
  mean_s: row.mean_s ?? 0,
  median_s: row.median_s ?? 0,
  p90_s: row.p90_s ?? 0,
  min_s: row.min_s ?? 0,
  max_s: row.max_s ?? 0,
  sum_s: row.sum_s,
})
export type Variant = ReturnType<typeof variantOf>

/**
 * The ways cases took, the most frequent first: the whole ways of the cases whose last event lies in the period. The happy path
 * is the most frequent way of closed cases, or of all of them where none is closed.
 */
export const variants = (db: Db, filters: Filters, { limit }: { limit: number }) =>
  answering(db, filters, async (reading) => {
    const [all, ...rows] = await variantRows(db, asked(reading, limit))
    const cases = all?.cases ?? 0
    if (!all || cases === 0)
      return {
        ...reading.head,
        ...{ cases: 0, open_cases: 0, total: 0, case_duration: null, happy_path: null, variants: [] },
      }
    const happy = rows.find(({ is_happy }) => is_happy)
    return {
      ...reading.head,
      cases,
      open_cases: all.open_cases,
      total: rows[0]?.variants ?? 0,
      case_duration: {
        n: cases,
        mean_s: all.mean_s ?? 0,
        median_s: all.median_s ?? 0,
        p90_s: all.p90_s ?? 0,
        p95_s: all.p95_s ?? 0,
        min_s: all.min_s ?? 0,
        max_s: all.max_s ?? 0,
        sum_s: all.sum_s,
      },
      happy_path: happy ? variantOf(happy, all) : null,
      variants: rows.slice(0, limit).map((row) => variantOf(row, all)),
    }
  })

/** All of the ways, batch by batch as they come from the store: none of them is kept. At least one batch. */
export async function* streamVariants(
  db: Db,
  filters: Filters,
  stop: AbortSignal,
): AsyncGenerator<Variant[]> {
  const batches = await answering(db, filters, (reading) =>
    variantRows.stream(db, asked(reading, Number.MAX_SAFE_INTEGER), stop),
  )
  yield []
  let all: Row | undefined
  for await (const rows of batches) {
    all ??= rows.shift()
    const total = all
    if (total) yield rows.map((row) => variantOf(row, total))
  }
}
