import type { Profile } from '../releases/published.ts'

/** One number about people that is to be published. */
export type Cell = {
  /** Stable between releases: measure and place, like `received|building-permits|north|2026-Q2`. */
  id: string
  /** A count of people or cases; with `largest`, a sum of amounts. */
  value: number
  profile: Profile
  /** Of a sum of amounts: how many give to it, and the two largest contributions. */
  amounts?: { n: number; largest: readonly [number, number] }
}

/**
 * An equation that everybody knows: the parts add up to the total; what stands in `less` goes off (open = open before + received - closed).
 * `share`: the parts are numerator and rest of a share that is published; when one of them is small, both are hidden.
 */
export type Sum = { total: string; parts: readonly string[]; less?: readonly string[]; share?: true }

/**
 * What outsiders see of a cell. A hidden cell does not tell whether it is small itself or hides another.
 * `frozen`: it repeats what an earlier release said although the count has become one to be hidden; never published as a mark.
 * `base`: what it was rounded to, when that was not the base of its profile of now.
 */
export type Shown = { hidden: false; value: number; frozen?: true; base?: number } | { hidden: true }

/** What was said of the same cells in releases that are public already, the oldest first. */
export type Earlier = ReadonlyMap<string, readonly Shown[]>
