import { ReportError } from '../reportError.ts'

/** A sheet holds 1,048,576 rows, the header one of them. */
export const mostRows = 1_048_575

export const tooLong = () =>
  new ReportError(
    'The table has more than 1,048,575 rows, and a sheet has no room for more: choose CSV, Parquet or NDJSON, a shorter period or fewer filters.',
  )
