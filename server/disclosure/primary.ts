import type { Cell, Sum } from './cells.ts'

/** Why a cell is hidden for its own sake. */
export type Primary = 'small' | 'dominated' | 'full'

/** Two contributions that make more than this share of a sum dominate it (nk rule of ACRO). */
const dominantShare = 0.9
/** The second largest contributor must not know the largest closer than this share of it (p % rule). */
const closeness = 0.1

/** Cells that may not be shown, whatever stands around them. */
export function primaryCells(cells: readonly Cell[], sums: readonly Sum[]): Map<string, Primary> {
  const found = new Map<string, Primary>()
  for (const cell of cells) {
    const n = cell.amounts ? cell.amounts.n : cell.value
    if (n > 0 && n < cell.profile.k) found.set(cell.id, 'small')
    else if (cell.amounts && dominated(cell.value, cell.amounts.largest)) found.set(cell.id, 'dominated')
  }
  for (const id of everybodyOrNobody(cells, sums)) if (!found.has(id)) found.set(id, 'full')
  return found
}

function dominated(sum: number, [first, second]: readonly [number, number]): boolean {
  return sum > 0 && (first + second > dominantShare * sum || sum - first - second < closeness * first)
}

/** Where zeros tell: cells with everybody of their group, and those with nobody of a group that has members. */
function everybodyOrNobody(cells: readonly Cell[], sums: readonly Sum[]): string[] {
  const byId = new Map(cells.map((cell) => [cell.id, cell]))
  const countOf = (id: string) => byId.get(id)?.value ?? 0
  const totalsOf = new Map<string, string[]>()
  const full = new Set<string>()
  for (const { total, parts, less } of sums) {
    if (less?.length || parts.length < 2) continue
    for (const part of parts) {
      totalsOf.set(part, [...(totalsOf.get(part) ?? []), total])
      if (countOf(total) > 0 && countOf(part) === countOf(total)) full.add(part)
    }
  }
  const told = new Map<string, boolean>()
  /** A zero may be shown when it follows from a zero that is shown, or is a total of nothing. */
  const zeroShown = (id: string): boolean => {
    const known = told.get(id)
    if (known !== undefined) return known
    const totals = totalsOf.get(id) ?? []
    const shown =
      byId.get(id)?.profile.zeros_tell !== true ||
      totals.length === 0 ||
      totals.some((total) => countOf(total) === 0 && zeroShown(total))
    told.set(id, shown)
    return shown
  }
  return cells
    .filter(({ id, value, profile }) => profile.zeros_tell && (value === 0 ? !zeroShown(id) : full.has(id)))
    .map(({ id }) => id)
}
