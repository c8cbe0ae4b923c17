import { type Unit, units } from '../../sql/stat.ts'
import type { Table } from '../csv.ts'
import { casesTable } from '../tables.ts'
import type { ReportCell, ReportColumn, ReportTable } from './content.ts'

/** The dictionary of all columns that tables of reports share with the API: what each is called, what it means, what it holds. */

type Kind = Pick<ReportColumn, 'type' | 'unit'>
type Entry = [title: string, means: string, kind: Kind]

const text: Kind = { type: 'text', unit: null }
const day: Kind = { type: 'day', unit: null }
const moment: Kind = { type: 'moment', unit: null }
const whole: Kind = { type: 'whole', unit: 'count' }
const numberIn = (unit: ReportColumn['unit']): Kind => ({ type: 'number', unit })
const [count, share, seconds, hours, days, byRow, bare] = [
  numberIn('count'),
  numberIn('share'),
  numberIn('seconds'),
  numberIn('hours'),
  numberIn('days'),
  numberIn('by_row'),
  numberIn(null),
]

const gap = (name: string, title: string, means: string): Record<string, Entry> => ({
  [`${name}_gap`]: [title, `${means} In the unit of the row.`, byRow],
  [`${name}_gap_low`]: [`${title}, low end`, 'Low end of the 95 % interval of the gap.', byRow],
  [`${name}_gap_high`]: [`${title}, high end`, 'High end of the 95 % interval of the gap.', byRow],
  [`${name}_ratio`]: [`${title} as a ratio`, 'The group by its reference.', bare],
  [`${name}_ratio_low`]: [`${title} as a ratio, low end`, 'Low end of the 95 % interval of the ratio.', bare],
  [`${name}_ratio_high`]: [
    `${title} as a ratio, high end`,
    'High end of the 95 % interval of the ratio.',
    bare,
  ],
})

const entries: Record<string, Entry> = {
  kpi: ['Figure', 'Id of the figure; the sheet Definitions says what it means.', text],
  figure: ['Figure', 'What is told.', text],
  group: ['Group', 'Of whom it is told; all stands for everybody.', text],
  theme: ['Theme', 'What comments are about.', text],
  from: ['First day', 'First day of the period.', day],
  until: ['Day after', 'First day that no longer counts.', day],
  value: ['Value', 'The figure in its unit; empty where it has none, and status says why.', byRow],
  unit: ['Unit', 'What the value is counted in; a share is 0 to 1.', text],
  n: ['n', 'How many the figure stands on.', whole],
  numerator: ['Numerator', 'Of a share: how many of them.', count],
  denominator: ['Denominator', 'Of a share: of how many.', count],
  interval_low: ['Interval, low end', 'Low end of the 95 % interval.', byRow],
  interval_high: ['Interval, high end', 'High end of the 95 % interval.', byRow],
  method: ['Method', 'exact, or estimate with a stated error.', text],
  status: ['Status', 'ok, or why there is no value.', text],
  complete: ['Complete', 'Share of the period that the data covers.', share],
  definition: ['Definition', 'Name and version of the definition.', text],
  compare_value: ['Value before', 'The same figure in the period compared with.', byRow],
  change_absolute: ['Change', 'Value less value before.', byRow],
  change_relative: ['Change, relative', 'Change as a share of the value before.', share],
  verdict: ['Verdict', 'Whether the change or gap is more than chance.', text],
  target: ['Target', 'The target of the service standard.', byRow],
  target_status: ['Against target', 'on, near or off target; none without one.', text],
  dimension: ['Dimension', 'What the rows are told by.', text],
  segment: ['Value of the dimension', 'Id of the value.', text],
  label: ['Name', 'Name of the value.', text],
  from_activity: ['From activity', 'The activity before.', text],
  to_activity: ['To activity', 'The activity that followed.', text],
  frequency: ['Times', 'How often one followed the other.', whole],
  cases: ['Cases', 'Number of cases.', whole],
  mean_s: ['Mean, seconds', 'Mean time.', seconds],
  median_s: ['Median, seconds', 'Half took no longer.', seconds],
  p90_s: ['Nine in ten, seconds', 'Nine out of ten took no longer.', seconds],
  min_s: ['Shortest, seconds', 'Shortest time.', seconds],
  max_s: ['Longest, seconds', 'Longest time.', seconds],
  sum_s: ['Sum, seconds', 'All times together.', seconds],
  path: ['Way', 'Activities of the case in their order.', text],
  steps: ['Steps', 'Number of activities.', whole],
  open_cases: ['Open cases', 'Of the cases, those not closed.', whole],
  share_of_cases: ['Share of cases', 'Of all cases.', share],
  share_of_hours: ['Share of time', 'Of the time of all cases.', share],
  kind: ['Kind', 'What kind of row or finding it is.', text],
  activity: ['Activity', 'The activity that was done again.', text],
  team: ['Team', 'Who worked on it.', text],
  via: ['By way of', 'The team it went to and came straight back from.', text],
  extra_visits: ['Extra visits', 'Second and later visits.', whole],
  self_loops: ['Straight again', 'Extra visits that follow upon the same activity.', whole],
  extra_s: ['Extra time, seconds', 'Time of the second and later visits.', seconds],
  extra_days: ['Extra time, days', 'Time of the second and later visits.', days],
  rank: ['Rank', 'The dearest finding first; empty for stages.', whole],
  service: ['Service', 'Id of the service.', text],
  service_name: ['Service, name', 'Name of the service.', text],
  stage: ['Stage', 'The time before and at one activity.', text],
  from_stage: ['Coming from', 'The stage before.', text],
  segment_dimension: ['Of a group by', 'What the group is told by.', text],
  segment_value: ['Group', 'The group it is about.', text],
  since: ['Since', 'The likeliest day on which it began.', day],
  since_earliest: ['Since, earliest', 'First day on which it may have begun (95 %).', day],
  since_latest: ['Since, latest', 'Last day on which it may have begun (95 %).', day],
  certainty: ['Certainty', 'Size of the change in standard errors.', bare],
  extra_hours: ['Extra hours', 'Person-hours above the earlier level.', hours],
  extra_hours_per_case: ['Extra hours a case', 'Extra hours by case.', hours],
  wait_hours: ['Hours waited', 'Person-hours waited in the period.', hours],
  before_mean_hours: ['Mean before, hours', 'Mean in the earlier period.', hours],
  mean_hours: ['Mean, hours', 'Mean.', hours],
  median_hours: ['Median, hours', 'Half took no longer.', hours],
  p90_hours: ['Nine in ten, hours', 'Nine out of ten took no longer.', hours],
  sentence: ['In words', 'The finding in a sentence.', text],
  measure: ['Measured', 'What changed: work, stay, people, cases or share.', text],
  level_before: [
    'Level before',
    'Of work and stays a factor of the earlier level; else people, cases a week, or a share.',
    bare,
  ],
  level_after: ['Level after', 'The same since the change.', bare],
  explained_dimension: ['Explained by', 'By what the groups that have most of it are told apart.', text],
  explained_values: ['Groups', 'The fewest groups that have four fifths of it, divided by semicolons.', text],
  explained_share: ['Of it, share', 'Their part of the extra hours, or of the visits added.', share],
  explained_usual_share: ['Of the cases, share', 'Their part of the cases before the change.', share],
  growth_per_week: ['Growth a week', 'By how many cases those who wait grow in a week.', count],
  grain: [
    'By',
    'period, month, week, segment (a value of a dimension), hour (of the week) or from_stage.',
    text,
  ],
  weekday: ['Weekday', '1 is Monday, 7 Sunday.', whole],
  hour: ['Hour', 'Hour of the day, 0 to 23.', whole],
  in_full: ['Known in full', 'Of a week: yes or no.', text],
  starts_told: [
    'Starts told',
    'Visits of which the start of the work is told; below n the waits are at most so long.',
    whole,
  ],
  median_low_hours: ['Median, low end, hours', 'Low end of the 95 % interval of the median.', hours],
  median_high_hours: ['Median, high end, hours', 'High end of the 95 % interval of the median.', hours],
  came: ['Came', 'Cases that came in the hour.', whole],
  went: ['Left', 'Cases that left in the hour.', whole],
  mean_stay_hours: ['Mean stay, hours', 'From entering the stage to leaving it.', hours],
  touch_hours: ['Worked, hours', 'Working hours from start to completion.', hours],
  again_share: ['Came again', 'Share of second or later visits.', share],
  paused_share: ['Clock stopped', 'Share of visits whose clock was stopped.', share],
  same_day_share: ['Same day', 'Share of pairs of visits that ended on one day.', share],
  after: ['After', 'For cases that stand where nothing ever followed: the activity before.', text],
  arrivals: ['Came', 'Cases that came; stages may have parts of cases.', count],
  departures: ['Went', 'Cases that went.', count],
  backlog: ['Open', 'Open at the end; stages may have parts of cases.', count],
  cumulative_arrivals: ['Came, summed', 'Came since the first day.', count],
  cumulative_departures: ['Went, summed', 'Went since the first day.', count],
  median_days: ['Median age, days', 'Half of the open ones are no older.', days],
  p90_days: ['Nine in ten, age in days', 'Nine out of ten open ones are no older.', days],
  oldest_days: ['Oldest, days', 'Age of the oldest open one.', days],
  under_7_days: ['Under 7 days', 'Open for less than 7 days.', count],
  from_7_days: ['7 to 30 days', 'Open for 7 to 30 days.', count],
  from_30_days: ['30 to 90 days', 'Open for 30 to 90 days.', count],
  from_90_days: ['90 days or more', 'Open for 90 days or more.', count],
  within_standard: ['Within the promise', 'Open, and the promised time is not over.', count],
  over_standard: ['Overdue', 'Open for up to twice the promised time.', count],
  over_twice_standard: ['Overdue, twice', 'Open for more than twice the promised time.', count],
  unpromised: ['Without a promise', 'Open, and no time was promised.', count],
  before_n: ['n before', 'How many in the earlier period.', whole],
  weight: ['Weight', 'Share of all cases.', share],
  before_weight: ['Weight before', 'Share of all cases of the earlier period.', share],
  mix_hours: ['By mix, hours', 'Hours a case by another mix.', hours],
  rate_hours: ['By pace, hours', 'Hours a case by another pace.', hours],
  effect_hours: ['Together, hours', 'Mix and pace together.', hours],
  share_of_change: ['Share of the change', 'They add up to 1.', share],
  surprise: ['Surprise', 'How little the share was to be expected.', bare],
  extensions: ['Extensions', 'with or without agreed extensions.', text],
  closed_due: ['Closed, promised', 'Closed cases with a promise.', whole],
  closed_late: ['Closed late', 'Of these, late ones.', whole],
  open_due: ['Open, promised', 'Open cases with a promise.', whole],
  open_late: ['Open, overdue', 'Of these, overdue ones.', whole],
  days_over: ['Days over', 'Days over the promise.', days],
  days_over_open: ['Days over, open', 'Of these, of open cases.', days],
  share: ['Share', 'Of the days over of the service.', share],
  usual_days: ['Usual days', 'Median days here of cases that kept the promise.', days],
  cause: ['Cause', 'Why people waited.', text],
  hours: ['Hours', 'Hours from the beginning to the end, or to the end of what is known.', hours],
  hours_at_most: ['Hours at most', 'With all that is not told apart.', hours],
  open_hours: ['Hours, open', 'Of visits open at the end of the period.', hours],
  cte_impact: [
    'Efficiency without it',
    'Rise of time worked as a share of all time without the cause.',
    share,
  ],
  code: ['Outcome code', 'As the source tells it.', text],
  days: ['Days', 'Within so many days.', whole],
  currency: ['Currency', 'Of money.', text],
  reason: ['Reason', 'Why there is no figure.', text],
  reference: ['Compared with', 'The group compared with.', text],
  reference_n: ['n of the reference', 'How many the reference stands on.', whole],
  reference_value: ['Value of the reference', 'In the unit of the row.', byRow],
  ...gap('raw', 'Gap', 'Group less reference.'),
  ...gap('adjusted', 'Gap, same mix', 'Group less reference at the same mix.'),
  adjusted_errors: ['Gap in errors', 'The adjusted gap in standard errors.', bare],
  compared: ['Compared', 'Share of the cases that can be compared.', share],
  chance: ['Chance', 'How often chance alone makes such a gap.', share],
}

const caseEntries: Record<string, Entry> = {
  source: ['Source', 'The system the case comes from.', text],
  case_id: ['Case', 'Id of the case in its source.', text],
  service: entries.service as Entry,
  department: ['Department', 'Id of the department.', text],
  district: ['District', 'Id of the district.', text],
  channel: ['Channel', 'How it came in.', text],
  team: ['Team', 'Who worked on it last.', text],
  subtype: ['Type', 'Kind of request.', text],
  claimed: ['Claimed', 'What the person said of themselves.', text],
  outcome: ['Outcome', 'How it ended, as the source tells it.', text],
  state: ['State', 'open or closed at the end of the period.', text],
  started_at: ['Began', 'When the clock started, UTC.', moment],
  closed_at: ['Closed', 'When it was closed, UTC; also told when it lies after the period.', moment],
  due_at: ['Due', 'When it was due, UTC.', moment],
  extended_due_at: ['Due, extended', 'Moved on by what stopped the clock, UTC.', moment],
  current_stage: ['Last activity', 'The activity it came to last.', text],
  stage_state: [
    'At the stage',
    'Of the stage that was asked for: left, in_work or waiting at the end of the period.',
    text,
  ],
  stage_visits: ['Visits to the stage', 'Visits to the stage that was asked for.', whole],
  stage_hours: ['Hours before the stage', 'Hours waited before the stage that was asked for.', hours],
  hours: entries.hours as Entry,
  late_by_hours: ['Late by, hours', 'Hours past the extended due time; empty when not late.', hours],
}

const columnOf = (known: Record<string, Entry>, name: string): ReportColumn => {
  const entry = known[name]
  if (!entry) throw new Error(`No dictionary tells what the column ${name} means.`)
  const [title, means, kind] = entry
  return { name, title, means, ...kind, optional: true }
}

/**
 * The engine adds up on all cores, in an order of chance: the last digits of a sum of parts differ from one time to the next. Twelve digits
 * are told, so that the same figures make the same file and the same checksum.
 */
export const steady = (value: number) => (Number.isInteger(value) ? value : Number(value.toPrecision(12)))

/** A table of the API as a table of a report: the same cells in the same order, with what they are. */
export const apiTable = (about: Pick<ReportTable, 'id' | 'title' | 'means'>, { columns, rows }: Table) => ({
  ...about,
  columns: columns.map((name) => columnOf(entries, name)),
  rows: rows.map((row) =>
    row.map((cell): ReportCell => (typeof cell === 'number' ? steady(cell) : (cell ?? null))),
  ),
})

/** Always told of a case. */
const told = ['source', 'case_id', 'service', 'state', 'started_at', 'hours']

/** The columns of single cases, in the order of the API. */
export const caseColumns: ReportColumn[] = casesTable([]).columns.map((name) => ({
  ...columnOf(caseEntries, name),
  optional: !told.includes(name),
}))

/** The unit of a number: its column's or, where that changes row by row, the row's own. */
export function unitOf(
  { unit }: ReportColumn,
  columns: readonly ReportColumn[],
  row: readonly ReportCell[],
): Unit | null {
  if (unit !== 'by_row') return unit
  const at = columns.findIndex(({ name }) => name === 'unit')
  return units.find((known) => known === row[at]) ?? null
}
