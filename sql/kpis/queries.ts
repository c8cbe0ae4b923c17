import { z } from 'zod'
import { defineQuery } from '../query.ts'
import agesSql from './ages.sql?raw'
import backlogSql from './backlog.sql?raw'
import countsSql from './counts.sql?raw'
import countsOfCasesSql from './counts_of_cases.sql?raw'
import survivalSql from './survival.sql?raw'
import timesSql from './times.sql?raw'
import waitQuantilesSql from './wait_quantiles.sql?raw'

/** The selection of a reader as SQL parameters: an empty list means everything. */
export const segments = {
  service: z.array(z.string()),
  department: z.array(z.string()),
  district: z.array(z.string()),
  channel: z.array(z.string()),
  team: z.array(z.string()),
}
const dimension = z.string()
/** Two periods at once, the later one cut in buckets by `grain`; with grain `all` a bucket is the first day of its period. */
const flow = {
  ...segments,
  dimension,
  grain: z.string(),
  from: z.string(),
  until: z.string(),
  before_from: z.string(),
  before_until: z.string(),
}
const stock = { ...segments, dimension, ends: z.array(z.string()) }
/** Where the cases of each source are known until, in microseconds since 1970. */
const ends = { source_ids: z.array(z.string()), source_ends: z.array(z.number()) }
/** First day (since 1970-01-01) of each service on which a close is too recent to tell whether it is opened again. */
const maturity = { mature_services: z.array(z.string()), mature_days: z.array(z.number()) }
/** The same for contacts after a close, of the services in which contacts are told. */
const watching = { watched_services: z.array(z.string()), watched_days: z.array(z.number()) }
const cell = { bucket: z.string(), segment: z.string() }
const number = z.number()
const maybe = z.number().nullable()
const quantiles = {
  n: number,
  median: maybe,
  median_low: maybe,
  median_high: maybe,
  p90: maybe,
  p90_low: maybe,
  p90_high: maybe,
}
const caseCounts = {
  received: number,
  received_known: number,
  promised: number,
  received_digital: number,
  closed: number,
  due: number,
  on_time: number,
  on_time_strict: number,
  first_closed: number,
  reopened: number,
  intended: number,
  resolved: number,
  not_eligible: number,
  refused: number,
  withdrawn: number,
  duplicate: number,
  unmapped: number,
  watched: number,
  repeated: number,
  chasing: number,
  challenging: number,
  other_contacts: number,
}

export const counts = defineQuery(
  'counts',
  countsSql,
  z.object({ ...flow, ...maturity, ...watching }),
  z.object({
    ...cell,
    ...caseCounts,
    served: number,
    queued: number,
    abandoned: number,
    waits_promised: number,
    in_time: number,
    intended_yes: number,
    intended_no: number,
    offered: number,
    answered: number,
    rated: number,
    satisfied: number,
  }),
)
export const countsOfCases = defineQuery(
  'counts_of_cases',
  countsOfCasesSql,
  z.object({
    ...flow,
    ...maturity,
    ...watching,
    zone: z.string(),
    reopen_days: number,
    repeat_days: number,
  }),
  z.object({ ...cell, ...caseCounts }),
)
export const backlog = defineQuery(
  'backlog',
  backlogSql,
  z.object(stock),
  z.object({ ...cell, open: number }),
)
export const times = defineQuery(
  'times',
  timesSql,
  z.object({ ...flow, zone: z.string() }),
  z.object({ ...cell, ...quantiles, mean: maybe, mean_error: maybe }),
)
export const ages = defineQuery(
  'ages',
  agesSql,
  z.object({ ...stock, ...ends, zone: z.string() }),
  z.object({ ...cell, ...quantiles, promised: number, overdue: number, over_52_weeks: number, p92: maybe }),
)
export const survival = defineQuery(
  'survival',
  survivalSql,
  z.object({ ...flow, ...ends, zone: z.string() }),
  z.object({ ...cell, ...quantiles, closed: number }),
)
export const waitQuantiles = defineQuery(
  'wait_quantiles',
  waitQuantilesSql,
  z.object({ ...flow, zone: z.string() }),
  z.object({ ...cell, ...quantiles }),
)
