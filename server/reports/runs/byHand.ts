import { keysBetween, lastNumber, noteRuns } from '../../../sql/reportRuns.ts'
import type { KeptSchedule } from '../../../sql/scheduleVersions.ts'
import { oneAtATime, type ReportsDesk } from './desk.ts'
import { type Run, runsOf, toRow } from './run.ts'

/** Begins the runs of a schedule now, whatever its times are. Asked twice within a minute it begins them once. */
export function runNow(desk: ReportsDesk, schedule: KeptSchedule): Promise<Run[]> {
  return oneAtATime(desk, async () => {
    const now = desk.now()
    const minute = new Date(Math.floor(now.getTime() / 60_000) * 60_000)
    const zone = schedule.time_zone || (await desk.zone())
    const look = await desk.look()
    const runs = runsOf(schedule, minute, { zone, now, look, byHand: true })
    const at = minute.toISOString()
    const known = await keysBetween(desk.db, at, at)
    const fresh = runs.filter(({ key }) => !known.has(key))
    const first = (await lastNumber(desk.db)) + 1
    await noteRuns(
      desk.db,
      fresh.map((run, index) => toRow(run, first + index)),
    )
    return runs
  })
}
