import { z } from 'zod'
import type { Db } from './db.ts'
import { type Filters, segmentParams } from './filters.ts'
import { figuresOf, labelOf } from './kpiFigures.ts'
import { changeOf, statOf } from './kpiStats.ts'
import { segments } from './kpis/queries.ts'
import { completeness } from './period.ts'
import ratingsSql from './queries/ratings.sql?raw'
import ratingsOfCasesSql from './queries/ratings_of_cases.sql?raw'
import { defineQuery } from './query.ts'
import { answering, coverageOf } from './reader.ts'
import type { Stat } from './stat.ts'

const flow = { ...segments, from: z.string(), until: z.string(), zone: z.string() }
const number = z.number()
const ratings = defineQuery(
  'ratings',
  ratingsSql,
  z.object(flow),
  z.object({
    one: number,
    two: number,
    three: number,
    four: number,
    five: number,
    answered: number,
    asked: number,
  }),
)
const ratingsOfCases = defineQuery(
  'ratings_of_cases',
  ratingsOfCasesSql,
  z.object({ ...flow, bands: z.array(number) }),
  z.object({ band: number, outcome: z.string(), answered: number, satisfied: number }),
)

/** Days from asking to the outcome at which the bands end; the last one is open. */
const bands = [1, 3, 7, 14, 30, 60, 90, 180, 365]

/** The smallest group of answers whose share is shown. */
const fewestAnswers = 10

/** What people said: share satisfied with interval and response rate, the five counts, by wait and by outcome. */
export const satisfaction = (db: Db, filters: Filters) =>
  answering(db, filters, async (reading) => {
    const { period, held } = reading
    const asked = { ...segmentParams(filters), ...period, zone: reading.jurisdiction.time_zone }
    const ids = ['satisfied_share', 'response_rate'] as const
    const [{ now, before }, [counted], joinedRows] = await Promise.all([
      figuresOf(db, reading, ids),
      ratings(db, asked),
      ratingsOfCases(db, { ...asked, bands: [...bands, 1e9] }),
    ])
    const context = {
      complete: completeness(period, coverageOf(reading, 'outcomes')),
      as_of: held?.as_of ?? null,
      collected: true,
    }
    const shareOf = (rows: typeof joinedRows): Stat => {
      const sum = (column: 'answered' | 'satisfied') => rows.reduce((total, row) => total + row[column], 0)
      const counts = { rated: sum('answered'), satisfied: sum('satisfied') }
      const stat = statOf('satisfied_share', { counts }, context)
      return stat.n > 0 && stat.n < fewestAnswers
        ? { ...stat, value: null, interval: null, numerator: null, status: 'too_few' }
        : stat
    }
    const answered = counted?.answered ?? 0
    const joined = joinedRows.filter((row) => row.band >= 0).reduce((total, row) => total + row.answered, 0)
    const outcomes = [...new Set(joinedRows.map((row) => row.outcome).filter((outcome) => outcome !== ''))]
    const satisfied = now('satisfied_share')
    const satisfied_compare = before('satisfied_share')
    return {
      ...reading.head,
      satisfied,
      satisfied_compare,
      change: changeOf('satisfied_share', satisfied, satisfied_compare),
      response: now('response_rate'),
      counts: counted
        ? [counted.one, counted.two, counted.three, counted.four, counted.five]
        : [0, 0, 0, 0, 0],
      offered: counted?.asked ?? 0,
      answered,
      by_wait: [...bands, null]
        .map((until_days, index) => ({
          from_days: index === 0 ? 0 : (bands[index - 1] ?? 0),
          until_days,
          stat: shareOf(joinedRows.filter((row) => row.band === index + 1)),
        }))
        .filter(({ stat }) => stat.n > 0),
      by_outcome: outcomes.map((value) => ({
        value,
        label: labelOf(reading, 'outcome', value),
        stat: shareOf(joinedRows.filter((row) => row.outcome === value)),
      })),
      joined: {
        ...statOf('response_rate', { counts: { answered: joined, offered: answered } }, context),
        definition: 'joined@1',
      },
    }
  })
