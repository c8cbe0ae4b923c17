import { drivers, type StreamName } from './streams.ts'

/** How the facts of a stream are stored. */
export type FactTable = {
  key: readonly string[]
  time: string
  columns: readonly string[]
  /** What makes two versions of a row the same. */
  content: readonly string[]
}

const who = ['service', 'department', 'district', 'channel', 'team'] as const
const answers = [
  ...['intended', 'offered', 'rating', 'no_opinion', ...Object.keys(drivers), 'recommend', 'thumbs'],
  ...['comment', 'language', 'respondent'],
]

export const factTables: Record<StreamName, FactTable> = {
  case_events: {
    key: ['source', 'case_id', 'event_key'],
    time: 'time',
    columns: [
      ...[
        'source',
        'case_id',
        'event_key',
        ...who,
        'subtype',
        'activity',
        'lifecycle',
        'time',
        'clock',
        'reason',
      ],
      ...['outcome', 'due_at', 'claimed', 'seq', 'version', 'deleted', 'load_no'],
    ],
    content: [
      ...who,
      'subtype',
      'activity',
      'lifecycle',
      'time',
      'clock',
      'reason',
      'outcome',
      'due_at',
      'claimed',
      'deleted',
    ],
  },
  wait_times: {
    key: ['source', 'wait_id'],
    time: 'asked_at',
    columns: [
      ...[
        'source',
        'wait_id',
        ...who,
        'asked_at',
        'wait_ms',
        'kind',
        'status',
        'case_id',
        'version',
        'deleted',
      ],
      'load_no',
    ],
    content: [...who, 'asked_at', 'wait_ms', 'kind', 'status', 'case_id', 'deleted'],
  },
  outcomes: {
    key: ['source', 'outcome_id'],
    time: 'at',
    columns: [
      ...['source', 'outcome_id', ...who, 'at', 'case_id', 'outcome', ...answers],
      ...['version', 'deleted', 'load_no'],
    ],
    content: [...who, 'at', 'case_id', 'outcome', ...answers, 'deleted'],
  },
}
