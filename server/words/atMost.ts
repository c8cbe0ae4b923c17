type Visits = { n: number; starts_told: number }

const isBounded = ({ n, starts_told }: Visits) => starts_told < n

/** A wait in words: where the start of the work is not told of every visit, it is at most so long. */
export const atMost = (visits: Visits, words: string): string =>
  isBounded(visits) ? `at most ${words}` : words

/** What "at most" means in a list of stages; empty where every start is told. */
export const atMostWords = (stages: readonly Visits[]): string =>
  stages.some(isBounded)
    ? 'Where a source does not tell when the work began, the wait is counted to the end of the work: it was at most so long.'
    : ''
