import { isReportId, reportIds } from '../../../sql/reportIds.ts'
import { latestRuns, type RunRow } from '../../../sql/reportRuns.ts'
import { type KeptSchedule, readSchedules } from '../../../sql/scheduleVersions.ts'
import type { ReportsDesk } from './desk.ts'
import { nextTimes } from './dueTimes.ts'
import { timesOf } from './occurrences.ts'
import { toRun } from './run.ts'

type Listing = Pick<ReportsDesk, 'db' | 'zone' | 'calendars' | 'now' | 'delivery'>

/** A run as people see it. */
export function shownRun(row: RunRow) {
  const { asked, made: _, worker: __, lease_until: ___, recipient_id: ____, ...run } = toRun(row)
  const { period_from, period_until, ...rest } = run
  const isKept = run.state === 'done'
  return {
    ...rest,
    number: row.number,
    name: asked.name,
    period: { from: period_from, until: period_until },
    marks: asked.marks,
    as_of: run.as_of || null,
    sha256: run.sha256 || null,
    figures_sha256: run.figures_sha256 || null,
    download: isKept && run.sha256 !== '' ? `/api/v1/reports/files/${run.sha256}` : null,
  }
}

/** A schedule as people see it: when it comes next, and what became of it last. */
export function shownSchedule(
  kept: KeptSchedule,
  {
    zone,
    calendars,
    now,
    last,
  }: { zone: string; calendars: ReturnType<Listing['calendars']>; now: Date; last: RunRow | undefined },
) {
  const { number: _, ...schedule } = kept
  const next = kept.paused ? [] : nextTimes(timesOf(kept, zone, calendars), now, 3)
  return {
    ...schedule,
    next: next.map((moment) => moment.toISOString()),
    last: last ? shownRun(last) : null,
    /** Why the last one was not sent, or not yet. */
    not_sent: last && ['queued', 'skipped', 'failed'].includes(last.state) ? last.reason : '',
  }
}

/** The reports there are, the ways they can leave by, and every schedule. */
export async function listReports({ db, zone, calendars, now, delivery }: Listing) {
  const [kept, latest, inZone] = await Promise.all([readSchedules(db), latestRuns(db), zone()])
  const last = new Map(latest.map((row) => [row.schedule, row]))
  const around = { zone: inZone, calendars: calendars(), now: now() }
  return {
    reports: Object.entries(reportIds).map(([id, { title, means, audience, formats, needs }]) => ({
      ...{ id, title, means, audience, formats: [...formats], needs: [...needs] },
    })),
    delivery: [...delivery],
    schedules: kept.map((one) => shownSchedule(one, { ...around, last: last.get(one.id) })),
  }
}

/** Whether a report shows single cases. */
export const showsCases = (report: string): boolean =>
  isReportId(report) && reportIds[report].audience === 'cases'
