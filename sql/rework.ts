import { z } from 'zod'
import type { Db } from './db.ts'
import { type Filters, segmentParams } from './filters.ts'
import { segments } from './kpis/queries.ts'
import { mapTotals } from './processMap.ts'
import reworkSql from './queries/rework.sql?raw'
import reworkTeamsSql from './queries/rework_teams.sql?raw'
import { defineQuery } from './query.ts'
import { answering, type Reading } from './reader.ts'

const params = z.object({ ...segments, from: z.string(), until: z.string(), zone: z.string() })
const number = z.number()

const repeated = defineQuery(
  'rework',
  reworkSql,
  params,
  z.object({
    is_all: number,
    activity: z.string(),
    extra_visits: number,
    cases: number,
    self_loops: number,
    median_s: number.nullable(),
    p90_s: number.nullable(),
    extra_s: number,
  }),
)
const returned = defineQuery(
  'rework_teams',
  reworkTeamsSql,
  params,
  z.object({
    is_all: number,
    team: z.string(),
    via: z.string(),
    times: number,
    cases: number,
    extra_s: number,
  }),
)

type Loop = z.output<typeof repeated.row>
type PingPong = z.output<typeof returned.row>

const daySeconds = 86_400

const askedOf = ({ filters, period, jurisdiction }: Reading) => ({
  ...segmentParams(filters),
  ...period,
  zone: jurisdiction.time_zone,
})

const shareOf = (some: number, cases: number) => (cases === 0 ? 0 : some / cases)

const loopOf = (loop: Loop, cases: number) => ({
  activity: loop.activity,
  cases: loop.cases,
  share_of_cases: shareOf(loop.cases, cases),
  extra_visits: loop.extra_visits,
  self_loops: loop.self_loops,
  median_s: loop.median_s ?? 0,
  p90_s: loop.p90_s ?? 0,
  extra_s: loop.extra_s,
  extra_days: loop.extra_s / daySeconds,
})

const pairOf = ({ team, via, times, cases: of, extra_s }: PingPong, cases: number) => ({
  ...{ team, via, cases: of, share_of_cases: shareOf(of, cases), times, extra_s },
  extra_days: extra_s / daySeconds,
})

/**
 * What is done again. Loops: second and later visits to an activity that ended in the period, and the time they took (calendar
 * time from the event before). Ping-pong: a case that comes back to a team straight from another one, and the time it takes
 * there again; visits without a team do not count between two.
 */
export const rework = (db: Db, filters: Filters) =>
  answering(db, filters, async (reading) => {
    const asked = askedOf(reading)
    const [[total], loops, teams] = await Promise.all([
      mapTotals(db, asked),
      repeated(db, asked),
      returned(db, asked),
    ])
    const cases = total?.cases ?? 0
    const allLoops = loops.find(({ is_all }) => is_all)
    const allTeams = teams.find(({ is_all }) => is_all)
    return {
      ...reading.head,
      cases,
      events: total?.events ?? 0,
      rework_cases: allLoops?.cases ?? 0,
      share_of_cases: shareOf(allLoops?.cases ?? 0, cases),
      extra_visits: allLoops?.extra_visits ?? 0,
      extra_s: allLoops?.extra_s ?? 0,
      extra_days: (allLoops?.extra_s ?? 0) / daySeconds,
      loops: loops.filter(({ is_all }) => !is_all).map((loop) => loopOf(loop, cases)),
      ping_pong: {
        cases: allTeams?.cases ?? 0,
        share_of_cases: shareOf(allTeams?.cases ?? 0, cases),
        times: allTeams?.times ?? 0,
        extra_s: allTeams?.extra_s ?? 0,
        extra_days: (allTeams?.extra_s ?? 0) / daySeconds,
        pairs: teams.filter(({ is_all }) => !is_all).map((pair) => pairOf(pair, cases)),
      },
    }
  })

/** Loops, then pairs of teams, batch by batch as they come from the store; at least one batch. */
export async function* streamRework(db: Db, filters: Filters, stop: AbortSignal) {
  const { period, total, loops, teams } = await answering(db, filters, async (reading) => {
    const asked = askedOf(reading)
    const [[sums], ...streams] = await Promise.all([
      mapTotals(db, asked),
      repeated.stream(db, asked, stop),
      returned.stream(db, asked, stop),
    ])
    return { period: reading.period, total: sums?.cases ?? 0, loops: streams[0], teams: streams[1] }
  })
  const batch = (some: Loop[], pairs: PingPong[]) => ({
    period,
    loops: some.filter(({ is_all }) => !is_all).map((loop) => loopOf(loop, total)),
    ping_pong: { pairs: pairs.filter(({ is_all }) => !is_all).map((pair) => pairOf(pair, total)) },
  })
  yield batch([], [])
  for await (const rows of loops) yield batch(rows, [])
  for await (const rows of teams) yield batch([], rows)
}
