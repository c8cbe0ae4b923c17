import { presets } from '../../../server/words/days.ts'
import { formatMoment } from '../../../server/words/format.ts'
import { andList, type Status } from '../../../server/words/words.ts'
import type { Filters, Period } from '../../../sql/filters.ts'
import type { Destination, Schedule, When } from '../../../sql/reportSchedules.ts'
import type { Meta, ReportRun, Reports } from '../../api.ts'

/** A report by the name the server gives it. */
export const reportName = (reports: Reports['reports'], id: string) =>
  reports.find((one) => one.id === id)?.title ?? id

/** Whether a report shows single cases: then who has it made or fetches it says what for. */
export const showsCases = (reports: Reports['reports'], id: string) =>
  reports.some((one) => one.id === id && one.audience === 'cases')

export const formatNames: Record<Schedule['formats'][number], string> = {
  pdf: 'PDF',
  html: 'Page in an e-mail',
  xlsx: 'Excel (XLSX)',
  csv: 'CSV',
  parquet: 'Parquet',
  ndjson: 'NDJSON',
}

export const periodNames: Record<Schedule['period'], string> = {
  yesterday: 'the day before',
  last_7_days: 'the last 7 days',
  last_week: 'the last whole week',
  last_month: 'the last whole month',
  last_quarter: 'the last whole quarter',
  last_year: 'the last whole year',
  last_12_months: 'the last 12 whole months',
  month_so_far: 'the month so far',
}

export const runStateWords: Record<ReportRun['state'], { status: Status; word: string }> = {
  queued: { status: 'near', word: 'Waits' },
  rendering: { status: 'none', word: 'Being made' },
  delivering: { status: 'none', word: 'On its way' },
  done: { status: 'on', word: 'Delivered' },
  skipped: { status: 'none', word: 'Not sent' },
  failed: { status: 'off', word: 'Failed' },
}

export const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']

const ordinal = (number: number): string => {
  const last = number % 100 > 10 && number % 100 < 14 ? 0 : number % 10
  return `${number}${['th', 'st', 'nd', 'rd'][last] ?? 'th'}`
}

/** "2nd", "last", "3rd last"; a negative day counts from the end. */
export const dayWords = (day: number): string =>
  day > 0 ? ordinal(day) : day === -1 ? 'last' : `${ordinal(-day)} last`

/** "every Monday at 07:00", "on the 2nd working day of each month at 07:30", "as soon as the data of the last whole month is complete". */
export function whenWords(when: When): string {
  switch (when.kind) {
    case 'cron':
      return cronWords(when.cron)
    case 'working_day': {
      const { day, at } = when
      return `on the ${dayWords(day)} working day of each month at ${at}`
    }
    case 'complete':
      return `as soon as the data of the last whole ${when.period} is complete`
  }
}

/** Times people choose in words; all others as they were written. */
function cronWords(cron: string): string {
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = cron.trim().split(/\s+/)
  const plain = [minute, hour].every((part) => /^\d{1,2}$/.test(part)) && month === '*'
  if (plain) {
    const at = `at ${hour.padStart(2, '0')}:${minute.padStart(2, '0')}`
    if (day === '*' && weekday === '*') return `every day ${at}`
    if (day === '*' && weekday === '1-5') return `every day from Monday to Friday ${at}`
    if (day === '*' && /^[0-7]$/.test(weekday)) return `every ${weekdays[Number(weekday) % 7]} ${at}`
    if (/^\d{1,2}$/.test(day) && weekday === '*') return `on the ${ordinal(Number(day))} of each month ${at}`
    if (day === 'L' && weekday === '*') return `on the last day of each month ${at}`
  }
  return `by the times "${cron}"`
}

/** "mail to head@city.example", "folder outgoing/briefs". */
export function destinationWords(to: Destination): string {
  switch (to.kind) {
    case 'email':
      return `mail to ${to.to}`
    case 'folder':
      return `folder ${to.path}`
    case 's3':
      return `storage ${[to.bucket, to.prefix].filter(Boolean).join('/')}`
    case 'webhook':
      return `program at ${to.url.startsWith('$') ? to.url : new URL(to.url).host}`
    case 'sftp':
      return `SFTP ${to.host}`
  }
}

const oneOrMany = ([first, ...more]: readonly { name: string }[]): string =>
  first && more.length === 0 ? first.name : `${more.length + 1} reports`

/** The heading: what comes next, and whether something waits. */
export function reportsTitle({ schedules }: Pick<Reports, 'schedules'>, zone: string): string {
  if (schedules.length === 0) return 'No report is scheduled yet'
  const waiting = schedules.filter(({ last }) => last?.state === 'queued' && last.reason !== '')
  const failed = schedules.filter(({ last }) => last?.state === 'failed')
  if (failed.length > 0) return `${oneOrMany(failed)} could not be delivered`
  if (waiting.length > 0) return `${oneOrMany(waiting)} ${waiting.length === 1 ? 'waits' : 'wait'} for data`
  const next = schedules
    .flatMap((one) => (one.next[0] ? [{ name: one.name, at: one.next[0] }] : []))
    .sort((a, b) => (a.at < b.at ? -1 : 1))[0]
  return next
    ? `Next: ${next.name}, ${formatMoment(next.at, zone)}`
    : 'No report comes by itself: all schedules are paused or wait'
}

const periodOfPreset: Record<string, Schedule['period']> = {
  month: 'last_month',
  quarter: 'last_quarter',
  year: 'last_12_months',
  'so-far': 'month_so_far',
}

/** The relative period of the preset a page shows; of days that do not come again, the one that comes nearest. */
export function periodLike(period: Period, held: Meta['held']): { of: Schedule['period']; again: boolean } {
  const { from, until } = period
  const preset = (held ? presets(held) : []).find((one) => one.from === from && one.until === until)
  const same = preset && periodOfPreset[preset.id]
  if (same) return { of: same, again: true }
  const days = (Date.parse(until) - Date.parse(from)) / 86_400_000
  if (days <= 1) return { of: 'yesterday', again: false }
  if (days <= 7) return { of: 'last_7_days', again: false }
  if (days <= 45) return { of: 'last_month', again: false }
  return { of: days <= 150 ? 'last_quarter' : 'last_12_months', again: false }
}

/** "all services", "Building permits, North". */
export function filtersWords(filters: Filters, meta: Meta | undefined): string {
  const named = (['department', 'service', 'district', 'channel', 'team'] as const).flatMap((key) =>
    filters[key].map((id) => meta?.[`${key}s`].find((one) => one.id === id)?.name ?? id),
  )
  return named.length > 0 ? andList(named) : 'all services'
}
