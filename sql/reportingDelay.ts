/** Rows by age in whole days: ages and, beside them, rows. */
export type RowsByAge = readonly [ages: readonly number[], rows: readonly number[]]

/** Fewer rows than this, or days with rows, tell nothing about delay. */
export const fewest = { rows: 50, days: 5 }
const longestDelay = 60

/**
 * Share of the final rows of a day that is known `k` days after it, for k = 0, 1, … up to the longest delay seen (at most 60
 * days), which counts as all. `arrived` are rows by their age when they arrived; `days` the same rows by the age their day has
 * now. Null when there is too little to tell.
 *
 * Chain ladder in its reverse-hazard form, which stands days on which nothing is known at first. Of the rows known k days after
 * days that are at least k days old, g(k) is the share that arrived exactly then; F(k) = (1 - g(k+1)) (1 - g(k+2)) …
 * The days still filling count for the delays they have been seen for (Kalbfleisch and Lawless 1989; Mack 1993 for run-off
 * triangles). Days on which more was withdrawn than arrived count as none arrived.
 */
export function delayCurve(arrived: RowsByAge, days: RowsByAge): number[] | null {
  const at = rowsAt(arrived)
  const ofDays = rowsAt(days)
  const total = arrived[1].reduce((sum, rows) => sum + rows, 0)
  if (total < fewest.rows || ofDays.size < fewest.days) return null
  const longest = Math.min(longestDelay, Math.max(0, ...at.keys()))
  const hazards: number[] = []
  let known = 0
  for (let age = 0; age <= longest; age += 1) {
    const arriving = at.get(age) ?? 0
    // days younger than this age have not been seen at it
    known += arriving - (ofDays.get(age - 1) ?? 0)
    hazards.push(known > 0 ? Math.min(1, Math.max(0, arriving / known)) : 0)
  }
  const curve: number[] = [1]
  for (let age = longest; age > 0; age -= 1) curve.unshift((curve[0] ?? 1) * (1 - (hazards[age] ?? 0)))
  return curve
}

/** The share of a day's rows that is known at its age in days; a day that is still to come has none. */
export const knownShare = (curve: readonly number[], age: number): number => (age < 0 ? 0 : (curve[age] ?? 1))

function rowsAt([ages, rows]: RowsByAge): Map<number, number> {
  const found = new Map<number, number>()
  for (const [index, age] of ages.entries()) if (rows[index]) found.set(age, rows[index])
  return found
}
