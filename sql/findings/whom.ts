import { smallestSet, surprise } from '../decompose.ts'
import type { Beside, Share } from './price.ts'
import { grouped, sum } from './sign.ts'
import { hangingTogether } from './step.ts'

/** Whom a change hits: the fewest values of one dimension that have four fifths of its hours, and far fewer of the cases. */
export type Whom = {
  dimension: string
  values: string[]
  /** Their part of the hours (where more come, or come back: of the visits added), and of the cases before it; from 0 to 1. */
  share: number
  usual_share: number
}

/** A value of a dimension, week by week. */
export type Group = { dimension: string; value: string; weeks: readonly Beside[] }
type Change = { at: number; inPeriod: Share; of: 'hours' | 'cases' }
/** Cases of a week before the change, and what there was above the earlier level, by the week's number: before, and in the period since. */
type Part = { value: string; usual: number; calm: Map<number, number>; extra: Map<number, number> }

/**
 * The dimension whose values surprise most by what they have of a change against what they have of all (Adtributor: Bhagwan et al., NSDI
 * 2014), with the fewest of them that make it. Null where none surely stands out: the change hits all groups much alike.
 */
export function whomOf(groups: readonly Group[], change: Change): Whom | null {
  const found = [...grouped(groups, ({ dimension }) => dimension)].flatMap(([dimension, values]) => {
    const parts = values.map((group) => partOf(group, change))
    const usual = sum(parts.map((part) => part.usual))
    // where others gained, the rest lost more than all together
    const lost = sum(parts.map(({ extra }) => Math.max(0, sum(extra.values()))))
    if (lost <= 0 || usual <= 0) return []
    const shares = parts.map((part) => {
      const share = Math.max(0, sum(part.extra.values())) / lost
      return { value: part.value, share, surprise: surprise(part.usual / usual, share) }
    })
    const set = smallestSet(shares)
    if (!set || set.values.length > parts.length / 2) return []
    const named = parts.filter(({ value }) => set.values.includes(value))
    const usual_share = sum(named.map((part) => part.usual)) / usual
    if (set.share < standingOut * usual_share || sureness(named, parts, usual_share) < surely) return []
    return [{ dimension, values: set.values, share: set.share, usual_share, surprise: set.surprise }]
  })
  const [first] = found.sort((a, b) => b.surprise - a.surprise)
  if (!first) return null
  const { surprise: _, ...whom } = first
  return whom
}

/** So many times as much of the change as of the cases, and by so many standard errors: some dozens of values are looked at. */
const standingOut = 1.5
const surely = 4

function partOf({ value, weeks }: Group, { at, inPeriod, of }: Change): Part {
  const before = weeks.filter(({ week }) => week < at)
  const usual = sum(before.map(({ came }) => came)) / Math.max(1, before.length)
  const above = ({ hours, expected, came }: Beside) => (of === 'hours' ? hours - expected : came - usual)
  const since = weeks.filter(({ week }) => week >= at && inPeriod(week) > 0)
  return {
    value,
    usual,
    calm: new Map(before.map((week) => [week.week, above(week)])),
    extra: new Map(since.map((week) => [week.week, inPeriod(week.week) * above(week)])),
  }
}

/** By how many standard errors some have more of a change than their part of the cases: the weeks before tell how that swings by itself. */
function sureness(named: readonly Part[], all: readonly Part[], usualShare: number): number {
  const surplus = (when: 'calm' | 'extra') => {
    const weeks = [...new Set(all.flatMap((part) => [...part[when].keys()]))].sort((a, b) => a - b)
    const of = (parts: readonly Part[], week: number) => sum(parts.map((part) => part[when].get(week) ?? 0))
    return weeks.map((week) => of(named, week) - usualShare * of(all, week))
  }
  const [calm, since] = [surplus('calm'), surplus('extra')]
  const spread = sum(calm.map((each) => each ** 2)) / Math.max(1, calm.length - 1)
  const hanging = hangingTogether(
    calm,
    calm.map(() => 1),
    0,
  )
  const error = Math.sqrt(spread * Math.max(1, since.length) * ((1 + hanging) / (1 - hanging)))
  return sum(since) / Math.max(error, 1e-9)
}
