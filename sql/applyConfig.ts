import { createHash } from 'node:crypto'
import { declareAnnotations } from './annotations.ts'
import { recountArrivals } from './arrivals.ts'
import type { Config } from './config.ts'
import type { Db } from './db.ts'
import { deriveAll } from './derive.ts'
import { applyRetention } from './privacy/retention.ts'
import { readJurisdiction } from './reference.ts'
import { declareSchedules } from './scheduleVersions.ts'
import { workedDays } from './workingTime.ts'

/** Reference data of which only what the configuration declares now may count. */
const replaced = [
  'calendar_days',
  'worked_days',
  'pause_reasons',
  'service_standards',
  'outcome_classes',
  'contact_kinds',
  'costs',
] as const

/** Adds one day to a day written like 2026-03-31. */
const nextDay = (day: string): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10)

/** Every day of a calendar with the number of working days up to and including it. */
export function calendarDays(calendar: Config['calendars'][number]) {
  const holidays = new Map(calendar.holidays.map((holiday) => [holiday.day, holiday.name]))
  const days: { calendar: string; day: string; working: number; working_index: number; holiday: string }[] =
    []
  let index = 0
  for (let day = calendar.from; day <= calendar.until; day = nextDay(day)) {
    const weekday = new Date(`${day}T00:00:00Z`).getUTCDay() || 7
    const holiday = holidays.get(day) ?? ''
    const working = calendar.working_weekdays.includes(weekday) && holiday === ''
    if (working) index += 1
    days.push({ calendar: calendar.id, day, working: Number(working), working_index: index, holiday })
  }
  return days
}

/** The rows that a configuration declares, by table. */
export const referenceRows = (config: Config) => ({
  departments: config.departments,
  districts: config.districts.map(({ id, name }) => ({ id, name })),
  channels: config.channels.map((channel) => ({ ...channel, digital: Number(channel.digital) })),
  calendar_days: config.calendars.flatMap(calendarDays),
  worked_days: config.calendars.flatMap((calendar) => workedDays(calendar, config.jurisdiction.time_zone)),
  pause_reasons: Object.entries(config.pauses).flatMap(([whom, given]) =>
    given.map((reason) => ({ reason: reason.toLowerCase(), whom })),
  ),
  outcome_classes: config.outcomes.flatMap(({ service, codes }) =>
    Object.entries(codes).map(([code, outcomeClass]) => ({
      service,
      code: code.toLowerCase(),
      class: outcomeClass,
    })),
  ),
  contact_kinds: Object.entries(config.contacts).flatMap(([kind, given]) =>
    given.map((name) => ({ name: name.toLowerCase(), kind })),
  ),
  costs: config.costs,
  services: config.services.map(({ standards: _, ...service }) => service),
  service_standards: config.services.flatMap((service) =>
    service.standards.map((standard) => ({ service: service.id, ...standard })),
  ),
})

/**
 * Writes the configuration's reference data into the store and derives everything anew under it. Names that were declared
 * earlier and are gone now stay known, because old cases still use them; calendars and standards are replaced. The
 * checksum is taken away first and written last, so an interrupted run is done again. The caller holds the publish lock.
 * Returns false when the configuration was applied before.
 */
export async function applyConfig(db: Db, config: Config): Promise<boolean> {
  // where data comes from and goes to, when and how, and what was done does not change what it means
  const {
    sources: _,
    expected,
    annotations,
    publication: __,
    reports: ___,
    schedules,
    privacy,
    ...declared
  } = config
  await applyRetention(db, privacy.retention)
  await writePseudonymous(db, privacy.pseudonyms)
  await writeExpected(db, expected)
  await declareAnnotations(db, annotations)
  await declareSchedules(db, schedules)
  const checksum = createHash('sha256').update(JSON.stringify(declared)).digest('hex')
  const known = await db.query({ query: 'SELECT checksum FROM jurisdiction FINAL', format: 'JSONEachRow' })
  if ((await known.json<{ checksum: string }>())[0]?.checksum === checksum) return false

  const version = Date.now()
  const write = (table: string, rows: Record<string, unknown>[]) =>
    rows.length === 0
      ? Promise.resolve()
      : db.insert({ table, values: rows.map((row) => ({ ...row, version })), format: 'JSONEachRow' })

  const { name, time_zone, reopen_days, repeat_days, sample } = config.jurisdiction
  const jurisdiction = { one: 1, name, time_zone, reopen_days, repeat_days, sample: Number(sample) }
  // before the zone is written: interrupted here, it is done again
  if ((await readJurisdiction(db)).time_zone !== time_zone) await recountArrivals(db, time_zone)
  await write('jurisdiction', [{ ...jurisdiction, checksum: '' }])
  // a day or a promise that is no longer declared may not go on counting beside the new ones
  for (const table of replaced) await db.command({ query: `TRUNCATE TABLE ${table}` })
  for (const [table, rows] of Object.entries(referenceRows(config))) await write(table, rows)
  await deriveAll(db)
  await db.insert({
    table: 'jurisdiction',
    values: [{ ...jurisdiction, checksum, version: version + 1 }],
    format: 'JSONEachRow',
  })
  return true
}

/** What systems should send, when it is not what is written already. */
async function writeExpected(db: Db, expected: Config['expected']): Promise<void> {
  const rows = expected.map(({ source, stream, every_hours, rows_per_day = null }) => {
    return { source, stream, every_hours, rows_per_day }
  })
  const written = await db.query({
    query: 'SELECT source, stream, every_hours, rows_per_day FROM expectations FINAL',
    format: 'JSONEachRow',
  })
  const normal = (list: unknown[]) => JSON.stringify(list.map((row) => JSON.stringify(row)).sort())
  if (normal(await written.json()) === normal(rows)) return
  await db.command({ query: 'TRUNCATE TABLE expectations' })
  const version = Date.now()
  if (rows.length > 0)
    await db.insert({
      table: 'expectations',
      values: rows.map((row) => ({ ...row, version })),
      format: 'JSONEachRow',
    })
}

/** Whose ids of cases are not stored, when it is not what is written already. */
async function writePseudonymous(db: Db, given: Config['privacy']['pseudonyms']): Promise<void> {
  const sources = given === true ? [''] : given === false ? [] : [...new Set(given)].sort()
  const answer = await db.query({
    query: 'SELECT source FROM pseudonymous_sources ORDER BY source',
    format: 'JSONEachRow',
  })
  const written = (await answer.json<{ source: string }>()).map(({ source }) => source)
  if (JSON.stringify(written) === JSON.stringify(sources)) return
  await db.command({ query: 'TRUNCATE TABLE pseudonymous_sources' })
  if (sources.length > 0)
    await db.insert({
      table: 'pseudonymous_sources',
      values: sources.map((source) => ({ source })),
      format: 'JSONEachRow',
    })
}
