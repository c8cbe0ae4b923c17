import type { Config } from '../../../sql/config.ts'
import type { When } from '../../../sql/reportSchedules.ts'
import { cronOf } from '../../../sql/scheduleRules.ts'
import { dayIn } from '../../releases/when.ts'
import { addDays, addMonths } from '../../words/days.ts'

/** When a schedule is due: `zone` is its time zone, `calendars` those of the configuration. */
export type Times = { when: When; zone: string; calendars: Config['calendars'] }

/**
 * The due moments after `from` until `until` (inclusive), the last one first. A local time that does not exist is due at the next one
 * that does; one that comes twice is due once. A schedule that waits for complete data has as its moments the ends of its periods: it is
 * due no earlier, and then when the data is there.
 */
export function* dueTimes(times: Times, from: Date, until: Date): Generator<Date> {
  if (until <= from) return
  const { when, zone } = times
  if (when.kind === 'cron') {
    const cron = cronOf(when.cron, zone)
    // runs before a moment: one at the moment itself counts
    for (let at = new Date(until.getTime() + 1); ; ) {
      const [before] = cron.previousRuns(1, at)
      if (!before || before <= from) return
      yield before
      at = before
    }
  }
  for (let month = `${dayIn(until, zone).slice(0, 7)}-01`; ; month = addMonths(month, -1)) {
    const moments = when.kind === 'working_day' ? workingDays(times, month) : periodEnds(times, month)
    for (const moment of moments.reverse()) {
      if (moment > until) continue
      if (moment <= from) return
      yield moment
    }
    // a month without such a day is no end
    if (localTime(month, '00:00', zone) <= from) return
  }
}

/** The next due moments after one, the first first. */
export function nextTimes(times: Times, after: Date, count: number): Date[] {
  const { when, zone } = times
  if (when.kind === 'cron') return cronOf(when.cron, zone).nextRuns(count, after)
  const found: Date[] = []
  let month = `${dayIn(after, zone).slice(0, 7)}-01`
  for (let looked = 0; found.length < count && looked < 3 * count + 24; looked += 1) {
    const moments = when.kind === 'working_day' ? workingDays(times, month) : periodEnds(times, month)
    found.push(...moments.filter((moment) => moment > after))
    month = addMonths(month, 1)
  }
  return found.slice(0, count)
}

/** A time of a day as a moment; a time that the clock leaves out is the next one there is. */
function localTime(day: string, at: string, zone: string): Date {
  const [hour, minute] = at.split(':').map(Number)
  const [, month, date] = day.split('-').map(Number)
  const before = new Date(Date.parse(`${day}T00:00:00Z`) - 36 * 3_600_000)
  return cronOf(`${minute} ${hour} ${date} ${month} *`, zone).nextRun(before) ?? before
}

/** The day of a month that is meant, if the month has so many working days. */
function workingDays({ when, zone, calendars }: Times, month: string): Date[] {
  if (when.kind !== 'working_day') return []
  const calendar = calendars.find(({ id }) => id === when.calendar) ?? onlyOne(calendars, when.calendar)
  const weekdays = calendar?.working_weekdays ?? [1, 2, 3, 4, 5]
  const holidays = new Set(calendar?.holidays.map(({ day }) => day))
  const days: string[] = []
  for (let day = month; day < addMonths(month, 1); day = addDays(day, 1)) {
    const weekday = new Date(`${day}T00:00:00Z`).getUTCDay() || 7
    if (weekdays.includes(weekday) && !holidays.has(day)) days.push(day)
  }
  const day = days.at(when.day > 0 ? when.day - 1 : when.day)
  return day === undefined ? [] : [localTime(day, when.at, zone)]
}

/** Where no calendar is named, the only one there is; else Monday to Friday. */
const onlyOne = (calendars: Config['calendars'], named: string) =>
  named === '' && calendars.length === 1 ? calendars[0] : undefined

/** The ends of the periods that end within a month, its first moment among them. */
function periodEnds({ when, zone }: Times, month: string): Date[] {
  if (when.kind !== 'complete') return []
  const starts = (day: string) => {
    if (when.period === 'day') return true
    if (when.period === 'week') return new Date(`${day}T00:00:00Z`).getUTCDay() === 1
    return day.endsWith('-01') && (when.period === 'month' || (Number(day.slice(5, 7)) - 1) % 3 === 0)
  }
  const days: string[] = []
  for (let day = month; day < addMonths(month, 1); day = addDays(day, 1)) if (starts(day)) days.push(day)
  return days.map((day) => localTime(day, '00:00', zone))
}
