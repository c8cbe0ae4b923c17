import { z } from 'zod'
import type { Db } from './db.ts'
import { type Filters, segmentParams } from './filters.ts'
import { sourceEnds } from './flow.ts'
import { segments } from './kpis/queries.ts'
import { daysBefore, earlierOf } from './period.ts'
import breachCasesSql from './queries/breach_cases.sql?raw'
import breachStagesSql from './queries/breach_stages.sql?raw'
import { defineQuery } from './query.ts'
import { answering } from './reader.ts'

const number = z.number()
const text = z.string()
const asked = {
  ...segments,
  from: text,
  until: text,
  zone: text,
  source_ids: z.array(text),
  source_ends: z.array(number),
  extended: number,
}
const breachCases = defineQuery(
  'breach_cases',
  breachCasesSql,
  z.object(asked),
  z.object({
    service: text,
    closed_due: number,
    closed_late: number,
    open_due: number,
    open_late: number,
    days_over: number,
  }),
)
const breachStages = defineQuery(
  'breach_stages',
  breachStagesSql,
  z.object({ ...asked, since: text }),
  z.object({
    service: text,
    stage: text,
    after: text,
    days_over: number,
    days_over_open: number,
    cases: number,
    usual_days: z.number().nullable(),
  }),
)

/**
 * Which stages made cases late: the days over the due time of cases closed late in the period, and of those open and overdue at its end,
 * divided over their stages. Shares add up to 1 for every service. Once by the due times as promised, once with what moved them on
 * (agreed extensions and pauses).
 */
export const breaches = (db: Db, filters: Filters) =>
  answering(db, filters, async (reading) => {
    const { period, jurisdiction } = reading
    const base = {
      ...segmentParams(filters),
      ...period,
      zone: jurisdiction.time_zone,
      ...sourceEnds(reading),
    }
    const since = earlierOf(period.from, daysBefore(period.until, 365))
    const read = async (extended: number) => {
      const [cases, stages] = await Promise.all([
        breachCases(db, { ...base, extended }),
        breachStages(db, { ...base, extended, since }),
      ])
      return cases.map((row) => {
        const own = stages.filter(({ service }) => service === row.service)
        const whole = own.reduce((sum, { days_over }) => sum + days_over, 0)
        return {
          ...row,
          stages: own.map(({ service: _, stage, after, ...part }) => ({
            stage: stage === '' ? null : stage,
            after: stage === '' && after !== '' ? after : null,
            ...part,
            share: whole > 0 ? part.days_over / whole : 0,
          })),
        }
      })
    }
    const [without_extensions, with_extensions] = await Promise.all([read(0), read(1)])
    return { ...reading.head, without_extensions, with_extensions }
  })
