/** Somebody asked for an id that does not exist. The message names it and what exists. */
export class UnknownIdError extends Error {
  override name = 'UnknownIdError'
}
