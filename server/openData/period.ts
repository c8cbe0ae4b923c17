/** The days of a period by its id (`2026-06`, `2026-Q2` or `2025-07/2026-06`): `from` inclusive, `until` exclusive. */
export function periodDays(id: string): { from: string; until: string } {
  const [first, last = first] = id.split('/') as [string, string?]
  return { from: startOf(first, 0), until: startOf(last, 1) }
}

/** First day of the month or quarter, or of the one that comes after so many. */
function startOf(part: string, later: number): string {
  const found = /^(\d{4})-(?:Q([1-4])|(0[1-9]|1[0-2]))$/.exec(part)
  if (!found) throw new Error(`A period must be like 2026-06, 2026-Q2 or 2025-07/2026-06, not ${part}.`)
  const [, year, quarter, month] = found
  const index = quarter ? 3 * (Number(quarter) - 1 + later) : Number(month) - 1 + later
  return new Date(Date.UTC(Number(year), index, 1)).toISOString().slice(0, 10)
}
