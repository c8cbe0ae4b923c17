import type { z } from 'zod'
import type { reworkAnswer, variantsAnswer } from '../answers.ts'
import { formatCount, formatHours, formatShare, formatValue } from './format.ts'

export type Variants = z.infer<typeof variantsAnswer>
export type Variant = Variants['variants'][number]
export type Rework = z.infer<typeof reworkAnswer>

const longest = 12

/** A way in words: an activity that follows itself is told once, a long way is cut in the middle. */
export function wayWords(path: readonly string[]): string {
  const told: string[] = []
  for (let at = 0; at < path.length; ) {
    let times = 1
    while (path[at + times] === path[at]) times += 1
    told.push(times === 1 ? (path[at] ?? '') : `${path[at]} (${times} times)`)
    at += times
  }
  const left = told.length - longest
  const shown = left > 1 ? [...told.slice(0, 8), `${left} more steps`, ...told.slice(-4)] : told
  return shown.join(' → ')
}

/** "144 of 504 closed cases (29%) took it, half of them within 28 days"; of all cases where none is closed. */
export function happyWords(way: Variant, all: Pick<Variants, 'cases' | 'open_cases'>): string {
  const closed = all.cases - all.open_cases
  const [some, of] = closed > 0 ? [way.cases - way.open_cases, closed] : [way.cases, all.cases]
  return `${formatCount(some)} of ${formatCount(of)} ${closed > 0 ? 'closed ' : ''}${of === 1 ? 'case' : 'cases'} (${formatShare(some / of)}) took it, half of them within ${formatHours(way.median_s / 3600)}`
}

/** Days of many people added up: "1,900 days", "2.5 days". */
export const formatDays = (days: number) => formatValue(days, 'days')

const casesWord = (count: number) => (count === 1 ? '1 case' : `${formatCount(count)} cases`)

/** What was done again, in sentences, the dearest first. */
export function reworkSentences({ loops, ping_pong }: Rework, teamName: (id: string) => string): string[] {
  const again = loops
    .slice(0, 3)
    .map(
      (loop) =>
        `${casesWord(loop.cases)} came back to ${loop.activity}; that cost ${formatDays(loop.extra_days)}.`,
    )
  const [pair] = ping_pong.pairs
  return pair
    ? [
        ...again,
        `${casesWord(pair.cases)} went from ${teamName(pair.team)} to ${teamName(pair.via)} and straight back; that cost ${formatDays(pair.extra_days)}.`,
      ]
    : again
}
