import type { CalendarEntry, Site } from '../../releases/published.ts'
import { publisherName } from '../notes.ts'

/** `releases.ics`: the release calendar for calendar programs, RFC 5545. */
export function calendar(site: Site): string {
  const { address } = site.publication
  const stamp = utc(site.releases[0]?.head.published_at ?? site.calendar[0]?.at ?? '1970-01-01T00:00:00Z')
  const entries = site.calendar.toSorted((one, other) => Date.parse(one.at) - Date.parse(other.at))
  const name = `Release calendar of ${publisherName(site)}`
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Clearway//Release calendar//EN',
    'CALSCALE:GREGORIAN',
    'METHOD:PUBLISH',
    `NAME:${text(name)}`,
    `X-WR-CALNAME:${text(name)}`,
    `URL:${address}calendar.html`,
    'REFRESH-INTERVAL;VALUE=DURATION:P1D',
    ...entries.flatMap((entry, index) =>
      event(entry, uid(entry, nth(entries, index), address), stamp, address),
    ),
    'END:VCALENDAR',
  ]
  return lines.map(folded).join('')
}

const states = {
  planned: 'TENTATIVE',
  late: 'TENTATIVE',
  published: 'CONFIRMED',
  cancelled: 'CANCELLED',
} as const

const event = (entry: CalendarEntry, id: string, stamp: string, address: string) => [
  'BEGIN:VEVENT',
  `UID:${id}`,
  `DTSTAMP:${stamp}`,
  `SEQUENCE:${entry.sequence}`,
  `STATUS:${states[entry.state]}`,
  `DTSTART:${utc(entry.at)}`,
  `SUMMARY:${text(entry.title)}`,
  ...(entry.reason ? [`COMMENT:${text(entry.reason)}`] : []),
  `URL:${address}${entry.state === 'published' ? 'releases.html' : 'calendar.html'}`,
  'CLASS:PUBLIC',
  'TRANSP:TRANSPARENT',
  'END:VEVENT',
]

/** The same for ever, also when the time is moved. A second release about the same month is a correction of the first. */
function uid({ month }: CalendarEntry, nth: number, address: string): string {
  return `release-${month}${nth > 1 ? `-${nth}` : ''}@${new URL(address).hostname}`
}

const nth = (entries: CalendarEntry[], index: number) =>
  entries.slice(0, index + 1).filter(({ month }) => month === entries[index]?.month).length

/** 2026-07-15T08:30:00.000Z -> 20260715T083000Z */
const utc = (instant: string) => `${new Date(instant).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`

const text = (value: string) => value.replace(/[\\;,]/g, '\\$&').replace(/\r\n|\r|\n/g, '\\n')

/** A line holds 75 octets at most; what is longer goes on after a line end and a space. */
function folded(line: string): string {
  let out = ''
  let octets = 0
  for (const character of line) {
    const size = Buffer.byteLength(character)
    if (octets + size > 75) {
      out += '\r\n '
      octets = 1
    }
    out += character
    octets += size
  }
  return `${out}\r\n`
}
