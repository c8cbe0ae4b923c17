import type { FlowAnswer } from '../answerTypes.ts'
import { formatCount, formatShare } from './format.ts'

type Stage = FlowAnswer['stages'][number]
type Totals = Pick<FlowAnswer['cases'], 'backlog' | 'weeks_to_clear'>

const busyWords = {
  ok: '',
  amber: ' (amber: little is left for busy days)',
  red: ' (red: more than they were there for)',
} as const

/** How long the backlog takes to clear. */
export function clearWords({ backlog, weeks_to_clear }: Totals): string {
  if (backlog < 0.5) return ''
  if (weeks_to_clear === null) return 'Nothing left in this time, so it does not clear.'
  const weeks = Math.round(weeks_to_clear)
  const time =
    weeks < 1 ? 'less than a week' : weeks === 1 ? 'about a week' : `about ${formatCount(weeks)} weeks`
  return `If nothing more came, it would clear in ${time} at the pace of this time.`
}

/** How busy a stage was, and what to keep in mind when reading it. */
export function stateWords({
  utilisation,
  backlog_expected,
  little,
}: Pick<Stage, 'utilisation' | 'backlog_expected' | 'little'>): string {
  return [
    utilisation &&
      `Its teams worked ${formatShare(utilisation.share)} of their hours${busyWords[utilisation.status]}.`,
    backlog_expected >= 0.5 &&
      `About ${formatCount(Math.round(backlog_expected))} of them are counted here because cases like them usually come here next.`,
    little.unstable &&
      'What came and left does not balance with the time cases stay: it was filling, emptying, or its times are not complete.',
  ]
    .filter(Boolean)
    .join(' ')
}
