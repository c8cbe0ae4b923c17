import { TZDate } from '@date-fns/tz'
import { addDays, format } from 'date-fns'
import type { Config } from './config.ts'
import { laterOf } from './period.ts'

type Calendar = Config['calendars'][number]

/** The working time of one day of UTC: what was worked before it since the calendar began, and the times it is worked on, all in microseconds. */
type WorkedDay = { calendar: string; day: string; before_us: string; spans: [string, string][] }

const dayMs = 86_400_000

/**
 * The hours of a calendar as days of UTC, so that the working time between two moments is a subtraction of two sums. A working day has
 * its office hours in the jurisdiction's time zone (all of it where none are declared): a day on which the clocks change is as long as it
 * is. The days reach from the calendar's first to its last; what lies outside is not known.
 */
export function workedDays(calendar: Calendar, zone: string): WorkedDay[] {
  const spans = localDays(calendar).flatMap(({ day, hours }) =>
    hours.map(({ opens, closes }): [number, number] => [
      momentOf(day, opens, zone),
      momentOf(day, closes, zone),
    ]),
  )
  const begin = Math.floor(momentOf(calendar.from, '00:00', zone) / dayMs) * dayMs
  const end = momentOf(calendar.until, '24:00', zone)
  const days: WorkedDay[] = []
  let before = 0
  let next = 0
  for (let start = begin; start < end; start += dayMs) {
    const today: [number, number][] = []
    for (let index = next; index < spans.length; index++) {
      const [opens, closes] = spans[index] ?? [end, end]
      if (opens >= start + dayMs) break
      if (closes > start) today.push([Math.max(opens, start), Math.min(closes, start + dayMs)])
      if (closes <= start + dayMs) next = index + 1
    }
    const day = new Date(start).toISOString().slice(0, 10)
    const texts = today.map(([from, to]): [string, string] => [`${from}000`, `${to}000`])
    days.push({ calendar: calendar.id, day, before_us: `${before}000`, spans: texts })
    before += today.reduce((sum, [from, to]) => sum + to - from, 0)
  }
  return days
}

type Hours = { opens: string; closes: string }

/** The hours of every working day, in order, those that touch joined. */
function localDays({
  from,
  until,
  working_weekdays,
  holidays,
  hours,
}: Calendar): { day: string; hours: Hours[] }[] {
  const closed = new Set(holidays.map(({ day }) => day))
  const days: { day: string; hours: Hours[] }[] = []
  for (let date = new Date(`${from}T00:00:00`); ; date = addDays(date, 1)) {
    const day = format(date, 'yyyy-MM-dd')
    if (day > until) return days
    const weekday = date.getDay() || 7
    if (!working_weekdays.includes(weekday) || closed.has(day)) continue
    const declared = hours
      .filter((each) => each.weekdays.includes(weekday) && each.valid_from <= day && day < each.valid_until)
      .sort((a, b) => a.opens.localeCompare(b.opens))
    const wholeDay = hours.length === 0 ? [{ opens: '00:00', closes: '24:00' }] : []
    days.push({ day, hours: joined([...declared, ...wholeDay]) })
  }
}

function joined(hours: readonly Hours[]): Hours[] {
  const found: Hours[] = []
  for (const { opens, closes } of hours) {
    const last = found.at(-1)
    if (last && opens <= last.closes) last.closes = laterOf(last.closes, closes)
    else found.push({ opens, closes })
  }
  return found
}

/** Milliseconds since 1970 of a local time; one that the change of clocks leaves out is the moment of the change. */
function momentOf(day: string, time: string, zone: string): number {
  const [hour = 0, minute = 0] = time.split(':').map(Number)
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number)
  for (let minutes = hour * 60 + minute; ; minutes++) {
    const moment = new TZDate(year, month - 1, date, 0, minutes, zone)
    if ((moment.getHours() * 60 + moment.getMinutes() - minutes) % 1440 === 0) return moment.getTime()
  }
}
