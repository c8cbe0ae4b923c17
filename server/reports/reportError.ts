/** A report cannot be made as asked; the message says why and how to mend it. */
export class ReportError extends Error {
  override name = 'ReportError'
}
