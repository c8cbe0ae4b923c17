import { listAnnotations } from './annotations.ts'
import { calendarDays, referenceRows } from './applyConfig.ts'
import type { Config } from './config.ts'
import type { Db } from './db.ts'
import { readJurisdiction } from './reference.ts'
import { definitionOf, readSchedules } from './scheduleVersions.ts'

export type PlannedField = { field: string; from: unknown; to: unknown }
export type PlannedChange = {
  /** What it is, like schedule or service. */
  what: string
  id: string
  change: 'added' | 'changed' | 'removed'
  fields: PlannedField[]
}

type Things = Map<string, Record<string, unknown>>

/** How the tables are told of: what their rows are, which columns name one, and whether what is no longer declared goes. */
const told = {
  departments: { what: 'department', id: ['id'], goes: false },
  districts: { what: 'district', id: ['id'], goes: false },
  channels: { what: 'channel', id: ['id'], goes: false },
  services: { what: 'service', id: ['id'], goes: false },
  service_standards: { what: 'standard', id: ['service', 'subtype', 'valid_from'], goes: true },
  pause_reasons: { what: 'pause', id: ['reason'], goes: true },
  outcome_classes: { what: 'outcome', id: ['service', 'code'], goes: true },
  contact_kinds: { what: 'contact', id: ['name'], goes: true },
  costs: { what: 'cost', id: ['service', 'from'], goes: true },
} as const

/** What a configuration would change of what is in force in the store. */
export async function planOf(db: Db, config: Config): Promise<PlannedChange[]> {
  const { name, time_zone, reopen_days, repeat_days, sample } = config.jurisdiction
  const changes = compare(
    'jurisdiction',
    new Map([['', await readJurisdiction(db)]]),
    new Map([['', { name, time_zone, reopen_days, repeat_days, sample }]]),
  )
  const rows = referenceRows(config)
  for (const [table, { what, id, goes }] of Object.entries(told)) {
    const wanted = rows[table as keyof typeof told] as Record<string, unknown>[]
    const keyOf = (row: Record<string, unknown>) =>
      id
        .map((column) => row[column])
        .join(' ')
        .trim()
    const kept = await db.query({
      query: `SELECT * EXCEPT version FROM ${table} FINAL`,
      format: 'JSONEachRow',
    })
    const known = (await kept.json<Record<string, unknown>>()).map((row) => [keyOf(row), row] as const)
    changes.push(...compare(what, new Map(known), new Map(wanted.map((row) => [keyOf(row), row])), goes))
  }
  changes.push(...(await calendarChanges(db, config)))
  const kept = (await readSchedules(db)).filter(({ origin }) => origin === 'file')
  const taken = (await readSchedules(db)).filter(
    ({ id, origin }) => origin === 'page' && config.schedules.some((said) => said.id === id),
  )
  changes.push(
    ...compare(
      'schedule',
      new Map([...kept, ...taken].map((one) => [one.id, definitionOf(one)])),
      new Map(config.schedules.map((one) => [one.id, one])),
    ),
  )
  const expected = await db.query({
    query: 'SELECT source, stream, every_hours, rows_per_day FROM expectations FINAL',
    format: 'JSONEachRow',
  })
  const ofSource = (row: Record<string, unknown>) => [`${row.source} ${row.stream}`, row] as const
  changes.push(
    ...compare(
      'expected source',
      new Map((await expected.json<Record<string, unknown>>()).map(ofSource)),
      new Map(
        config.expected.map(({ source, stream, every_hours, rows_per_day = null }) =>
          ofSource({ source, stream, every_hours, rows_per_day }),
        ),
      ),
    ),
  )
  const ofWords = ({ service, stage, day, until, text, author }: Config['annotations'][number]) =>
    [`${day} ${service || 'all services'}: ${text}`, { stage, until, author }] as const
  const declared = (await listAnnotations(db)).filter((one) => one.declared)
  changes.push(
    ...compare('annotation', new Map(declared.map(ofWords)), new Map(config.annotations.map(ofWords))),
  )
  return changes
}

/** What is added, changed and removed, field by field where both have it. */
function compare(what: string, kept: Things, wanted: Things, goes = true): PlannedChange[] {
  const changes: PlannedChange[] = []
  for (const [id, to] of wanted) {
    const from = kept.get(id)
    if (!from) changes.push({ what, id, change: 'added', fields: [] })
    else {
      const fields = fieldsOf(from, to)
      if (fields.length > 0) changes.push({ what, id, change: 'changed', fields })
    }
  }
  if (goes)
    for (const id of kept.keys())
      if (!wanted.has(id)) changes.push({ what, id, change: 'removed', fields: [] })
  return changes
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function fieldsOf(from: Record<string, unknown>, to: Record<string, unknown>, path = ''): PlannedField[] {
  return [...new Set([...Object.keys(from), ...Object.keys(to)])].flatMap((field) => {
    const [before, after] = [from[field], to[field]]
    if (isRecord(before) && isRecord(after)) return fieldsOf(before, after, `${path}${field}.`)
    return JSON.stringify(before) === JSON.stringify(after)
      ? []
      : [{ field: `${path}${field}`, from: before ?? null, to: after ?? null }]
  })
}

/** Calendars by the days that are otherwise, and the hours they are worked. */
async function calendarChanges(db: Db, config: Config): Promise<PlannedChange[]> {
  const days = await db.query({
    query: 'SELECT calendar, toString(day) AS day, working, holiday FROM calendar_days FINAL',
    format: 'JSONEachRow',
  })
  const hours = await db.query({
    query: 'SELECT calendar, toString(day) AS day, toString(spans) AS spans FROM worked_days FINAL',
    format: 'JSONEachRow',
  })
  const spansOf = (spans: [string, string][]) => `[${spans.map(([from, to]) => `(${from},${to})`).join(',')}]`
  const group = (rows: Record<string, unknown>[], into: Map<string, Set<string>>) => {
    for (const { calendar, ...row } of rows) {
      const of = into.get(String(calendar)) ?? new Set<string>()
      into.set(String(calendar), of.add(JSON.stringify(row)))
    }
    return into
  }
  const kept = group(await hours.json(), group(await days.json(), new Map()))
  const wanted = new Map<string, Set<string>>()
  group(
    config.calendars.flatMap(calendarDays).map(({ working_index: _, ...row }) => row),
    wanted,
  )
  group(
    referenceRows(config).worked_days.map(({ calendar, day, spans }) => ({
      calendar,
      day,
      spans: spansOf(spans),
    })),
    wanted,
  )
  return [...new Set([...kept.keys(), ...wanted.keys()])].flatMap((id): PlannedChange[] => {
    const [before, after] = [kept.get(id), wanted.get(id)]
    if (!before) return [{ what: 'calendar', id, change: 'added', fields: [] }]
    if (!after) return [{ what: 'calendar', id, change: 'removed', fields: [] }]
    const dayOf = (row: string) => (JSON.parse(row) as { day: string }).day
    const other = [...after]
      .filter((row) => !before.has(row))
      .concat([...before].filter((row) => !after.has(row)))
    const first = other.map(dayOf).sort()
    if (first.length === 0) return []
    const field = { field: 'days', from: first[0], to: first.at(-1) }
    return [{ what: 'calendar', id, change: 'changed', fields: [field] }]
  })
}
