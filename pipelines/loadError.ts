/** What stopped a load, in one clear sentence for the person who started it. */
export class LoadError extends Error {
  override name = 'LoadError'
}

/** A load failed while it was being made visible: it is to be tried until it is complete, and cannot be cancelled any more. */
export class HalfPublishedError extends LoadError {}
