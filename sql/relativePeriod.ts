import { addDays, addMonths, format, parseISO, startOfMonth, startOfQuarter, startOfYear } from 'date-fns'
import type { Period } from './filters.ts'
import type { relativePeriods } from './reportSchedules.ts'

export type RelativePeriod = (typeof relativePeriods)[number]

const iso = (date: Date): string => format(date, 'yyyy-MM-dd')
/** Weeks begin on Monday. */
const monday = (date: Date): Date => addDays(date, -((date.getDay() + 6) % 7))

/** The days a report tells of, seen from a day; `until` is the first day that no longer counts. */
export function relativePeriod(period: RelativePeriod, day: string): Period {
  const today = parseISO(day)
  const month = startOfMonth(today)
  const span = (from: Date, until: Date): Period => ({ from: iso(from), until: iso(until) })
  switch (period) {
    case 'yesterday':
      return span(addDays(today, -1), today)
    case 'last_7_days':
      return span(addDays(today, -7), today)
    case 'last_week':
      return span(addDays(monday(today), -7), monday(today))
    case 'last_month':
      return span(addMonths(month, -1), month)
    case 'last_quarter':
      return span(addMonths(startOfQuarter(today), -3), startOfQuarter(today))
    case 'last_year':
      return span(addMonths(startOfYear(today), -12), startOfYear(today))
    case 'last_12_months':
      return span(addMonths(month, -12), month)
    case 'month_so_far':
      // on the first of a month there is nothing of it yet: the whole month before is told
      return day.endsWith('-01') ? span(addMonths(month, -1), month) : span(month, today)
  }
}
