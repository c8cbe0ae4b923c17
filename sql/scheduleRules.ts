import { Cron } from 'croner'
import { isReportId, reportIds } from './reportIds.ts'
import { type Fault, reportFaults } from './reportRules.ts'
import type { Schedule } from './reportSchedules.ts'
import { holdsSecret } from './secretAddress.ts'
import { isTimeZone } from './timeZone.ts'

/** What a schedule can name. */
export type Nameable = Record<
  'services' | 'departments' | 'districts' | 'calendars',
  readonly { id: string }[]
>

/** The times of a cron pattern: a time that the clock leaves out comes once, at the next one there is; a time that comes twice counts once. */
export const cronOf = (pattern: string, zone: string): Cron =>
  new Cron(pattern, { timezone: zone, mode: '5-part', fixedTimeRule: 'no-wildcard', paused: true })

const dimensions = [
  ['department', 'departments'],
  ['service', 'services'],
  ['district', 'districts'],
] as const

/** What is wrong with a schedule, beyond its shape. */
export function faultsOf(schedule: Schedule, names: Nameable): Fault[] {
  const faults: Fault[] = []
  const wrong = (path: Fault['path'], message: string) => void faults.push({ path, message })
  const { when, time_zone, filters, formats, recipients } = schedule
  if (time_zone !== '' && !isTimeZone(time_zone))
    wrong(['time_zone'], 'is not a known time zone; write it like Europe/London')
  if (when.kind === 'cron') {
    const message = cronFault(when.cron)
    if (message !== null) wrong(['when', 'cron'], message)
  }
  if (when.kind === 'working_day' && when.calendar !== '')
    if (!names.calendars.some(({ id }) => id === when.calendar))
      wrong(['when', 'calendar'], `"${when.calendar}" is not declared under calendars`)
  const named = (
    path: Fault['path'],
    chosen: Pick<typeof filters, 'department' | 'service' | 'district'>,
  ) => {
    for (const [dimension, list] of dimensions)
      for (const id of chosen[dimension])
        if (!names[list].some((known) => known.id === id))
          wrong([...path, dimension], `"${id}" is not declared under ${list}`)
  }
  named(['filters'], filters)
  for (const [index, { scope }] of recipients.entries()) named(['recipients', index, 'scope'], scope)
  faults.push(...reportFaults(schedule))
  if (!isReportId(schedule.report)) return faults
  for (const [index, format] of formats.entries())
    if (formats.indexOf(format) !== index) wrong(['formats', index], `${format} stands twice`)
  const seen = new Set<string>()
  for (const [index, { audience, destination }] of recipients.entries()) {
    const wanted = audienceFault(schedule.report, reportIds[schedule.report].audience, audience)
    if (wanted !== null) wrong(['recipients', index, 'audience'], wanted)
    if (destination.kind === 'webhook' && holdsSecret(destination.url))
      wrong(
        ['recipients', index, 'destination', 'url'],
        'holds what lets anybody post there, and would be stored as it is: put the address into the environment of the server as WEBHOOK_URL_ and a name, and write $WEBHOOK_URL_ and that name here',
      )
    const place = JSON.stringify(destination)
    if (seen.has(place))
      wrong(['recipients', index, 'destination'], 'stands twice: everybody gets a report once')
    seen.add(place)
  }
  return faults
}

function audienceFault(
  report: string,
  needed: 'staff' | 'cases' | 'public',
  audience: string,
): string | null {
  if (audience === 'public' && needed !== 'public')
    return `public recipients only get what was released: the report "release", not "${report}"`
  if (needed === 'cases' && audience !== 'cases')
    return `"${report}" shows single cases: only recipients with the audience "cases" get it`
  return null
}

function cronFault(pattern: string): string | null {
  if (pattern.trim().split(/\s+/).length !== 5)
    return 'must have five fields: minute, hour, day, month, weekday, like 30 7 * * MON'
  try {
    return cronOf(pattern, 'UTC').nextRun(new Date('2026-01-01T00:00:00Z'))
      ? null
      : 'never comes: there is no such day'
  } catch (error) {
    const said = error instanceof Error ? error.message.replace(/^CronPattern: /, '') : String(error)
    return `is not a cron pattern (${said}); write minute, hour, day, month, weekday like 30 7 * * MON`
  }
}
