/** What a wait is made of. The order is that of precedence: a moment belongs to the first that holds. */
export const causes = {
  applicant: {
    label: 'Waiting for the applicant',
    said: 'waiting for the applicant',
    means: 'The clock was paused for a reason that names the applicant.',
  },
  third_party: {
    label: 'Waiting for third parties',
    said: 'waiting for third parties',
    means: 'The clock was paused for a reason that names somebody outside.',
  },
  stopped: {
    label: 'Stopped by us',
    said: 'stopped by us',
    means: 'The clock was paused for any other reason.',
  },
  closed: {
    label: 'Outside working hours',
    said: 'nights, weekends and holidays',
    means: 'The calendar of the service was closed: nights, weekends, holidays.',
  },
  batching: {
    label: 'Waiting for the batch',
    said: 'waiting for the rest of a batch',
    means:
      'From when the work before the batch was begun until the last of the batch was ready. A batch: three or more cases that were ready before the first of them was begun (where no starts are told: completed), each within 15 working minutes of the one before.',
  },
  contention: {
    label: 'In the queue',
    said: 'in the queue',
    means:
      'The team was at work on cases that were ready before this one. A moment with several cases in hand is shared equally among them.',
  },
  prioritisation: {
    label: 'Overtaken by later cases',
    said: 'overtaken by later cases',
    means: 'The team was at work on cases that were ready after this one: their share of the work in hand.',
  },
  undivided: {
    label: 'Queue or work, not told apart',
    said: 'in the queue or in work',
    means: 'The source tells when work ended but not when it began.',
  },
  unexplained: {
    label: 'Not explained',
    said: 'not explained',
    means: 'Within working hours, and nobody of the team was at work on any case, as far as is told.',
  },
} as const
export type Cause = keyof typeof causes
export const causeIds = Object.keys(causes) as [Cause, ...Cause[]]
