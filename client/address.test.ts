import { expect, test } from 'vitest'
import { addMonths, presets, trendPeriod } from '../server/words/days.ts'
import { periodWords, readFilters, shownPeriod, typedPeriod, writeFilters } from './address.ts'
import type { Meta } from './api.ts'

const held = {
  from: '2024-07-01',
  until: '2026-07-01',
  default_from: '2026-06-01',
  default_until: '2026-07-01',
}
const named = (...ids: string[]) => ids.map((id) => ({ id, name: id }))
const meta: Meta = {
  jurisdiction: { name: 'Test', time_zone: 'Europe/London', sample: false, reopen_days: 30 },
  services: named('permits', 'repairs').map((service) => ({
    ...service,
    department: '',
    means: '',
    streams: [],
    standards: [],
  })),
  departments: named('planning'),
  districts: named('north', 'south'),
  channels: named('online').map((channel) => ({ ...channel, digital: true })),
  teams: [],
  held,
  freshness: [],
  data_version: '1',
  as_of: null,
  kpis: [],
}

test('what is written to the address is read back the same', () => {
  const filters = {
    service: ['permits', 'repairs'],
    department: ['planning'],
    district: ['north'],
    channel: ['online'],
    team: [],
    from: '2026-01-01',
    until: '2026-04-01',
    compare: 'year' as const,
  }
  expect(readFilters(`?${writeFilters(filters)}`, meta)).toEqual({ filters, problems: [] })
})

test('the usual choice leaves the address empty', () => {
  expect(writeFilters(readFilters('', meta).filters)).toBe('')
})

test('what makes no sense in the address is left out and told, the rest counts', () => {
  const { filters, problems } = readFilters(
    '?service=permits&service=moon&compare=never&from=2026-02-30&district=north',
    meta,
  )
  expect(filters).toEqual({
    service: ['permits'],
    department: [],
    district: ['north'],
    channel: [],
    team: [],
    compare: 'previous',
  })
  expect(problems).toHaveLength(3)
  expect(problems.join(' ')).toContain('moon')
})

test('a period that ends before it starts falls back to the last full month', () => {
  const { filters, problems } = readFilters('?from=2026-06-01&until=2026-05-01', meta)
  expect(problems).toHaveLength(1)
  expect(shownPeriod(filters, held)).toEqual({ from: '2026-06-01', until: '2026-07-01' })
  expect(periodWords(shownPeriod(filters, held), held)).toBe('June 2026 (last full month)')
})

test('half a period is completed from what is held', () => {
  expect(shownPeriod(readFilters('?from=2026-01-01', meta).filters, held)).toEqual({
    from: '2026-01-01',
    until: '2026-07-01',
  })
})

test('typed days are both inclusive', () => {
  expect(typedPeriod('2026-06-01', '2026-06-30')).toEqual({ from: '2026-06-01', until: '2026-07-01' })
  expect(typedPeriod('2026-06-02', '2026-06-01')).toBeNull()
  expect(typedPeriod('2026-02-30', '2026-03-01')).toBeNull()
})

test('only periods the data holds are offered', () => {
  expect(presets(held).map(({ id, from, until }) => [id, from, until])).toEqual([
    ['month', '2026-06-01', '2026-07-01'],
    ['quarter', '2026-04-01', '2026-07-01'],
    ['year', '2025-07-01', '2026-07-01'],
    ['all', '2024-07-01', '2026-07-01'],
  ])
  const young = { ...held, from: '2026-06-01', until: '2026-07-09' }
  expect(presets(young).map(({ id }) => id)).toEqual(['month', 'all', 'so-far'])
})

test('a trend shows two years up to the period, as far as data is held', () => {
  const june = { from: '2026-06-01', until: '2026-07-01' }
  expect(trendPeriod(june, 'month', held)).toEqual({ from: '2024-07-01', until: '2026-07-01' })
  expect(trendPeriod(june, 'month', { ...held, from: '2026-01-01' }).from).toBe('2026-01-01')
  expect(trendPeriod({ from: '2020-01-01', until: '2026-07-01' }, 'day', null).from).toBe('2020-01-01')
  expect(addMonths('2026-03-31', -1)).toBe('2026-02-28')
})
