import { z } from 'zod'
import type { Db } from '../db.ts'
import { segments } from '../kpis/queries.ts'
import batchWeeksSql from '../queries/batch_weeks.sql?raw'
import demandWeeksSql from '../queries/demand_weeks.sql?raw'
import edgeWeeksSql from '../queries/edge_weeks.sql?raw'
import occupancyWeeksSql from '../queries/occupancy_weeks.sql?raw'
import pauseWeeksSql from '../queries/pause_weeks.sql?raw'
import serverWeeksSql from '../queries/server_weeks.sql?raw'
import stayWeeksSql from '../queries/stay_weeks.sql?raw'
import visitWeeksSql from '../queries/visit_weeks.sql?raw'
import { defineQuery } from '../query.ts'
import { lagOf } from '../weekly.ts'

const text = z.string()
const weekly = z.array(z.number())
const asked = z.object({ ...segments, since: text, until: text, zone: text })
/** Of the tables by weeks a service is asked; a part of the city is read of the visits themselves. */
const ofService = asked.pick({ service: true, since: true, until: true })
const ofFacet = { service: text, stage: text, dimension: text, value: text, week: weekly }

const visitWeeks = defineQuery(
  'visit_weeks',
  visitWeeksSql,
  ofService,
  z.object({
    ...ofFacet,
    visits: weekly,
    told: weekly,
    touch: weekly,
    stays: weekly,
    stay: weekly,
  }),
)
const occupancyWeeks = defineQuery(
  'occupancy_weeks',
  occupancyWeeksSql,
  asked,
  z.object({ ...ofFacet, came: weekly, went: weekly, hours: weekly }),
)
const demandWeeks = defineQuery(
  'demand_weeks',
  demandWeeksSql,
  asked,
  z.object({ service: text, dimension: text, value: text, week: weekly, cases: weekly }),
)
const edgeWeeks = defineQuery(
  'edge_weeks',
  edgeWeeksSql,
  ofService,
  z.object({
    service: text,
    from_stage: text,
    stage: text,
    is_back: z.number(),
    week: weekly,
    cases: weekly,
  }),
)
const batchWeeks = defineQuery(
  'batch_weeks',
  batchWeeksSql,
  ofService,
  z.object({ service: text, stage: text, week: weekly, visits: weekly, pairs: weekly, days: weekly }),
)
const serverWeeks = defineQuery(
  'server_weeks',
  serverWeeksSql,
  // a team works for all districts and channels: its people are counted with all it does
  asked.omit({ department: true, district: true, channel: true }),
  z.object({ service: text, stage: text, team: text, week: weekly, starts: weekly, servers: weekly }),
)

const stayWeeks = defineQuery(
  'stay_weeks',
  stayWeeksSql,
  ofService,
  z.object({ service: text, stage: text, week: weekly, visits: weekly, quickest: weekly, middle: weekly }),
)

const pauseWeeks = defineQuery(
  'pause_weeks',
  pauseWeeksSql,
  ofService,
  z.object({
    ...{ service: text, stage: text, week: weekly, visits: weekly },
    ...{ paused: weekly, hours: weekly, pause: weekly },
  }),
)

/** What findings are drawn from: weekly series of everything that can change. Weeks are numbered from 29 December 1969. */
export type Evidence = {
  visits: Awaited<ReturnType<typeof visitWeeks>>
  occupancy: Awaited<ReturnType<typeof occupancyWeeks>>
  demand: Awaited<ReturnType<typeof demandWeeks>>
  edges: Awaited<ReturnType<typeof edgeWeeks>>
  batches: Awaited<ReturnType<typeof batchWeeks>>
  servers: Awaited<ReturnType<typeof serverWeeks>>
  pauses: Awaited<ReturnType<typeof pauseWeeks>>
  stays: Awaited<ReturnType<typeof stayWeeks>>
}

export type Asked = z.input<typeof asked>

/** What of it is of these services. */
export const ofServices = (evidence: Evidence, services: readonly string[]): Evidence => {
  const own = <Row extends { service: string }>(rows: readonly Row[]) =>
    rows.filter(({ service }) => services.includes(service))
  const { visits, occupancy, demand, edges, batches, servers, stays, pauses } = evidence
  return {
    ...{ visits: own(visits), occupancy: own(occupancy), demand: own(demand), edges: own(edges) },
    ...{ batches: own(batches), servers: own(servers), stays: own(stays), pauses: own(pauses) },
  }
}

/** Reads the weekly series of the days from `since` to `until`, in days of `zone`. */
export async function readEvidence(db: Db, params: Asked): Promise<Evidence> {
  const lag = await lagOf(db, params)
  const [visits, occupancy, demand, edges, batches, servers, stays, pauses] = await Promise.all([
    visitWeeks(db, params, lag),
    occupancyWeeks(db, params, lag),
    demandWeeks(db, params),
    edgeWeeks(db, params, lag),
    batchWeeks(db, params, lag),
    serverWeeks(db, params),
    stayWeeks(db, params, lag),
    pauseWeeks(db, params, lag),
  ])
  return { visits, occupancy, demand, edges, batches, servers, stays, pauses }
}
