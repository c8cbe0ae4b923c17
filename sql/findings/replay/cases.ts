import { z } from 'zod'
import type { Db } from '../../db.ts'
import replayCasesSql from '../../queries/replay_cases.sql?raw'
import { defineQuery } from '../../query.ts'

const text = z.string()
const texts = z.array(text)
const seconds = z.array(z.number())

const replayCases = defineQuery(
  'replay_cases',
  replayCasesSql,
  z.object({ one_service: text, since: text, until: text, zone: text, most: z.number() }),
  z.object({
    ...{ district: text, channel: text, subtype: text, closed: z.number() },
    ...{ stages: texts, teams: texts, entered: seconds, started: seconds, left: seconds, paused: seconds },
    ...{ open_stage: text, open_since: z.number(), open_paused_since: z.number() },
  }),
)

/** One visit of a case to a stage. Moments are seconds of local time. */
export type Visit = {
  stage: string
  /** Who does it: a team, or where none is named the stage itself. */
  team: string
  /** The first visit of a case to the stage is 0. */
  round: number
  /** Came to the stage; seconds for which the clock stood then; joined the queue; was begun, where that is told; left. */
  entered: number
  paused: number
  queued: number
  started: number | null
  left: number
  /** When it was begun, as far as known or told by the others, and the worked seconds it takes; not a number where not known. */
  begun: number
  work: number
}

export type Case = {
  district: string
  channel: string
  subtype: string
  closed: boolean
  arrived: number
  visits: Visit[]
  /** Where an open case stands: its stage, if known, and since when its clock stands, if it does. */
  open: { stage: string; pausedSince: number | null } | null
}

/** More visits are not led through a service once more: of so many the levels themselves are sure enough, and it would take seconds. */
const most = 60_000

/** The cases of a service as the store tells them, with all visits that ended from the day `since` on; none where there are too many. */
export const casesText = (
  db: Db,
  service: string,
  { since, until, zone }: { since: string; until: string; zone: string },
): Promise<string> => replayCases.text(db, { one_service: service, since, until, zone, most })

/** The cases that the text tells of. */
export function casesOf(text: string): Case[] {
  return replayCases.rows(text).flatMap(({ district, channel, subtype, closed, stages, ...row }) => {
    const rounds = new Map<string, number>()
    const visits = stages.map((stage, place): Visit => {
      const round = rounds.get(stage) ?? 0
      rounds.set(stage, round + 1)
      const [entered, paused] = [row.entered[place] ?? 0, row.paused[place] ?? 0]
      return {
        ...{ stage, round, entered, paused, queued: entered + paused, begun: Number.NaN, work: Number.NaN },
        team: row.teams[place] || stage,
        started: row.started[place] || null,
        left: row.left[place] ?? 0,
      }
    })
    const [first] = visits
    const arrived = first?.entered ?? row.open_since
    // how a case comes in takes no time
    if (first && first.left === first.entered) visits.shift()
    const pausedSince = row.open_paused_since || null
    const open = closed === 1 ? null : { stage: row.open_stage, pausedSince }
    return [{ district, channel, subtype, closed: closed === 1, arrived, visits, open }]
  })
}
