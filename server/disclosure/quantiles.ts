import type { Profile } from '../releases/published.ts'
import type { Shown } from './cells.ts'
import { meaning } from './rounding.ts'

/** A quantile must have so many people beyond it: p90 takes 50, p95 takes 100. */
const beyond = 5

/**
 * Whether a mean or a median may be shown beside its published count. A count that is hidden hides it too, also when it is hidden only for the sake of
 * others: a median beside it would tell that it is not small.
 */
export function averageMayBeShown(n: Shown, { k }: Profile): boolean {
  return !n.hidden && !n.frozen && n.value >= k
}

/**
 * Whether a quantile may be shown (0.9 for p90). Decided by the least the published count may mean, so that the decision tells nothing new of it. The least, the
 * most and the oldest are single people's and never shown.
 */
export function quantileMayBeShown(n: Shown, q: number, profile: Profile): boolean {
  if (n.hidden || n.frozen || q <= 0 || q >= 1) return false
  if (q === 0.5) return averageMayBeShown(n, profile)
  const [least] = meaning(n, profile)
  // 1 - 0.9 is a little less than 0.1 in binary
  return n.value >= profile.k && least * Math.min(q, 1 - q) > beyond - 1e-9
}
