/**
 * Chooses whose turn it is: always the department that has the least under way, of equals the one that was served longest ago. `waiting` has
 * the oldest first; `underWay` the departments of what is being made already.
 */
export function fairly<T>(
  waiting: readonly T[],
  departmentOf: (one: T) => string,
  room: number,
  { underWay, served }: { underWay: readonly string[]; served: Map<string, number> },
): T[] {
  const lines = new Map<string, T[]>()
  for (const one of waiting) {
    const line = lines.get(departmentOf(one))
    if (line) line.push(one)
    else lines.set(departmentOf(one), [one])
  }
  const load = new Map<string, number>()
  for (const department of underWay) load.set(department, (load.get(department) ?? 0) + 1)
  let turn = Math.max(0, ...served.values())
  const chosen: T[] = []
  while (chosen.length < room && lines.size > 0) {
    const [next] = [...lines.keys()].sort(
      (a, b) =>
        (load.get(a) ?? 0) - (load.get(b) ?? 0) ||
        (served.get(a) ?? 0) - (served.get(b) ?? 0) ||
        (a < b ? -1 : 1),
    )
    const line = lines.get(next ?? '')
    const one = line?.shift()
    if (next === undefined || line === undefined || one === undefined) break
    if (line.length === 0) lines.delete(next)
    chosen.push(one)
    load.set(next, (load.get(next) ?? 0) + 1)
    turn += 1
    served.set(next, turn)
  }
  return chosen
}
