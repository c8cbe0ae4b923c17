import type { Profile } from '../releases/published.ts'

/** One line of a table, like a service in a quarter: how many in each category. */
export type Line = { profile: Profile; counts: Readonly<Record<string, number>> }

/** What is public already of these categories. */
export type PublishedCategories = {
  /** Those that stand in earlier releases by themselves: to merge them now would hide nothing. */
  apart: readonly string[]
  /** What was merged; it stays. */
  merged: readonly string[]
}

/** Merging must hide at most this share of what is hidden without it. */
const clearlyLess = 0.5

/**
 * Which categories (districts, channels, outcomes) become one "Other ...": none, or two and more, since a single one under another name is no protection. The
 * smallest ones, as few as suffice, when that hides clearly less and no fewer figures are left to read. What was published by itself stays apart; what was
 * published merged stays merged, and none joins it later: either would be found by subtraction.
 */
export function mergedCategories(
  categories: readonly string[],
  lines: readonly Line[],
  published: PublishedCategories = { apart: [], merged: [] },
): string[] {
  const kept = categories.filter((one) => published.merged.includes(one))
  // what was published stays as it was: another member would be found by subtraction
  if (kept.length > 0) return kept.length > 1 ? kept : []
  const apart = new Set(published.apart)
  const total = (category: string) => lines.reduce((sum, { counts }) => sum + (counts[category] ?? 0), 0)
  const smallest = categories
    .filter((one) => !apart.has(one))
    .sort((a, b) => total(a) - total(b) || (a < b ? -1 : 1))
  const now = readable(categories, lines, [])
  for (let size = 2; size < Math.min(smallest.length + 1, categories.length); size++) {
    const some = smallest.slice(0, size)
    const then = readable(categories, lines, some)
    if (then.hidden <= clearlyLess * now.hidden && then.shown >= now.shown && now.hidden > 0)
      return categories.filter((one) => some.includes(one))
  }
  return []
}

/** How many figures are small, and how many people would read, if the given categories were one. A small one alone in its line takes another with it. */
function readable(categories: readonly string[], lines: readonly Line[], merged: readonly string[]) {
  let [hidden, shown] = [0, 0]
  for (const { counts, profile } of lines) {
    const alone = categories.filter((one) => !merged.includes(one)).map((one) => counts[one] ?? 0)
    const together = merged.reduce((sum, one) => sum + (counts[one] ?? 0), 0)
    const figures = merged.length > 0 ? [...alone, together] : alone
    const small = figures.filter((count) => count > 0 && count < profile.k).length
    const needed = small === 1 && profile.base === 1 ? 2 : small
    hidden += needed
    shown += figures.filter((count) => count > 0).length - needed
  }
  return { hidden, shown }
}
