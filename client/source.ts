import { formatDay, formatPeriod } from '../server/words/format.ts'
import { provisionalWords } from '../server/words/provisional.ts'
import type { Kpis } from './api.ts'
import { useMeta } from './filters.ts'

type Known = Pick<Kpis, 'period' | 'as_of'> & { missing?: Kpis['missing'] }

/** The line under a chart: where the figures come from, for when, how fresh they are, and what they still miss. */
export function sourceLine({ period, as_of, missing = [] }: Known): string {
  const until = as_of ? `, data to ${formatDay(as_of)}` : ''
  const provisional = provisionalWords(missing, useMeta()()?.services ?? [])
  return `Source: the registers loaded into Clearway. ${formatPeriod(period)}${until}.${provisional && ` ${provisional}`}`
}
