import { describe, expect, test } from 'vitest'
import { configSchema } from '../../../sql/config.ts'
import { relativePeriod } from '../../../sql/relativePeriod.ts'
import type { When } from '../../../sql/reportSchedules.ts'
import { dueTimes, nextTimes } from './dueTimes.ts'

const { calendars } = configSchema.parse({
  jurisdiction: { name: 'Test City', time_zone: 'Europe/London' },
  calendars: [
    {
      id: 'office',
      from: '2026-01-01',
      until: '2027-12-31',
      holidays: [
        { day: '2026-01-01', name: 'New Year' },
        { day: '2026-05-01', name: 'May Day' },
      ],
    },
  ],
})
const minutes = (moments: Date[]) => moments.map((moment) => moment.toISOString().slice(0, 16))
const due = (when: When, from: string, until: string, zone = 'Europe/London') =>
  minutes([...dueTimes({ when, zone, calendars }, new Date(from), new Date(until))].reverse())
const cron = (pattern: string): When => ({ kind: 'cron', cron: pattern })

describe('each due time comes once, whatever the clock does', () => {
  test('a time that the clock leaves out in spring comes once, at the next there is', () => {
    expect(due(cron('30 1 * * *'), '2026-03-28T12:00Z', '2026-03-30T12:00Z')).toEqual([
      '2026-03-29T01:00',
      '2026-03-30T00:30',
    ])
    // a list of times in the hour left out: all fall on one moment, once
    expect(due(cron('0,30 1 * * *'), '2026-03-28T12:00Z', '2026-03-29T12:00Z')).toEqual(['2026-03-29T01:00'])
    expect(due(cron('30 2 * * *'), '2026-03-07T12:00Z', '2026-03-08T12:00Z', 'America/New_York')).toEqual([
      '2026-03-08T07:00',
    ])
  })
  test('a time that comes twice in autumn comes once', () => {
    expect(due(cron('30 1 * * *'), '2026-10-24T12:00Z', '2026-10-26T12:00Z')).toEqual([
      '2026-10-25T00:30',
      '2026-10-26T01:30',
    ])
    expect(due(cron('0,30 1 * * *'), '2026-10-24T12:00Z', '2026-10-25T12:00Z')).toHaveLength(2)
    // every hour is every hour: 25 of them on that day
    expect(due(cron('0 * * * *'), '2026-10-24T22:30Z', '2026-10-25T23:30Z')).toHaveLength(25)
  })
  test('the 31st comes in seven months, the last day in twelve, 29 February in leap years', () => {
    expect(due(cron('0 7 31 * *'), '2026-01-01T00:00Z', '2027-01-01T00:00Z')).toHaveLength(7)
    const last = due(cron('0 7 L * *'), '2028-01-01T00:00Z', '2029-01-01T00:00Z')
    expect(last).toHaveLength(12)
    expect(last[1]).toBe('2028-02-29T07:00')
    expect(due(cron('0 7 29 2 *'), '2023-01-01T00:00Z', '2033-01-01T00:00Z')).toEqual([
      '2024-02-29T07:00',
      '2028-02-29T07:00',
      '2032-02-29T07:00',
    ])
    expect(due(cron('0 7 * * MON#1'), '2026-01-01T00:00Z', '2026-04-01T00:00Z')).toEqual([
      '2026-01-05T07:00',
      '2026-02-02T07:00',
      '2026-03-02T07:00',
    ])
  })
  test('the moment asked from is out, the moment asked until is in', () => {
    expect(due(cron('0 7 * * *'), '2026-01-05T07:00Z', '2026-01-06T07:00Z')).toEqual(['2026-01-06T07:00'])
    expect(due(cron('0 7 * * *'), '2026-01-06T07:00Z', '2026-01-05T07:00Z')).toEqual([])
  })
  test('forwards and backwards are the same moments, over two years and both changes', () => {
    for (const zone of ['Europe/London', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata'])
      for (const when of [
        ...['30 1 * * *', '0 2 * * SUN', '0 0 1 * *', '15 0,1,2 L * *'].map(cron),
        { kind: 'working_day', day: 2, at: '01:30', calendar: '' } as const,
        { kind: 'complete', period: 'week' } as const,
      ]) {
        const [from, until] = [new Date('2026-01-01T12:00Z'), new Date('2027-12-31T12:00Z')]
        const back = minutes([...dueTimes({ when, zone, calendars }, from, until)].reverse())
        expect(back.length).toBeGreaterThan(20)
        expect(new Set(back).size).toBe(back.length)
        expect(minutes(nextTimes({ when, zone, calendars }, from, back.length))).toEqual(back)
      }
  })
})

test('working days follow the calendar, from the first and from the last', () => {
  const day = (day: number, calendar = 'office'): When => ({
    kind: 'working_day',
    day,
    at: '07:30',
    calendar,
  })
  expect(due(day(2), '2026-01-01T00:00Z', '2026-06-01T00:00Z')).toEqual([
    '2026-01-05T07:30',
    '2026-02-03T07:30',
    '2026-03-03T07:30',
    '2026-04-02T06:30',
    '2026-05-05T06:30',
  ])
  expect(due(day(-1), '2026-01-01T00:00Z', '2026-03-15T00:00Z')).toEqual([
    '2026-01-30T07:30',
    '2026-02-27T07:30',
  ])
  // a month that has no 20th working day in May has none then
  expect(due(day(20), '2026-02-01T00:00Z', '2026-03-01T00:00Z')).toEqual(['2026-02-27T07:30'])
})

test('periods that are waited for end at midnight of the schedule', () => {
  expect(due({ kind: 'complete', period: 'month' }, '2026-03-15T00:00Z', '2026-06-15T00:00Z')).toEqual([
    '2026-03-31T23:00',
    '2026-04-30T23:00',
    '2026-05-31T23:00',
  ])
  expect(due({ kind: 'complete', period: 'quarter' }, '2026-01-15T00:00Z', '2026-07-15T00:00Z')).toHaveLength(
    2,
  )
  expect(due({ kind: 'complete', period: 'day' }, '2026-03-28T12:00Z', '2026-03-31T12:00Z')).toEqual([
    '2026-03-29T00:00',
    '2026-03-29T23:00',
    '2026-03-30T23:00',
  ])
})

test.each([
  ['yesterday', '2026-03-01', '2026-02-28', '2026-03-01'],
  ['last_7_days', '2024-03-01', '2024-02-23', '2024-03-01'],
  ['last_week', '2026-03-01', '2026-02-16', '2026-02-23'],
  ['last_week', '2026-03-02', '2026-02-23', '2026-03-02'],
  ['last_month', '2026-03-31', '2026-02-01', '2026-03-01'],
  ['last_month', '2026-01-01', '2025-12-01', '2026-01-01'],
  ['last_quarter', '2026-05-31', '2026-01-01', '2026-04-01'],
  ['last_year', '2026-05-31', '2025-01-01', '2026-01-01'],
  ['last_12_months', '2026-02-28', '2025-02-01', '2026-02-01'],
  ['month_so_far', '2026-02-28', '2026-02-01', '2026-02-28'],
  ['month_so_far', '2026-03-01', '2026-02-01', '2026-03-01'],
] as const)('%s on %s is from %s until %s', (period, day, from, until) => {
  expect(relativePeriod(period, day)).toEqual({ from, until })
})
