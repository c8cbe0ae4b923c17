/** A report cannot be made as asked, now or later; the message says why and how to mend it. */
export class ReportError extends Error {
  override name = 'ReportError'
}

/** It cannot be made at this moment, and may be by itself a while later. */
export class NotNowError extends ReportError {
  override name = 'NotNowError'
}
