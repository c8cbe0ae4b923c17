/** A release cannot be made as asked; the message says why and what to do. */
export class ReleaseError extends Error {
  override name = 'ReleaseError'
}
