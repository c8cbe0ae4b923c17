import { addDays } from '../../../server/words/days.ts'
import { formatDay, formatPeriod } from '../../../server/words/format.ts'
import { findingWords } from '../../../server/words/words.ts'
import type { Finding } from '../../api.ts'
import { useMeta } from '../../filters.ts'

/** What a finding is called in an address: the same one after figures were loaded again, whatever its rank. */
export const findingKey = ({ kind, service, stage }: Finding) =>
  [kind, service, stage].filter((part) => part !== null).join('.')

/** Where it is, in a few words: "Plan review in building permits: too few hands". */
export function headline(finding: Finding, serviceName: string): string {
  const what = findingWords[finding.kind].name
  return finding.stage === null
    ? `${serviceName}: ${what.toLowerCase()}`
    : `${finding.stage} in ${serviceName.toLowerCase()}: ${what.toLowerCase()}`
}

/** The likeliest day on which it began, and the days on which it may have begun (about 95 %). */
export const sinceWords = ({ since, since_between: [first, last] }: Finding) => ({
  day: `About ${formatDay(since)}`,
  range: `most likely between ${formatPeriod({ from: first, until: addDays(last, 1) }).replace(' to ', ' and ')}`,
})

export const stagePath = (stage: string) => `/stages/${encodeURIComponent(stage)}`

/** The name of a value of a dimension. */
export function useSegmentName() {
  const meta = useMeta()
  return (dimension: string, value: string) => {
    const lists = { district: meta()?.districts, channel: meta()?.channels, team: meta()?.teams }
    const list = dimension in lists ? lists[dimension as keyof typeof lists] : undefined
    return list?.find(({ id }) => id === value)?.name ?? value
  }
}
