/** A report cannot be made as asked; the message says why and how to mend it. */
export class ReportError extends Error {
  override name = 'ReportError'
}

/** A report asks for more time or memory than one may take: it will the next time too. */
export class TooMuchError extends ReportError {}
