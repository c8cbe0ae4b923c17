import { type LogEntry, readCalendar, readLog } from '../../sql/releaseLog.ts'
import { readAbouts } from './about.ts'
import { unknown, versionOf } from './build.ts'
import { calendarOf } from './calendar.ts'
import type { Desk } from './desk.ts'
import type { CalendarEntry } from './published.ts'
import { byRelease, nextWords, type ReleaseState, standingOf } from './state.ts'

/** A release as lists tell it; times are UTC. */
export type Listed = {
  id: string
  title: string
  month: string
  version: number
  state: ReleaseState
  as_of: string
  /** The minute that was agreed on. */
  published_at: string
  /** When it really became public; null when it never was. */
  public_since: string | null
  corrects: string | null
  /** Why it corrects another one. */
  reason: string
  withdrawn: { at: string; reason: string } | null
  /** Who built or checked it and cannot approve it. */
  made_by: string[]
  /** Why small numbers are kept back less strictly than in the release before; null when they are not. */
  loosened: string | null
  hidden: { cells: number; of: number; share_of_cases: number }
  /** What has to happen next, in a sentence. */
  next: string
}

/** What was done, by whom, when and why. */
export type Done = Pick<LogEntry, 'step' | 'at' | 'reason'> & { by: string }

/** All releases, the newest month first, and the calendar. */
export async function listReleases(
  { db }: Pick<Desk, 'db'>,
  now = new Date(),
): Promise<{ releases: Listed[]; calendar: CalendarEntry[] }> {
  const [log, abouts, announced] = await Promise.all([readLog(db), readAbouts(db), readCalendar(db)])
  const standings = [...byRelease(log).values()].map(standingOf)
  const releases = standings.flatMap((standing): Listed[] => {
    const about = abouts.get(standing.id)
    if (!about) return []
    const { head, hidden } = about
    const { id, state, public_since, withdrawn, loosened } = standing
    return [
      {
        id,
        title: head.title,
        month: head.period.from.slice(0, 7),
        version: head.version,
        state,
        as_of: head.as_of,
        published_at: head.published_at,
        public_since,
        corrects: head.corrects,
        reason: head.reason,
        withdrawn,
        made_by: [...new Set(standing.makers.map(({ name }) => name))],
        loosened,
        hidden: { cells: hidden.cells, of: hidden.of, share_of_cases: hidden.share_of_cases },
        next: nextWords(standing),
      },
    ]
  })
  releases.sort((a, b) =>
    a.month === b.month ? versionOf(b.id) - versionOf(a.id) : a.month < b.month ? 1 : -1,
  )
  return { releases, calendar: calendarOf(announced, standings, now) }
}

/** One release with everything that was done with it. Throws UnknownIdError. */
export async function readRelease(desk: Pick<Desk, 'db'>, id: string): Promise<Listed & { log: Done[] }> {
  // both are asked for whatever is found: nobody can tell by the time it takes
  const [{ releases }, steps] = await Promise.all([listReleases(desk), readLog(desk.db, id)])
  const found = releases.find((one) => one.id === id)
  if (!found) throw unknown(id)
  const log = steps.map(({ step, at, reason, key_name }) => ({
    step,
    at,
    by: key_name,
    reason,
  }))
  return { ...found, log }
}
