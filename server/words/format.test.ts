import { expect, test } from 'vitest'
import type { Stat, Unit } from '../../sql/stat.ts'
import {
  formatDifference,
  formatDuring,
  formatHours,
  formatInterval,
  formatMoment,
  formatPeriod,
  formatPersonHours,
  formatShare,
  formatStat,
  formatValue,
  inDays,
  withDays,
} from './format.ts'

const stat = (value: number | null, unit: Unit, more: Partial<Stat> = {}): Stat => ({
  value,
  unit,
  n: 100,
  numerator: null,
  denominator: null,
  interval: null,
  method: 'exact',
  error: null,
  status: 'ok',
  complete: 1,
  as_of: null,
  definition: 'test@1',
  ...more,
})

test('a value is said with its unit, times with one decimal below ten', () => {
  expect(formatValue(6.24, 'days')).toBe('6.2 days')
  expect(formatValue(9.97, 'days')).toBe('10 days')
  expect(formatValue(1, 'days')).toBe('1.0 day')
  expect(formatValue(1204, 'count')).toBe('1,204')
  expect(formatValue(0.8, 'minutes')).toBe('0.8 minutes')
  expect(formatValue(1095.3, 'days')).toBe('1,095 days')
})

test('a share keeps a decimal only where rounding would say none or all', () => {
  expect(formatShare(0.8436)).toBe('84%')
  expect(formatShare(0.004)).toBe('0.4%')
  expect(formatShare(0.996)).toBe('99.6%')
  expect(formatShare(0)).toBe('0%')
  expect(formatShare(1)).toBe('100%')
})

test('hours are said in the unit people would use', () => {
  expect(formatHours(0.4)).toBe('24 minutes')
  expect(formatHours(5.12)).toBe('5.1 hours')
  expect(formatHours(81.6)).toBe('3.4 days')
  expect(formatPersonHours(163_335.3)).toBe('163,000 person-hours')
  expect(formatPersonHours(1)).toBe('1 person-hour')
})

test('a period is named by its month, quarter or year when it is one', () => {
  expect(formatPeriod({ from: '2026-06-01', until: '2026-07-01' })).toBe('June 2026')
  expect(formatPeriod({ from: '2026-04-01', until: '2026-07-01' })).toBe('April to June 2026')
  expect(formatPeriod({ from: '2025-07-01', until: '2026-07-01' })).toBe('July 2025 to June 2026')
  expect(formatPeriod({ from: '2025-01-01', until: '2026-01-01' })).toBe('2025')
  expect(formatPeriod({ from: '2026-06-03', until: '2026-06-17' })).toBe('3 June to 16 June 2026')
  expect(formatPeriod({ from: '2026-06-03', until: '2026-06-04' })).toBe('3 June 2026')
})

test('a period inside a sentence takes the right word', () => {
  expect(formatDuring({ from: '2026-06-01', until: '2026-07-01' })).toBe('in June 2026')
  expect(formatDuring({ from: '2025-01-01', until: '2026-01-01' })).toBe('in 2025')
  expect(formatDuring({ from: '2026-04-01', until: '2026-07-01' })).toBe('from April to June 2026')
  expect(formatDuring({ from: '2026-06-20', until: '2026-07-01' })).toBe('from 20 June to 30 June 2026')
  expect(formatDuring({ from: '2026-06-03', until: '2026-06-04' })).toBe('on 3 June 2026')
})

test('a missing figure says why and is never zero', () => {
  expect(formatStat(stat(null, 'days', { status: 'not_reached' }))).toBe('Not reached yet')
  expect(formatStat(stat(null, 'share', { status: 'hidden' }))).toBe('Hidden')
  expect(formatStat(stat(null, 'count', { status: 'not_collected' }))).toBe('Not collected')
  expect(formatStat(stat(0, 'count'))).toBe('0')
})

test('an interval is words; counts have none, and a narrow one gets a decimal more', () => {
  expect(formatInterval(stat(11, 'days', { interval: [10.1, 12.2] }))).toBe('95% range 10 to 12 days')
  expect(formatInterval(stat(13, 'days', { interval: [12.9, 13.1] }))).toBe('95% range 12.9 to 13.1 days')
  expect(formatInterval(stat(0.8, 'share', { interval: [0.79, 0.84] }))).toBe('95% range 79% to 84%')
  expect(formatInterval(stat(900, 'count', { interval: [850, 950] }))).toBe('')
})

test('shares differ by points, counts by per cent, times by their unit', () => {
  expect(formatDifference(-0.031, -0.04, 'share')).toBe('3.1 points')
  expect(formatDifference(40, 0.042, 'count')).toBe('4%')
  expect(formatDifference(-1.24, -0.1, 'days')).toBe('1.2 days')
})

test('many hours share one axis in days, few stay hours', () => {
  const rows = [{ stat: stat(480, 'hours', { interval: [240, 960] }) }, { stat: stat(24, 'hours') }]
  expect(inDays(rows).map((row) => row.stat.value)).toEqual([20, 1])
  expect(inDays(rows)[0]?.stat).toMatchObject({ unit: 'days', interval: [10, 40] })
  expect(inDays([{ stat: stat(24, 'hours') }])[0]?.stat.unit).toBe('hours')
})

test('days inside a sentence are written out, and moments stand in the time zone of the jurisdiction', () => {
  expect(withDays('It rose in the week of 2026-04-06.')).toBe('It rose in the week of 6 April 2026.')
  expect(formatMoment('2026-06-30T22:55:27.000000Z', 'Europe/London')).toBe('30 Jun 2026, 23:55')
})
