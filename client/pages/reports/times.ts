import type { When } from '../../../sql/reportSchedules.ts'

/** What was chosen about the times, as the fields hold it. */
export type TimesDraft = {
  kind: 'working_day' | 'month_day' | 'week' | 'day' | 'complete' | 'cron'
  at: string
  day: string
  weekday: string
  period: 'day' | 'week' | 'month' | 'quarter'
  cron: string
}
export const emptyTimes: TimesDraft = {
  kind: 'working_day',
  at: '07:00',
  day: '2',
  weekday: '1',
  period: 'month',
  cron: '0 7 * * 1',
}

/** The times as a schedule holds them. */
export function whenOf({ kind, at, day, weekday, period, cron }: TimesDraft): When {
  const [hour = '7', minute = '0'] = at.split(':')
  const time = `${Number(minute)} ${Number(hour)}`
  switch (kind) {
    case 'working_day':
      return { kind, day: Number(day) || 1, at, calendar: '' }
    case 'month_day':
      return { kind: 'cron', cron: `${time} ${Number(day) < 0 ? 'L' : Number(day) || 1} * *` }
    case 'week':
      return { kind: 'cron', cron: `${time} * * ${weekday}` }
    case 'day':
      return { kind: 'cron', cron: `${time} * * *` }
    case 'complete':
      return { kind, period }
    case 'cron':
      return { kind, cron }
  }
}
