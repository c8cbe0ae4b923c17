import { addDays, differenceInCalendarDays, format, parseISO } from 'date-fns'
import type { Period } from '../filters.ts'
import { earlierOf, laterOf } from '../period.ts'

export const iso = (date: Date): string => format(date, 'yyyy-MM-dd')
/** The day itself if it is a Monday, else the next one. */
export const mondayFrom = (day: string): string =>
  iso(addDays(parseISO(day), (8 - parseISO(day).getDay()) % 7))
const epoch = '1969-12-29'
/** Weeks are numbered from the Monday before 1970. */
export const weekOf = (monday: string): number =>
  differenceInCalendarDays(parseISO(monday), parseISO(epoch)) / 7
export const dayOf = (week: number): string => iso(addDays(parseISO(epoch), week * 7))

/** Which part of a week lies in the period. */
export function shareOf({ from, until }: Period) {
  return (week: number): number => {
    const monday = dayOf(week)
    const [first, end] = [laterOf(monday, from), earlierOf(iso(addDays(parseISO(monday), 7)), until)]
    return Math.max(0, differenceInCalendarDays(parseISO(end), parseISO(first))) / 7
  }
}
