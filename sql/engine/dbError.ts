export type DbErrorCode = 'ENGINE_GONE' | 'LOCKED' | 'DAMAGED' | 'NO_ENGINE' | 'REFUSED'

/** The store cannot be used. The message is one sentence for the person in front of the screen. */
export class DbError extends Error {
  override name = 'DbError'
  readonly code: DbErrorCode

  constructor(message: string, options: { cause?: unknown; code?: DbErrorCode } = {}) {
    super(message, { cause: options.cause })
    this.code = options.code ?? 'REFUSED'
  }
}
