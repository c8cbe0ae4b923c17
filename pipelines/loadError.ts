/** What stopped a load, in one clear sentence for the person who started it. */
export class LoadError extends Error {
  override name = 'LoadError'
}
