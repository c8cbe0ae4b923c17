import type { Profile } from '../releases/published.ts'
import type { Cell, Earlier } from './cells.ts'
import { rounded } from './rounding.ts'

/** People counted in one district of the earlier set and one of the new set, in a period that is public already. */
export type Overlap = { before: string; after: string; period: string; count: number; profile: Profile }

/** A new set of districts from which, beside the old one, few people could be told. */
export class SliverError extends Error {
  override name = 'SliverError'
  constructor(readonly slivers: readonly Overlap[]) {
    const named = slivers
      .slice(0, 3)
      .map(({ before, after, period }) => `${before} and ${after} in ${period}`)
    super(
      `The new districts cannot be used for periods that were published by the old ones: few people stand in both ${named.join('; ')}` +
        `${slivers.length > 3 ? `, and ${slivers.length - 3} more` : ''}, and whoever subtracts one table from the other would find them. ` +
        'Keep the old districts for these periods and use the new ones from the next period on, or draw the new borders along the old ones.',
    )
  }
}

/**
 * Refuses a new set of districts for periods published before, unless each overlap of an old and a new district is nobody or at least k: all that can be reckoned
 * from both sets is made of such overlaps. A district that is the same in both sets tells nothing new.
 */
export function refuseSlivers(overlaps: readonly Overlap[]): void {
  const slivers = overlaps.filter(
    (one) => one.count > 0 && one.count < one.profile.k && !unchanged(one, overlaps),
  )
  if (slivers.length > 0) throw new SliverError(slivers)
}

const unchanged = (one: Overlap, all: readonly Overlap[]) =>
  all.every(
    (other) =>
      other.count === 0 ||
      other.period !== one.period ||
      (other.before === one.before) === (other.after === one.after),
  )

/**
 * Cells whose figure of today beside the one published last would tell of a few people who came to it or left it since: both are exact (base 1) and differ by less than
 * k. Rounded figures differ by nothing or by a whole base, which leaves open how many it were.
 */
export function fewChanged(cells: readonly Cell[], earlier: Earlier): string[] {
  return cells
    .filter(({ id, value, profile }) => {
      const last = earlier.get(id)?.findLast((one) => !one.hidden)
      if (!last || last.hidden || (last.base ?? profile.base) > 1 || profile.base > 1) return false
      const by = Math.abs(rounded(value, profile.base) - last.value)
      return by > 0 && by < profile.k
    })
    .map(({ id }) => id)
}
