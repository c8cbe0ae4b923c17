import { type Makers, StepError } from './desk.ts'

const missing = async (): Promise<never> => {
  throw new StepError('This build of Clearway holds no maker of releases.')
}

export const makers: Makers = {
  freeze: missing,
  disclose: missing,
  releaseFiles: missing,
  siteFiles: missing,
  compare: missing,
  revisionSize: async () => [],
}
