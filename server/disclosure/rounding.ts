import type { Profile } from '../releases/published.ts'
import type { Shown } from './cells.ts'

/** From `low` to `high`, both inclusive. */
export type Range = readonly [low: number, high: number]

/** To the nearest multiple of the base, halves up; what is not zero never becomes zero. */
export function rounded(value: number, base: number): number {
  return value === 0 ? 0 : Math.max(base, base * Math.floor(value / base + 0.5))
}

/** The whole numbers a shown value may stand for. Zero is zero: what would be rounded to it is hidden or rounded up. */
export function meaning(shown: Extract<Shown, { hidden: false }>, profile: Profile): Range {
  const { value } = shown
  if (value === 0) return [0, 0]
  // a number that is no multiple was not rounded
  const base = shown.base ?? (value % profile.base === 0 ? profile.base : 1)
  const high = value + Math.ceil(base / 2) - 1
  const nearest = value - Math.floor(base / 2)
  const low = Math.max(profile.k, value === base ? 1 : nearest)
  // shown under an earlier, weaker rule
  return low > high ? [Math.max(1, nearest), high] : [low, high]
}

export const fits = (shown: Shown, value: number, profile: Profile): boolean => {
  if (shown.hidden) return false
  const [low, high] = meaning(shown, profile)
  return low <= value && value <= high
}
