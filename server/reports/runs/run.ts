import { createHash } from 'node:crypto'
import type { Filters, Period } from '../../../sql/filters.ts'
import { earlierOf } from '../../../sql/period.ts'
import { type RelativePeriod, relativePeriod } from '../../../sql/relativePeriod.ts'
import type { ReportFormat } from '../../../sql/reportIds.ts'
import type { RunRow } from '../../../sql/reportRuns.ts'
import type { Destination, Recipient, Schedule } from '../../../sql/reportSchedules.ts'
import { dayIn } from '../../releases/when.ts'
import type { ReportOptions, ReportRequest } from '../content.ts'
import type { Look } from './desk.ts'
import { withinScope } from './scope.ts'

/** What a run was asked for: stands in the log as JSON. */
export type Asked = {
  name: string
  filters: Filters & Period
  options: ReportOptions
  destination: Destination
  audience: Recipient['audience']
  stale: Schedule['stale']
  incomplete: Schedule['incomplete']
  unchanged: Schedule['unchanged']
  /** What was wrong with the data, where it was sent with the mark. */
  marks: string[]
}

/** A run as the log has it, with what was asked for at hand. */
export type Run = Omit<RunRow, 'number' | 'request' | 'by_hand'> & { by_hand: boolean; asked: Asked }

export const toRun = ({ number: _, request, by_hand, ...row }: RunRow): Run => ({
  ...row,
  by_hand: by_hand === 1,
  asked: JSON.parse(request) as Asked,
})

export const toRow = ({ asked, by_hand, ...run }: Run, number: number): RunRow => ({
  ...run,
  number,
  by_hand: Number(by_hand),
  request: JSON.stringify(asked),
})

export const isOver = ({ state }: Pick<RunRow, 'state'>): boolean =>
  ['done', 'skipped', 'failed'].includes(state)

/** Waits for data, and says for which. */
export const isHeld = ({
  state,
  reason,
  not_before,
}: Pick<RunRow, 'state' | 'reason' | 'not_before'>): boolean =>
  state === 'queued' && reason !== '' && not_before === null

const sha256 = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex')

/** A report is made once for all who ask for the same of the same data. */
export const requestOf = ({ report, format, asked: { filters, options, marks } }: Run): ReportRequest => ({
  report,
  format: format as ReportFormat,
  filters,
  options,
  ...(marks.length > 0 && { marks }),
})
export const madeId = (run: Run, version: string): string => sha256([requestOf(run), version]).slice(0, 32)

/** A destination as people and logs may see it: an address can hold what lets anybody post there. */
export function shownDestination(destination: Destination): string {
  switch (destination.kind) {
    case 'folder':
      return `folder ${destination.path}`
    case 'email':
      return destination.to
    case 's3':
      return `s3://${destination.bucket}/${destination.prefix}`
    case 'webhook':
      return `webhook at ${destination.url.startsWith('$') ? destination.url : new URL(destination.url).origin}`
    case 'sftp':
      return `sftp://${destination.user}@${destination.host}/${destination.path.replace(/^\//, '')}`
  }
}

/** The period of an occurrence. The last moment of June is told of on 1 July. A sample that has ended is seen from the day after its end. */
export const periodAt = (
  period: RelativePeriod,
  occurrence: Date,
  zone: string,
  sampleUntil: Look['sampleUntil'],
): Period => {
  const day = dayIn(occurrence, zone)
  return relativePeriod(period, sampleUntil === null ? day : earlierOf(day, sampleUntil))
}

/** The runs of one occurrence of a schedule: one for each recipient and format. Where a recipient may see nothing of it, the run says so. */
export function runsOf(
  schedule: Schedule,
  occurrence: Date,
  {
    zone,
    now,
    look,
    byHand = false,
  }: { zone: string; now: Date; look: Pick<Look, 'departments' | 'sampleUntil'>; byHand?: boolean },
): Run[] {
  const { id, report, name, options, stale, incomplete, unchanged } = schedule
  const period = periodAt(schedule.period, occurrence, zone, look.sampleUntil)
  const at = occurrence.toISOString()
  return schedule.recipients.flatMap(({ destination, audience, scope }) => {
    const filters = withinScope(schedule.filters, scope, look.departments)
    const recipient_id = sha256(destination).slice(0, 16)
    return schedule.formats.map((format): Run => {
      const asked = { ...{ name, options, destination, audience, stale, incomplete, unchanged }, marks: [] }
      return {
        key: sha256([id, report, at, period.from, period.until, recipient_id, format]).slice(0, 32),
        ...{ schedule: id, report, by_hand: byHand, occurrence: at },
        ...{ period_from: period.from, period_until: period.until },
        ...{ recipient: shownDestination(destination), recipient_id, format },
        state: filters === null ? 'skipped' : 'queued',
        reason:
          filters === null ? 'Not sent because the recipient may see nothing of what the report tells.' : '',
        ...{ at: now.toISOString(), worker: '', lease_until: null, attempt: 0, not_before: null },
        ...{ made: '', sha256: '', figures_sha256: '', proof: '', as_of: '', data_version: '' },
        asked: { ...asked, filters: { ...(filters ?? schedule.filters), ...period } },
      }
    })
  })
}
