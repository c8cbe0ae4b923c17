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

/** An equation that everybody knows: the parts add up to the total. */
export type Sum = { total: string; parts: readonly string[] }

/** What outsiders see of a cell. A hidden cell does not tell whether it is small itself or hides another. */
export type Shown = { hidden: false; value: number } | { hidden: true }

/** What was said of the same cells in releases that are public already. */
export type Earlier = ReadonlyMap<string, readonly Shown[]>
