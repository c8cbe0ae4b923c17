import { z } from 'zod'
import type { Db } from './db.ts'
import { type Filters, segmentParams } from './filters.ts'
import { segments } from './kpis/queries.ts'
import activitiesSql from './queries/activities.sql?raw'
import edgesSql from './queries/edges.sql?raw'
import mapTotalsSql from './queries/map_totals.sql?raw'
import { defineQuery } from './query.ts'
import { answering, type Reading } from './reader.ts'

const params = z.object({ ...segments, from: z.string(), until: z.string(), zone: z.string() })
const number = z.number()
const maybe = z.number().nullable()

const edges = defineQuery(
  'edges',
  edgesSql,
  params,
  z.object({
    from_activity: z.string(),
    to_activity: z.string(),
    frequency: number,
    cases: number,
    mean_s: number,
    median_s: number,
    p90_s: number,
    min_s: number,
    max_s: number,
    sum_s: number,
  }),
)
const activities = defineQuery(
  'activities',
  activitiesSql,
  params,
  z.object({
    activity: z.string(),
    events: number,
    cases: number,
    start_of_case: number,
    end_of_case: number,
    rework_cases: number,
    rework_events: number,
    n: number,
    mean_s: maybe,
    median_s: maybe,
    p90_s: maybe,
    min_s: maybe,
    max_s: maybe,
    sum_s: number,
  }),
)
/** How many cases and events of the period there are for the filters. */
export const mapTotals = defineQuery(
  'map_totals',
  mapTotalsSql,
  params,
  z.object({ cases: number, events: number }),
)

const askedOf = ({ filters, period, jurisdiction }: Reading) => ({
  ...segmentParams(filters),
  ...period,
  zone: jurisdiction.time_zone,
})

const edgeOf = ({ from_activity, to_activity, ...edge }: z.output<typeof edges.row>) => ({
  from: from_activity,
  to: to_activity,
  ...edge,
})

/** The directly-follows graph of the events in the period: exact frequencies, means, medians and 90th percentiles in seconds. */
export const processMap = (db: Db, filters: Filters) =>
  answering(db, filters, async (reading) => {
    const asked = askedOf(reading)
    const [edgeRows, activityRows, [total]] = await Promise.all([
      edges(db, asked),
      activities(db, asked),
      mapTotals(db, asked),
    ])
    return {
      ...reading.head,
      cases: total?.cases ?? 0,
      events: total?.events ?? 0,
      nodes: activityRows.map(({ n, mean_s, median_s, p90_s, min_s, max_s, sum_s, ...node }) => ({
        ...node,
        wait_before: { n, mean_s, median_s, p90_s, min_s, max_s, sum_s },
      })),
      edges: edgeRows.map(edgeOf),
    }
  })

/** The ways between activities alone, batch by batch as they come from the store; at least one batch. */
export async function* streamEdges(db: Db, filters: Filters, stop: AbortSignal) {
  const { period, batches } = await answering(db, filters, async (reading) => ({
    period: reading.period,
    batches: await edges.stream(db, askedOf(reading), stop),
  }))
  yield { period, edges: [] }
  for await (const rows of batches) yield { period, edges: rows.map(edgeOf) }
}
