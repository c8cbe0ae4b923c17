import type { MappingInput } from '../mapping.ts'

/** The columns of an event log by their XES names; org:resource names a person and is not taken. */
export const logColumns = {
  case_id: ['case:concept:name', 'case_id', 'case id'],
  activity: ['concept:name', 'activity'],
  time: ['time:timestamp', 'timestamp'],
  lifecycle: 'lifecycle:transition',
  clock: 'lifecycle:transition',
  event_id: ['concept:instance', 'identity:id'],
  team: 'org:group',
  channel: 'case:channel',
  department: 'case:department',
} satisfies MappingInput['columns']

/** Lifecycle transitions of the XES standard that Clearway does not tell apart count as `other`. */
export const logLifecycles = {
  table: Object.fromEntries(
    ['complete', 'start', 'schedule', 'assign', 'suspend', 'resume', 'withdraw', 'ate_abort', 'other'].map(
      (name) => [name, name],
    ),
  ),
  otherwise: 'other',
}

/** While an activity is suspended the clock of its case stands still, until the first activity is resumed. */
export const logClocks = { table: { suspend: 'pause', resume: 'resume' }, otherwise: '' }

export const csvLog = {
  name: 'csv-log',
  title: 'Event log as CSV with XES column names, as PM4Py writes it',
  stream: 'case_events',
  columns: logColumns,
  values: { lifecycle: logLifecycles, clock: logClocks },
  missing: ['EMPTY'],
  whole_log: true,
  service: 'file',
} satisfies MappingInput
