import { TZDate } from '@date-fns/tz'
import { ReleaseError } from './releaseError.ts'

/** `2026-08-14T09:30` of the jurisdiction as UTC. */
export function toUtc(local: string, zone: string): string {
  const [, year, month, day, hour, minute] =
    /^(\d{4})-(\d\d)-(\d\d)T([01]\d|2[0-3]):([0-5]\d)$/.exec(local) ?? []
  const at = new TZDate(
    ...([Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute)] as const),
    zone,
  )
  if (Number.isNaN(at.getTime()) || at.getDate() !== Number(day))
    throw new ReleaseError(
      `${local} is no time: write a day and a time of the jurisdiction like 2026-08-14T09:30.`,
    )
  return new Date(at.getTime()).toISOString()
}

/** The minute an instant lies in. */
export const minuteOf = (at: Date): string =>
  new Date(Math.floor(at.getTime() / 60_000) * 60_000).toISOString()

/** "09:30 on 14 August 2026", in the time of the jurisdiction. */
export function whenWords(at: string, zone: string): string {
  const part = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat('en-GB', { ...options, timeZone: zone }).format(new Date(at))
  const time = part({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
  return `${time} on ${part({ day: 'numeric', month: 'long', year: 'numeric' })}`
}

/** "June 2026". */
export const monthWords = (month: string): string =>
  new Intl.DateTimeFormat('en-GB', { month: 'long', year: 'numeric', timeZone: 'UTC' }).format(
    new Date(`${month}-01T00:00:00Z`),
  )

/** `2026-07` after `2026-06`. */
export function monthAfter(month: string): string {
  const [year = 0, number = 1] = month.split('-').map(Number)
  return new Date(Date.UTC(year, number, 1)).toISOString().slice(0, 7)
}

/** The day an instant lies in, in the time of the jurisdiction, like 2026-07-01. */
export const dayIn = (at: Date, zone: string): string =>
  new Intl.DateTimeFormat('en-CA', { timeZone: zone, dateStyle: 'short' }).format(at)

export const titleOf = (month: string): string => `Service performance, ${monthWords(month)}`
