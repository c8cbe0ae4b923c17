import { z } from 'zod'
import { rowsOnce } from './askOnce.ts'
import { askOf, compared, comparing, fewestVisits } from './comparing.ts'
import type { Db } from './db.ts'
import type { Filters } from './filters.ts'
import { findingsOf } from './findings/findings.ts'
import stagesSql from './queries/stages.sql?raw'
import { defineQuery } from './query.ts'
import { answering } from './reader.ts'

const number = z.number()
const maybe = z.number().nullable()
const text = z.string()

const stages = defineQuery(
  'stages',
  stagesSql,
  z.object(compared),
  z.object({
    service: text,
    stage: text,
    n: number,
    starts_told: number,
    wait_hours: number,
    mean_hours: number,
    median_hours: number,
    p90_hours: number,
    sd_hours: number.nullable(),
    before_n: number,
    before_mean_hours: maybe,
    before_sd_hours: maybe,
  }),
)
/** How many standard errors a change must measure: about one false alarm in 700 stages looked at. */
const surelyReal = 3.2

/**
 * Where people wait, and what changed: findings ranked by the person-hours waited above the level before the change, and every stage
 * beside an earlier period: the same days a year before, because seasons are no change; where the data does not reach back so far, the
 * period before. Without `from` and `until` the last full month is looked at.
 */
export const bottlenecks = (db: Db, filters: Filters) =>
  answering(db, filters, async (asked) => {
    const reading = comparing(asked)
    const { period, compare } = reading
    const params = askOf(reading)
    const [rows, findings] = await Promise.all([
      rowsOnce(db, reading, stages, params),
      findingsOf(db, reading),
    ])

    const table = rows.map(({ sd_hours, before_sd_hours, ...row }) => {
      const before = row.before_mean_hours
      const comparable =
        compare !== null && before !== null && row.n >= fewestVisits && row.before_n >= fewestVisits
      const change = comparable ? row.mean_hours - before : null
      const error = Math.sqrt(
        (sd_hours ?? 0) ** 2 / row.n + (before_sd_hours ?? 0) ** 2 / Math.max(1, row.before_n),
      )
      return {
        ...row,
        extra_hours: change === null ? null : change * row.n,
        real: change !== null && Math.abs(change) > surelyReal * error && error > 0,
      }
    })

    return { ...reading.head, period, compare_period: compare, findings, stages: table }
  })
