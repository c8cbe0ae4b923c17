import type { Part } from './rowScope.ts'

/**
 * A part with the services it names spelt out: `touched` have rows in its departments, `whole` have no row outside of it. What stands by service
 * only, and not by department or district, is told of whole services alone.
 */
export type KnownPart = Part & {
  touched: readonly string[]
  whole: readonly string[]
  /** The departments that rows of the services are of. */
  answering: readonly string[]
}

/** A part with its services spelt out: `placed` says of which departments the rows of a service are. */
export function spelt(part: Part, placed: readonly { service: string; department: string }[]): KnownPart {
  const { department, service } = part
  const isIn = (one: { service: string; department: string }) =>
    (service.length === 0 || service.includes(one.service)) &&
    (department.length === 0 || department.includes(one.department))
  const touched = [...new Set(placed.filter(isIn).map((one) => one.service))]
  const whole = touched.filter((id) => placed.every((one) => one.service !== id || isIn(one)))
  const answering = [...new Set(placed.filter(isIn).map((one) => one.department))]
  return { ...part, touched, whole, answering }
}

/** What of a table a part shows, as a condition in SQL. */
type Limit = (part: KnownPart) => string

const text = (value: string) => `'${value.replace(/[\\']/g, '\\$&')}'`
const isOneOf = (column: string, values: readonly string[]) =>
  values.length === 0 ? '0' : `${column} IN (${values.map(text).join(', ')})`
const limited = (column: string, values: readonly string[]) =>
  values.length === 0 ? '1' : isOneOf(column, values)
const all = (...conditions: string[]) => conditions.filter((each) => each !== '1').join(' AND ') || '1'

/** Rows that say their department, service and district themselves. */
const byRow: Limit = ({ department, service, district }) =>
  all(limited('department', department), limited('service', service), limited('district', district))
/** Rows of services of which nothing is hidden. */
const ofWhole: Limit = ({ whole, district }) => (district.length > 0 ? '0' : isOneOf('service', whole))
/** Words about services. */
const about =
  (column: string, ...alsoThose: string[]): Limit =>
  ({ touched }) =>
    isOneOf(column, [...touched, ...alsoThose])
/** Words that say nothing of anybody. */
const everybodys: Limit = () => '1'
/** What the server reads for itself, and nobody asks for. */
const nobodys: Limit = () => '0'

/** Every table of the store, and what of it somebody sees who may not see all. A table that is not named here is seen by nobody. */
export const scopedTables: Record<string, Limit> = {
  case_events: byRow,
  wait_times: byRow,
  outcomes: byRow,
  cases: byRow,
  stage_visits: byRow,
  open_visits: byRow,
  current_waits: byRow,
  current_outcomes: byRow,
  comments: byRow,
  daily_cases: byRow,
  daily_wait_times: byRow,
  daily_outcomes: byRow,

  weekly_visits: ({ whole, district }) => all(isOneOf('service', whole), limited('district', district)),
  weekly_moves: ({ whole, district }) =>
    district.length === 0
      ? isOneOf('service', whole)
      : all(isOneOf('service', whole), `dimension = 'district'`, isOneOf('value', district)),
  weekly_ends: ofWhole,
  monthly_hours: ofWhole,
  costs: ofWhole,
  loads: ofWhole,
  rejected_rows: (part) => `load_id IN (SELECT load_id FROM loads FINAL WHERE ${ofWhole(part)})`,

  services: about('id'),
  service_standards: about('service'),
  outcome_classes: about('service', ''),
  annotations: about('service', ''),
  departments: ({ answering }) => isOneOf('id', answering),
  districts: ({ district }) => limited('id', district),

  jurisdiction: everybodys,
  channels: everybodys,
  calendar_days: everybodys,
  worked_days: everybodys,
  pause_reasons: everybodys,
  contact_kinds: everybodys,
  data_version: everybodys,
  service_versions: nobodys,
  weekly_changes: everybodys,

  arrivals: nobodys,
  expectations: nobodys,
  audit: nobodys,
  sessions_ended: nobodys,
  api_keys: nobodys,
  api_key_uses: nobodys,
  idempotency_keys: nobodys,
  comment_readings: nobodys,
  frozen_counts: nobodys,
  frozen_times: nobodys,
  frozen_known: nobodys,
  frozen_releases: nobodys,
  published_figures: nobodys,
  published_freezes: nobodys,
  release_log: nobodys,
  release_calendar: nobodys,
  report_schedules: nobodys,
  report_run_log: nobodys,
  erased_subjects: nobodys,
  erasures: nobodys,
  erased_facts: nobodys,
  pseudonymous_sources: nobodys,
  compared: nobodys,
  migrations: nobodys,
}

/** What of a table somebody with these parts sees. */
export const conditionOf = (table: string, parts: readonly KnownPart[]): string => {
  const limit = scopedTables[table] ?? nobodys
  const conditions = [...new Set(parts.map((part) => limit(part)))]
  if (conditions.includes('1')) return '1'
  const some = conditions.filter((each) => each !== '0')
  return some.length === 0 ? '0' : some.map((each) => (some.length > 1 ? `(${each})` : each)).join(' OR ')
}
