import type { Makers } from './desk.ts'
import { ReleaseError } from './releaseError.ts'

const missing = async (): Promise<never> => {
  throw new ReleaseError('This build of Clearway holds no maker of releases.')
}

export const makers: Makers = {
  freeze: missing,
  disclose: missing,
  releaseFiles: missing,
  siteFiles: missing,
  compare: missing,
  revisionSize: async () => [],
}
