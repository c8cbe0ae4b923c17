import { ProblemError } from '../errors.ts'

/** The answer where a deed cannot be written down: what was asked for is not shown. */
export const notNoted = () =>
  new ProblemError(
    503,
    {
      kind: 'not-noted',
      title: 'The audit cannot be written',
      detail:
        'What you ask for is written down in the audit, and that is not possible just now, so it is not shown. Try again in a few seconds; a change may have been made already.',
    },
    { 'Retry-After': '2' },
  )
