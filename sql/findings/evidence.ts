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

const queries = {
  ...{ visits: visitWeeks, occupancy: occupancyWeeks, demand: demandWeeks, edges: edgeWeeks },
  ...{ batches: batchWeeks, servers: serverWeeks, stays: stayWeeks, pauses: pauseWeeks },
}
type Name = keyof typeof queries

/** What findings are drawn from: weekly series of everything that can change. Weeks are numbered from 29 December 1969. */
export type Evidence = { [Each in Name]: ReturnType<(typeof queries)[Each]['rows']> }
/** The same as the store tells it. */
export type EvidenceText = Record<Name, string>

export type Asked = z.input<typeof asked>

const each = <Of>(of: (name: Name) => Of) =>
  Object.fromEntries(Object.keys(queries).map((name) => [name, of(name as Name)]))

/** Reads the weekly series of the days from `since` to `until`, in days of `zone`. */
export async function evidenceText(db: Db, params: Asked): Promise<EvidenceText> {
  const lag = await lagOf(db, params)
  const told = each((name) => queries[name].text(db, params, lag))
  return Object.fromEntries(
    await Promise.all(Object.entries(told).map(async ([name, text]) => [name, await text])),
  )
}

/** The series that the text tells, of these services only where some are given. */
export function evidenceOf(text: EvidenceText, services: readonly string[] = []): Evidence {
  const rows = (name: Name): readonly { service: string }[] => queries[name].rows(text[name])
  const isOf = ({ service }: { service: string }) => services.length === 0 || services.includes(service)
  return each((name) => rows(name).filter(isOf)) as Evidence
}
