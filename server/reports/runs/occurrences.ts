import type { Config } from '../../../sql/config.ts'
import type { KeptSchedule } from '../../../sql/scheduleVersions.ts'
import { isComplete } from './conditions.ts'
import type { Look } from './desk.ts'
import { dueTimes, type Times } from './dueTimes.ts'
import { periodAt } from './run.ts'

/** A time that passed longer ago than this was missed: no server ran. */
const graceMs = 10 * 60_000
/** So many missed times are made up for at most. */
const mostMissed = 100
/** So far back periods are looked at that were not complete yet. */
const mostPeriods = 12
/** Where the clock was set back, so far back is looked again: runs there have their keys already. */
const backMs = 86_400_000

export type Due = {
  /** The first one first. */
  occurrences: Date[]
  /** A time at which no server ran and that is not made up for. */
  passedOver: Date | null
}

export const timesOf = (
  { when, time_zone }: Pick<KeptSchedule, 'when' | 'time_zone'>,
  zone: string,
  calendars: Config['calendars'],
): Times => ({ when, zone: time_zone || zone, calendars })

/** What is due of a schedule by now, after `last`, its last occurrence. */
export function dueOf(
  schedule: KeptSchedule,
  times: Times,
  { last, now, look }: { last: string | undefined; now: Date; look: Look | null },
): Due {
  if (schedule.paused) return { occurrences: [], passedOver: null }
  return schedule.when.kind === 'complete'
    ? { occurrences: completed(schedule, times, last, now, look), passedOver: null }
    : passed(schedule, times, last, now)
}

function passed({ since, missed }: KeptSchedule, times: Times, last: string | undefined, now: Date): Due {
  const occurrences: Date[] = []
  const known = last === undefined ? 0 : Date.parse(last)
  const from = Math.max(Date.parse(since), known > now.getTime() ? now.getTime() - backMs : known)
  for (const moment of dueTimes(times, new Date(from), now)) {
    if (now.getTime() - moment.getTime() <= graceMs) {
      occurrences.push(moment)
      continue
    }
    if (missed === 'none' && occurrences.length === 0) return { occurrences, passedOver: moment }
    if (missed === 'last' && occurrences.length === 0) occurrences.push(moment)
    if (missed !== 'all') break
    occurrences.push(moment)
    if (occurrences.length >= mostMissed) break
  }
  return { occurrences: occurrences.reverse(), passedOver: null }
}

const spans = { day: 'yesterday', week: 'last_week', month: 'last_month', quarter: 'last_quarter' } as const

/**
 * The periods that have become complete. The last whole period counts also when it ended before the schedule was made; earlier ones only
 * when they ended since. All of them where missed times are made up for, else the last.
 */
function completed(
  { when, since, filters, missed }: KeptSchedule,
  times: Times,
  last: string | undefined,
  now: Date,
  look: Look | null,
): Date[] {
  if (when.kind !== 'complete' || look === null) return []
  const found: Date[] = []
  let looked = 0
  for (const end of dueTimes(times, new Date(last ?? 0), now)) {
    looked += 1
    if (looked > mostPeriods || (looked > 1 && end <= new Date(since))) break
    if (
      !isComplete(
        look,
        { ...filters, ...periodAt(spans[when.period], end, times.zone, look.sampleUntil) },
        end,
      )
    )
      continue
    found.push(end)
    if (missed !== 'all') break
  }
  return found.reverse()
}
