import type { Period } from '../../sql/filters.ts'

/** Days are written like 2026-06-30 and reckoned in UTC: they have no time zone of their own. */
const toDate = (day: string) => new Date(`${day}T00:00:00Z`)
const toDay = (date: Date) => date.toISOString().slice(0, 10)

/** True for a day that exists: 2026-02-30 does not. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false
  const date = toDate(text)
  return !Number.isNaN(date.getTime()) && toDay(date) === text && text >= '1900' && text < '2200'
}

export function addDays(day: string, days: number): string {
  const date = toDate(day)
  date.setUTCDate(date.getUTCDate() + days)
  return toDay(date)
}

/** Whole months later; a day the month does not have becomes its last one. */
export function addMonths(day: string, months: number): string {
  const date = toDate(day)
  const wanted = date.getUTCDate()
  date.setUTCDate(1)
  date.setUTCMonth(date.getUTCMonth() + months)
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate()
  date.setUTCDate(Math.min(wanted, last))
  return toDay(date)
}

const firstOfMonth = (day: string) => `${day.slice(0, 7)}-01`
const firstOfQuarter = (day: string) => {
  const month = Number(day.slice(5, 7))
  return `${day.slice(0, 4)}-${String(month - ((month - 1) % 3)).padStart(2, '0')}-01`
}

export type Held = { from: string; until: string; default_from: string; default_until: string }
export type Preset = Period & { id: string; label: string }

/** The periods one click away: only those the data holds. */
export function presets(held: Held): Preset[] {
  const quarter = firstOfQuarter(held.until)
  const year = addMonths(held.default_until, -12)
  const all: (Preset | null)[] = [
    { id: 'month', label: 'Last full month', from: held.default_from, until: held.default_until },
    addMonths(quarter, -3) >= held.from
      ? { id: 'quarter', label: 'Last full quarter', from: addMonths(quarter, -3), until: quarter }
      : null,
    year >= held.from && firstOfMonth(held.default_until) === held.default_until
      ? { id: 'year', label: 'Last 12 full months', from: year, until: held.default_until }
      : null,
    { id: 'all', label: 'All data', from: held.from, until: held.until },
    held.until > held.default_until
      ? { id: 'so-far', label: 'This month so far', from: held.default_until, until: held.until }
      : null,
  ]
  return all.filter((preset) => preset !== null)
}

/** The stretch a trend shows so that a month does not stand alone: it ends with the period and holds it whole. */
export function trendPeriod(period: Period, grain: 'day' | 'week' | 'month', held: Held | null): Period {
  const back = {
    day: addDays(period.until, -91),
    week: addDays(period.until, -364),
    month: addMonths(period.until, -24),
  }[grain]
  const from = [period.from, back].sort()[0] ?? back
  return {
    from: held && held.from > from && held.from < period.until ? held.from : from,
    until: period.until,
  }
}
