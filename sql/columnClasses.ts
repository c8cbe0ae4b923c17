/**
 * How the values of every column of the store may travel. What is kept about people, for how long and who gets it, is told from here:
 * tests see to it that no column is left out and that no question reads what it may not.
 */

/** What a class holds and where it may go. */
export const classes = {
  figure: { means: 'counts, durations and answers on a scale', travels: 'anywhere, in aggregates' },
  place: {
    means: 'what was asked for, where and how: service, district, channel, team, stage',
    travels: 'anywhere, in aggregates',
  },
  time: { means: 'when something happened', travels: 'anywhere, in aggregates' },
  declared: { means: 'what the configuration says', travels: 'anywhere' },
  pseudonym: {
    means: 'ids that can lead to a person: of cases, waits, outcomes, respondents',
    travels: 'only to those who may see single cases',
  },
  personal: {
    means: 'names of members of staff and where reports go',
    travels: 'only to administrators and auditors',
  },
  free_text: {
    means: 'words that people wrote',
    travels: 'comments without names, to those who may read them; rejected rows to data stewards',
  },
  secret: { means: 'hashes of keys', travels: 'never' },
  ledger: {
    means: 'what the store keeps of its own work: loads, versions, numbers',
    travels: 'to those who look after the data',
  },
} as const
export type ColumnClass = keyof typeof classes

type Classed = Partial<Record<ColumnClass, string>>

const where = 'source service department district channel team'
const scales =
  'intended offered rating no_opinion effectiveness ease speed transparency humanity employee trust recommend thumbs'
const versions = 'version deleted load_no'
const release = { place: 'service district channel', time: 'period', ledger: 'freeze' }

const tables: Record<string, Classed> = {
  case_events: {
    place: `${where} subtype activity lifecycle clock reason outcome claimed`,
    time: 'time due_at',
    pseudonym: 'case_id event_key',
    ledger: `seq ${versions}`,
  },
  wait_times: {
    place: `${where} kind status`,
    time: 'asked_at',
    figure: 'wait_ms',
    pseudonym: 'wait_id case_id',
    ledger: versions,
  },
  outcomes: {
    ...{ place: `${where} outcome language`, time: 'at', figure: scales, ledger: versions },
    ...{ pseudonym: 'outcome_id case_id respondent', free_text: 'comment' },
  },
  loads: {
    place: 'source service',
    ledger:
      'load_id load_no stream mapping file_sha256 bytes state read accepted rejected duplicates corrected facts version',
    time: 'first_time last_time started_at finished_at',
    // a file may be named after a case
    free_text: 'file_name error',
  },
  rejected_rows: { ledger: 'load_id line field rule reason', time: 'rejected_at', free_text: 'raw' },
  jurisdiction: { declared: 'one name time_zone sample reopen_days repeat_days', ledger: 'checksum version' },
  departments: { declared: 'id name', ledger: 'version' },
  services: { declared: 'id name department calendar closes means', ledger: 'version' },
  districts: { declared: 'id name', ledger: 'version' },
  channels: { declared: 'id name digital', ledger: 'version' },
  service_standards: {
    declared: 'service subtype valid_from valid_until value unit target basis',
    ledger: 'version',
  },
  calendar_days: { declared: 'calendar day working working_index holiday', ledger: 'version' },
  worked_days: { declared: 'calendar day before_us spans', ledger: 'version' },
  pause_reasons: { declared: 'reason whom', ledger: 'version' },
  outcome_classes: { declared: 'service code class', ledger: 'version' },
  contact_kinds: { declared: 'name kind', ledger: 'version' },
  costs: { declared: 'service from until amount currency', ledger: 'version' },
  expectations: { declared: 'source stream every_hours rows_per_day', ledger: 'version' },
  cases: {
    place: `${where} subtype claimed outcome last_activity class`,
    time: 'started_at closed_at first_closed_at reopened_at due_at extended_due_at paused_since first_event_at last_event_at contacts',
    figure: 'target paused_us visits',
    pseudonym: 'case_id',
  },
  stage_visits: {
    place: `${where} subtype from_activity activity`,
    time: 'entered_at started_at left_at',
    figure:
      'position repetition last wait_worked_us touch_worked_us paused_us paused_applicant_us paused_third_us',
    pseudonym: 'case_id',
  },
  open_visits: {
    place: `${where} subtype from_activity activity`,
    time: 'entered_at started_at paused_since',
    figure: 'position again',
    pseudonym: 'case_id',
  },
  current_waits: {
    place: `${where} kind status`,
    time: 'asked_at',
    figure: 'wait_ms promised_ms',
    pseudonym: 'wait_id',
  },
  current_outcomes: {
    ...{ place: `${where} outcome`, time: 'at', figure: `${scales} answered commented` },
    pseudonym: 'outcome_id case_id respondent',
  },
  comments: {
    place: `${where} language themes`,
    time: 'at',
    figure: 'rating',
    pseudonym: 'outcome_id',
    free_text: 'comment',
  },
  comment_readings: {
    time: 'at',
    personal: 'reader',
    ledger: 'key_id filters comments request_id',
    free_text: 'purpose',
  },
  daily_cases: {
    place: 'service department district channel team',
    time: 'day',
    figure:
      'received received_known promised received_digital closed due on_time on_time_strict first_closed reopened intended resolved not_eligible refused withdrawn duplicate unmapped repeated chasing challenging other_contacts',
  },
  daily_wait_times: {
    place: 'service department district channel team',
    time: 'day',
    figure: 'served queued abandoned promised in_time told',
  },
  daily_outcomes: {
    place: 'service department district channel team',
    time: 'day',
    figure: 'intended_yes intended_no offered answered satisfied told rated no_opinion',
  },
  weekly_visits: {
    place: 'service stage district channel team subtype',
    time: 'month week',
    figure: 'again visits told touch overnight stayed stay',
  },
  weekly_moves: {
    place: 'service dimension value from_activity stage',
    time: 'month came_week left_week',
    figure: 'visits returned came_rest_us left_rest_us paused paused_us pause',
  },
  weekly_ways: { place: 'service from_activity stage', time: 'month week', figure: 'visits' },
  weekly_ends: { place: 'service stage', time: 'month week', figure: 'on_days stay_us' },
  monthly_hours: { place: 'service', time: 'month ended_at' },
  weekly_changes: { time: 'month', ledger: 'changed made' },
  arrivals: {
    place: 'source service',
    time: 'day arrived_at first_time last_time',
    figure: 'rows',
    ledger: 'stream load_no history waited_h',
  },
  data_version: { ledger: 'one version publishing whole', time: 'at' },
  service_versions: { place: 'service', ledger: 'version' },
  migrations: { ledger: 'name checksum', time: 'applied_at' },
  api_keys: {
    ledger: 'id role scopes version',
    personal: 'name',
    place: 'departments services districts',
    time: 'created_at expires_at revoked_at',
    secret: 'hash',
  },
  api_key_uses: { ledger: 'id', time: 'used_at' },
  idempotency_keys: { ledger: 'key_id load_id', time: 'at', secret: 'request_key' },
  annotations: {
    place: 'service stage',
    time: 'day until created_at',
    ledger: 'id declared deleted version',
    personal: 'author',
    free_text: 'text',
  },
  frozen_counts: { ...release, figure: 'count value' },
  frozen_times: { ...release, figure: 'time n value low high' },
  frozen_known: { place: 'service', time: 'period', ledger: 'freeze stream', figure: 'complete' },
  frozen_releases: {
    time: 'month at',
    ledger: 'release freeze data_version earlier',
    declared: 'head about',
  },
  published_figures: {
    ...release,
    place: `${release.place} outcome answer`,
    figure: 'table measure value low high was marks',
  },
  published_freezes: { ledger: 'release freeze', time: 'at' },
  release_log: {
    ledger: 'number release step key_id manifest',
    time: 'at',
    personal: 'key_name',
    declared: 'about',
    free_text: 'reason',
  },
  release_calendar: { time: 'month at noted_at', declared: 'reason cancelled' },
  report_schedules: { ledger: 'number id origin deleted', time: 'since at', personal: 'definition by' },
  report_run_log: {
    ledger:
      'number key schedule report by_hand recipient_id format state worker attempt reason made sha256 figures_sha256 proof data_version',
    time: 'occurrence period_from period_until at lease_until not_before as_of',
    personal: 'recipient request',
  },
  audit: {
    ledger: 'chain no actor_kind actor_id deed salt seal detail request_id previous after hash',
    time: 'at',
    personal: 'actor_name address',
    pseudonym: 'object',
    free_text: 'purpose',
  },
  sessions_ended: { ledger: 'kind', personal: 'id', time: 'until at' },
  erased_subjects: { ledger: 'hash erasure', time: 'at' },
  erasures: { ledger: 'erasure state hashes found', time: 'at', personal: 'by' },
  compared: { ledger: 'who filters', time: 'at' },
  pseudonymous_sources: { declared: 'source' },
  erased_facts: { ledger: 'erasure stream load_no facts' },
}

/** The class of every column, by table. */
export const columnClasses: Record<string, Record<string, ColumnClass>> = Object.fromEntries(
  Object.entries(tables).map(([table, classed]) => [
    table,
    Object.fromEntries(
      Object.entries(classed).flatMap(([name, columns]) =>
        columns.split(' ').map((column) => [column, name as ColumnClass]),
      ),
    ),
  ]),
)

/**
 * The questions that may read what people wrote, who they are or what leads to them, beside counting it: each with the columns and why.
 * A question that is not here reads none of it.
 */
export const mayRead: Record<string, { columns: readonly string[]; why: string }> = {
  case_list: {
    columns: ['case_id'],
    why: 'shows the cases behind a number to those who may see single cases',
  },
  case_one: { columns: ['case_id'], why: 'shows one case to those who may see single cases' },
  comment_list: {
    columns: ['comments.comment'],
    why: 'shows comments to those who may read them; every reading is noted',
  },
  rejected_rows: { columns: ['rejected_rows.raw'], why: 'shows data stewards the rows that did not fit' },
  loads: {
    columns: ['loads.error', 'loads.file_name'],
    why: 'shows what was loaded to those who look after the data',
  },
  audit_list: {
    columns: ['audit.actor_name', 'audit.address', 'audit.purpose', 'object'],
    why: 'shows auditors who did what, when and what for',
  },
  audit_export: {
    columns: ['audit.actor_name', 'audit.address', 'audit.purpose', 'object'],
    why: 'gives auditors all that the hashes are made of',
  },
  audit_faults: {
    columns: ['audit.actor_name', 'audit.address', 'audit.purpose'],
    why: 'makes the hashes anew to see whether an entry was changed; tells none of it',
  },
  sessions_ended: {
    columns: ['sessions_ended.id'],
    why: 'tells the server which sessions open nothing any more',
  },
  annotations: {
    columns: ['annotations.author', 'annotations.text'],
    why: 'shows on charts what members of staff did and when',
  },
  release_log: {
    columns: ['release_log.key_name', 'release_log.reason'],
    why: 'shows who built, approved and published a release',
  },
  report_schedules: {
    columns: ['report_schedules.by', 'report_schedules.definition'],
    why: 'sends reports to those they are for',
  },
  ...Object.fromEntries(
    ['report_run', 'report_runs', 'report_runs_latest', 'report_runs_open', 'report_runs_since'].map(
      (question) => [
        question,
        {
          columns: ['report_run_log.recipient', 'report_run_log.request'],
          why: 'sends reports and shows what became of them',
        },
      ],
    ),
  ),
}
