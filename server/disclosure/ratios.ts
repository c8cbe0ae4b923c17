import type { Profile } from '../releases/published.ts'
import type { Shown } from './cells.ts'

/** Where zeros tell, shares beyond these ends are shown as "more than 95 %" and "less than 5 %". */
const coded = { bottom: 0.05, top: 0.95 }

/** A share, or why there is none. `coded`: it is beyond what is told, and `value` is the end. */
export type ShareShown =
  | { hidden: false; value: number; coded: 'top' | 'bottom' | null }
  | { hidden: true }
  | { hidden: false; value: null; coded: null }

/**
 * A share from its published, rounded parts only, so that it says nothing they do not say. Numerator and rest of a share are parts of a sum with `share: true`:
 * `protect` hides both when one of them is small, and with them the share. Without anybody there is no share (value null).
 */
export function shareShown(numerator: Shown, denominator: Shown, profile: Profile): ShareShown {
  if (numerator.hidden || denominator.hidden || numerator.frozen || denominator.frozen)
    return { hidden: true }
  if (denominator.value === 0) return { hidden: false, value: null, coded: null }
  // each is rounded on its own, and the numerator may come out larger
  const value = Math.min(1, numerator.value / denominator.value)
  if (profile.zeros_tell && value > coded.top) return { hidden: false, value: coded.top, coded: 'top' }
  if (profile.zeros_tell && value < coded.bottom)
    return { hidden: false, value: coded.bottom, coded: 'bottom' }
  return { hidden: false, value, coded: null }
}

/** The rule by itself, on exact counts: whether a share tells of fewer than k on either side. */
export function shareIsSafe(numerator: number, denominator: number, { k }: Profile): boolean {
  const few = (count: number) => count > 0 && count < k
  return denominator >= k && !few(numerator) && !few(denominator - numerator)
}
