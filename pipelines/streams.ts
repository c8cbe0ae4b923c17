/**
 * The three input streams, each declared once. Staging columns, validation SQL, templates and the data
 * dictionary are derived from this file.
 */

/** How a value may travel: `public` anywhere, `quasi-identifier` only in aggregates, `personal` and `free text` never. */
export type FieldClass = 'public' | 'quasi-identifier' | 'personal' | 'free text'

export type FieldType =
  | { kind: 'text'; maxLength?: number }
  /** A moment. Stored in UTC with microseconds; read with the mapping's format and time zone. */
  | { kind: 'time' }
  | { kind: 'integer'; min?: number; max?: number }
  /** Seconds, possibly with a fraction, negative only where `min` allows it. Stored as integer milliseconds. */
  | { kind: 'seconds'; min?: number; max?: number }
  | { kind: 'code'; values: readonly string[] }
  | { kind: 'flag' }

export type Field = {
  type: FieldType
  required: boolean
  class: FieldClass
  meaning: string
  example: string
}

export type Stream = {
  name: StreamName
  meaning: string
  /** The columns that make a row the same row: a second version of it is a correction. */
  key: readonly string[]
  /** The moment that may not lie in the future. */
  time: string
  fields: Record<string, Field>
  /** What fields must be to each other. */
  rules: readonly StreamRule[]
}

/** One rule, said twice: `broken` is SQL over the texts (t_…) and values (v_…) of the fields, `holds` is for one JSON row. */
export type StreamRule = {
  field: string
  rule: string
  reason: string
  broken: string
  holds: (row: Record<string, unknown>) => boolean
}

const text = (maxLength = 200): FieldType => ({ kind: 'text', maxLength })
const field = (
  type: FieldType,
  meaning: string,
  example: string,
  options: { required?: boolean; class?: FieldClass } = {},
): Field => ({
  type,
  meaning,
  example,
  required: options.required ?? false,
  class: options.class ?? 'public',
})

/** One of the seven drivers of the federal model (OMB Circular A-11, section 280): why somebody is satisfied or not. */
const driver = (says: string): Field =>
  field(
    { kind: 'integer', min: 1, max: 5 },
    `"${says}" From 1 (strongly disagree) to 5 (strongly agree). Empty: not answered.`,
    '4',
  )

/** How long a comment may be. */
export const commentCharacters = 4_000

/** What counts as an answer, beside a rating. */
export const drivers = {
  effectiveness: driver('My need was addressed.'),
  ease: driver('It was easy to complete what I needed to do.'),
  speed: driver('It took a reasonable amount of time.'),
  transparency: driver('I understood what was asked of me throughout.'),
  humanity: driver('I was treated with respect.'),
  employee: driver('The people I dealt with were helpful.'),
  trust: driver('This increased my trust in who provides the service.'),
} satisfies Record<string, Field>

const who = {
  source: field(text(), 'The system the row comes from. Two systems may use the same ids.', 'permit-system', {
    required: true,
  }),
  service: field(
    text(),
    'What the resident asked for: a service id of the configuration.',
    'building-permits',
    {
      required: true,
    },
  ),
  department: field(text(), 'Who answers for it. Empty: the department of the service.', 'planning'),
  district: field(text(), 'Part of the city.', 'north', { class: 'quasi-identifier' }),
  channel: field(text(), 'How it came in.', 'online'),
  team: field(text(), 'Who worked on it: a team, never a person.', 'plan-review-1'),
} satisfies Record<string, Field>

const version = {
  recorded_at: field(
    { kind: 'time' },
    'When the source wrote this version of the row. Of two versions the later one counts. Empty: the order of arrival counts.',
    '2026-03-02T10:15:00Z',
  ),
  deleted: field({ kind: 'flag' }, 'The source has withdrawn the row.', 'false'),
} satisfies Record<string, Field>

export const streams = {
  case_events: {
    name: 'case_events',
    rules: [],
    meaning: 'Something that happened to one request of one resident at a moment.',
    key: ['source', 'case_id', 'event_id'],
    time: 'time',
    fields: {
      ...who,
      case_id: field(text(), 'The id of the request in its source.', 'BP-2026-00417', {
        required: true,
        class: 'quasi-identifier',
      }),
      event_id: field(
        text(),
        'The id of the event within its case. Empty: made from activity, lifecycle, time and repetition.',
        'E-3',
        { class: 'quasi-identifier' },
      ),
      subtype: field(text(), 'A kind within the service.', 'new house'),
      activity: field(text(1_000), 'What happened.', 'Plan review', { required: true }),
      lifecycle: field(
        {
          kind: 'code',
          values: [
            'complete',
            'start',
            'schedule',
            'assign',
            'suspend',
            'resume',
            'withdraw',
            'ate_abort',
            'other',
          ],
        },
        'Which moment of the activity this is. Empty: complete.',
        'complete',
      ),
      time: field({ kind: 'time' }, 'When it happened.', '2026-03-02T10:15:00Z', { required: true }),
      clock: field(
        { kind: 'code', values: ['start', 'pause', 'resume', 'stop'] },
        'What the event does to the clock that counts against the service standard.',
        'start',
      ),
      reason: field(text(), 'Why the clock was paused or the event happened.', 'waiting for applicant'),
      outcome: field(text(), 'How the case ended.', 'granted'),
      due_at: field({ kind: 'time' }, 'What was promised for this very case.', '2026-03-16T23:59:59Z'),
      claimed: field(text(40), "The source's own verdict on time, kept to compare with.", 'ONTIME'),
      seq: field(
        { kind: 'integer', min: 0 },
        'Order of events with equal times. Empty: the order of the rows.',
        '3',
      ),
      ...version,
    },
  },
  wait_times: {
    name: 'wait_times',
    rules: [
      {
        field: 'wait',
        rule: 'not_negative',
        reason: 'wait is negative: only a delay against a timetable can be early.',
        broken: "t_kind != 'delay' AND ifNull(v_wait, 0) < 0",
        holds: ({ kind, wait }) => kind === 'delay' || !(Number(wait) < 0),
      },
    ],
    meaning: 'How long one person waited once: at a counter, on the phone, for a bus.',
    key: ['source', 'wait_id'],
    time: 'asked_at',
    fields: {
      ...who,
      wait_id: field(text(), 'The id of the wait in its source.', 'T-20260302-118', {
        required: true,
        class: 'quasi-identifier',
      }),
      asked_at: field(
        { kind: 'time' },
        'When the wait began; for a bus, when it was due.',
        '2026-03-02T10:15:00Z',
        {
          required: true,
        },
      ),
      wait: field(
        { kind: 'seconds', min: -86_400, max: 31_536_000 },
        'Seconds waited; for a delay, early is negative. Empty when nobody was served.',
        '540',
      ),
      kind: field(
        { kind: 'code', values: ['wait', 'delay'] },
        'A wait in a queue or a delay against a timetable.',
        'wait',
      ),
      status: field(
        { kind: 'code', values: ['served', 'abandoned', 'skipped', 'cancelled'] },
        'How the wait ended. Empty: served.',
        'served',
      ),
      case_id: field(text(), 'The request it belongs to, if there is one.', 'BP-2026-00417', {
        class: 'quasi-identifier',
      }),
      ...version,
    },
  },
  outcomes: {
    name: 'outcomes',
    rules: [
      {
        field: 'no_opinion',
        rule: 'without_rating',
        reason: 'no_opinion is set although there is a rating: only one of them can be.',
        broken: "t_no_opinion IN ('true', '1', 'yes') AND t_rating != ''",
        holds: ({ no_opinion, rating }) =>
          ![true, 'true', '1', 'yes'].includes(no_opinion as string) || String(rating ?? '') === '',
      },
    ],
    meaning: 'How it ended for the resident, and what the resident said of it.',
    key: ['source', 'outcome_id'],
    time: 'at',
    fields: {
      ...who,
      outcome_id: field(text(), 'The id of the row in its source.', 'F-88211', {
        required: true,
        class: 'quasi-identifier',
      }),
      at: field({ kind: 'time' }, 'When it ended or was answered.', '2026-03-20T09:00:00Z', {
        required: true,
      }),
      case_id: field(text(), 'The request it belongs to, if known.', 'BP-2026-00417', {
        class: 'quasi-identifier',
      }),
      outcome: field(text(), 'How it ended.', 'granted'),
      intended: field(
        { kind: 'code', values: ['yes', 'no'] },
        'Whether the resident got what the service is for. A proper "not eligible" counts as yes. Empty: told by the class that the configuration gives the outcome, if any.',
        'yes',
      ),
      offered: field(
        { kind: 'flag' },
        'Whether feedback was asked for. Empty: yes when there is any answer.',
        'true',
      ),
      rating: field(
        { kind: 'integer', min: 1, max: 5 },
        'Satisfaction from 1 (very dissatisfied) to 5 (very satisfied). Empty: no answer.',
        '4',
      ),
      no_opinion: field(
        { kind: 'flag' },
        'Answered, but without an opinion ("don\'t know", "neither" where the scale has it apart). Counts as an answer, never in the share satisfied.',
        'false',
      ),
      ...drivers,
      recommend: field(
        { kind: 'integer', min: 0, max: 10 },
        'How likely they are to recommend it, from 0 to 10.',
        '9',
      ),
      thumbs: field(
        { kind: 'code', values: ['up', 'down'] },
        'Where only a thumb was asked for. Never turned into a rating: two answers are no five.',
        'up',
      ),
      comment: field(
        text(commentCharacters),
        'In their own words. Names, addresses, numbers and links are taken out before it is stored.',
        'The clerk was kind but I had to come three times.',
        { class: 'free text' },
      ),
      language: field(text(35), 'The language of the comment as a BCP 47 tag. Empty: unknown.', 'en'),
      respondent: field(text(), 'One respondent counts once. Stored as a keyed hash.', 'R-3321', {
        class: 'personal',
      }),
      ...version,
    },
  },
} as const satisfies Record<string, Stream>

export type StreamName = 'case_events' | 'wait_times' | 'outcomes'
export const streamNames = ['case_events', 'wait_times', 'outcomes'] as const satisfies readonly StreamName[]
