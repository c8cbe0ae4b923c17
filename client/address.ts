import { addDays, isDay, presets } from '../server/words/days.ts'
import { formatPeriod } from '../server/words/format.ts'
import type { Filters, Period } from '../sql/filters.ts'
import type { Meta } from './api.ts'

export const segments = ['service', 'department', 'district', 'channel', 'team'] as const
export type Segment = (typeof segments)[number]
export const filterKeys = [...segments, 'from', 'until', 'compare']

export type ReadFilters = {
  filters: Filters
  /** What in the address could not be used, in words. */
  problems: string[]
}

const lists = {
  service: 'services',
  department: 'departments',
  district: 'districts',
  channel: 'channels',
  team: 'teams',
} as const

/** The filters an address holds. What makes no sense is left out and told. */
export function readFilters(search: string, meta: Meta | undefined): ReadFilters {
  const given = new URLSearchParams(search)
  const problems: string[] = []
  const list = (key: Segment) =>
    [...new Set(given.getAll(key))].filter((value) => {
      if (!value) return false
      if (!meta || meta[lists[key]].some(({ id }) => id === value)) return true
      problems.push(`There is no ${key} “${value}” here, so it is left out.`)
      return false
    })
  const filters: Filters = {
    service: list('service'),
    department: list('department'),
    district: list('district'),
    channel: list('channel'),
    team: list('team'),
    compare: 'previous',
  }
  const compare = given.get('compare')
  if (compare === 'previous' || compare === 'year' || compare === 'none') filters.compare = compare
  else if (compare) problems.push(`“${compare}” is not a way to compare: previous, year or none.`)

  const from = given.get('from')
  const until = given.get('until')
  const wrong = [from, until].find((day) => day && !isDay(day))
  if (wrong) problems.push(`“${wrong}” is not a day written like 2026-03-31, so the usual period is shown.`)
  else if (from && until && from >= until)
    problems.push('The period ends before it starts, so the usual period is shown.')
  else {
    if (from) filters.from = from
    if (until) filters.until = until
  }
  return { filters, problems }
}

/** The address part of filters: only what differs from the usual, in a fixed order. */
export function writeFilters(filters: Filters): string {
  const search = new URLSearchParams()
  for (const key of segments) for (const value of filters[key]) search.append(key, value)
  if (filters.from) search.set('from', filters.from)
  if (filters.until) search.set('until', filters.until)
  if (filters.compare !== 'previous') search.set('compare', filters.compare)
  return search.toString()
}

/** The period shown: the one chosen, else the last full month held. */
export function shownPeriod(filters: Filters, held: Meta['held']): Period {
  const from = filters.from ?? (filters.until && held ? held.from : held?.default_from)
  const until = filters.until ?? (filters.from && held ? held.until : held?.default_until)
  if (from && until && from < until) return { from, until }
  return held
    ? { from: held.default_from, until: held.default_until }
    : { from: '1970-01-01', until: '1970-01-02' }
}

/** The period in words, with the name of the preset it is: "June 2026 (last full month)". */
export function periodWords(period: Period, held: Meta['held']): string {
  const preset = held && presets(held).find((p) => p.from === period.from && p.until === period.until)
  return preset ? `${formatPeriod(period)} (${preset.label.toLowerCase()})` : formatPeriod(period)
}

/** A period typed as first and last day, both inclusive, or null when it makes no period. */
export function typedPeriod(first: string, last: string): Period | null {
  if (!isDay(first) || !isDay(last) || first > last) return null
  return { from: first, until: addDays(last, 1) }
}
