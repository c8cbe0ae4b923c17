import { expect, test } from 'vitest'
import type { When } from '../../../sql/reportSchedules.ts'
import type { ReportRun, ReportSchedule } from '../../api.ts'
import { reportPart } from '../../cases.ts'
import { leftOut, optionsWords, readOptions } from './options.ts'
import { emptyTimes, whenOf } from './times.ts'
import { destinationWords, periodLike, reportsTitle, whenWords } from './words.ts'

const cron = (pattern: string): When => ({ kind: 'cron', cron: pattern })
const workingDay = (day: number): When => ({ kind: 'working_day', day, at: '07:30', calendar: '' })

test.each<[When, string]>([
  [cron('0 7 * * *'), 'every day at 07:00'],
  [cron('30 6 * * 1-5'), 'every day from Monday to Friday at 06:30'],
  [cron('5 9 * * 7'), 'every Sunday at 09:05'],
  [cron('0 8 11 * *'), 'on the 11th of each month at 08:00'],
  [cron('0 8 23 * *'), 'on the 23rd of each month at 08:00'],
  [cron('0 8 L * *'), 'on the last day of each month at 08:00'],
  // what has no words of its own stands as it was written
  [cron('0 8 1 1 *'), 'by the times "0 8 1 1 *"'],
  [cron('*/5 8 * * *'), 'by the times "*/5 8 * * *"'],
  [workingDay(2), 'on the 2nd working day of each month at 07:30'],
  [workingDay(-1), 'on the last working day of each month at 07:30'],
  [workingDay(-3), 'on the 3rd last working day of each month at 07:30'],
  [{ kind: 'complete', period: 'quarter' }, 'as soon as the data of the last whole quarter is complete'],
])('%j is said in words', (when, words) => expect(whenWords(when)).toBe(words))

test('what was chosen in the form is said as it was chosen', () => {
  const said = (change: Partial<typeof emptyTimes>) => whenWords(whenOf({ ...emptyTimes, ...change }))
  expect(said({})).toBe('on the 2nd working day of each month at 07:00')
  expect(said({ kind: 'month_day', day: '-1' })).toBe('on the last day of each month at 07:00')
  expect(said({ kind: 'week', weekday: '0', at: '18:05' })).toBe('every Sunday at 18:05')
  expect(said({ kind: 'day', at: '00:00' })).toBe('every day at 00:00')
})

test('the heading tells what could not be delivered, else what waits, else what comes next', () => {
  const one = (name: string, last: Partial<ReportRun> | null, ...next: string[]) =>
    ({ name, last, next }) as ReportSchedule
  const title = (...schedules: ReportSchedule[]) => reportsTitle({ schedules }, 'Europe/London')
  const brief = one('Brief', null, '2026-07-02T06:30:00.000Z')
  const held = one('Council papers', { state: 'queued', reason: 'Not sent because …' })
  const begun = one('Lists', { state: 'queued', reason: '' }, '2026-07-01T23:30:00.000Z')
  const failed = one('Tables', { state: 'failed', reason: 'refused' })
  expect(title()).toBe('No report is scheduled yet')
  expect(title(brief, begun)).toBe('Next: Lists, 2 Jul 2026, 00:30')
  expect(title(brief, held)).toBe('Council papers waits for data')
  expect(title(brief, held, failed)).toBe('Tables could not be delivered')
  expect(title(failed, brief, failed)).toBe('2 reports could not be delivered')
  expect(title(one('Rest', null))).toBe('No report comes by itself: all schedules are paused or wait')
})

test('an address of a program is told without what opens it', () => {
  const url = 'https://hooks.city.example/t0ken?key=s3cret'
  expect(destinationWords({ kind: 'webhook', url })).toBe('program at hooks.city.example')
  const named = { kind: 'webhook', url: '$WEBHOOK_URL_INTRANET' } as const
  expect(destinationWords(named)).toBe('program at $WEBHOOK_URL_INTRANET')
})

test('a preset comes again as it is; other days become the period that comes nearest', () => {
  const held = {
    from: '2024-07-01',
    until: '2026-07-15',
    default_from: '2026-06-01',
    default_until: '2026-07-01',
  }
  const like = (from: string, until: string) => periodLike({ from, until }, held)
  expect(like('2026-06-01', '2026-07-01')).toEqual({ of: 'last_month', again: true })
  expect(like('2026-04-01', '2026-07-01')).toEqual({ of: 'last_quarter', again: true })
  expect(like('2025-07-01', '2026-07-01')).toEqual({ of: 'last_12_months', again: true })
  expect(like('2026-07-01', '2026-07-15')).toEqual({ of: 'month_so_far', again: true })
  expect(like('2026-05-01', '2026-06-01')).toEqual({ of: 'last_month', again: false })
  expect(like('2026-06-08', '2026-06-15')).toEqual({ of: 'last_7_days', again: false })
  expect(like(held.from, held.until)).toEqual({ of: 'last_12_months', again: false })
})

test('the options of a view are read from its address and said in words, and so is what no report can take', () => {
  const said = (search: string) => optionsWords(readOptions(new URLSearchParams(search)), undefined)
  expect(said('state=late&sort=started&stage=Plan review&service=permits')).toEqual([
    'stage Plan review',
    'late cases',
    'newest first',
  ])
  expect(said('table=stage&stage=Plan review')).toEqual(['stage Plan review'])
  expect(said('table=by-district&kpi=requests&raw=true')).toEqual([
    'by district',
    'requests',
    'texts as they are, for programs',
  ])
  expect(said('state=all&stage=')).toEqual([])
  expect(readOptions(new URLSearchParams('raw=true&state=open'))).toEqual({ raw: true, state: 'open' })
  expect(leftOut(new URLSearchParams('dimension=subtype&value=&state=late'))).toEqual([
    'A report cannot be narrowed down to subtype not known: it will hold the others too.',
  ])
  expect(reportPart({ dimension: 'district', value: 'north', stage: 'Asked' })).toEqual({
    filters: { district: ['north'] },
    options: { stage: 'Asked' },
  })
  expect(reportPart({ dimension: 'subtype', value: '' })).toEqual({
    options: { dimension: 'subtype', value: '' },
  })
})
