import { z } from 'zod'
import { segmentParams } from './filters.ts'
import { segments } from './kpis/queries.ts'
import { comparePeriod } from './period.ts'
import type { Reading } from './reader.ts'

const text = z.string()
/** What every question about stages takes: the selection up to a day, from a day, and an earlier period beside it. */
export const upto = { ...segments, until: text, zone: text }
export const flow = { ...upto, from: text }
export const compared = { ...flow, before_from: text, before_until: text }

/** A stage is compared from so many visits on, now and earlier. */
export const fewestVisits = 20

/** A reading whose earlier period is the same days a year before, or else the period before. */
export function comparing(reading: Reading): Reading {
  const { held, filters } = reading
  if (!held) return reading
  const period =
    filters.from || filters.until ? reading.period : { from: held.default_from, until: held.default_until }
  const compare =
    filters.compare === 'none'
      ? null
      : (comparePeriod(period, 'year', held) ?? comparePeriod(period, 'previous', held))
  return { ...reading, period, compare, head: { ...reading.head, period, compare_period: compare } }
}

export const askOf = ({ filters, period, compare, jurisdiction }: Reading) => ({
  ...segmentParams(filters),
  ...period,
  zone: jurisdiction.time_zone,
  // an empty earlier period when there is nothing to compare with
  before_from: compare?.from ?? period.from,
  before_until: compare?.until ?? period.from,
})
