import { formatDay, formatPeriod } from './format.ts'

/** The line under a chart: where the figures come from, for when, and how fresh they are. */
export const sourceLine = (answer: { period: { from: string; until: string }; as_of: string | null }) =>
  `Source: the registers loaded into Clearway. ${formatPeriod(answer.period)}${
    answer.as_of ? `, data to ${formatDay(answer.as_of)}` : ''
  }.`
