import type { Cell, Earlier, Shown, Sum } from './cells.ts'

/** Districts, or channels, of a period that was published by others. */
export type Regrouped = { by: string; service: string; period: string; gone: string[]; added: string[] }

/**
 * Periods that would be told in other districts (or channels) than they were: one that somebody was told of is told no more, or one that was not told has somebody
 * in it. Facts carry one district, so nobody knows how many stand between an old one and a new one; whoever subtracts one table from the other would. Who has no
 * district stated is no district: it goes and comes with corrections.
 */
export function regrouped(cells: readonly Cell[], earlier: Earlier): Regrouped[] {
  const groups = new Map<string, Regrouped & { told: Set<string>; now: Map<string, number> }>()
  const place = (id: string) => {
    const [count = '', service = '', part = '', period = ''] = id.split('|')
    const space = part.indexOf(' ')
    if (space < 0) return null
    const [by, name] = [part.slice(0, space), part.slice(space + 1)]
    const key = [count, service, by, period].join('|')
    const group = groups.get(key) ?? {
      ...{ by, service, period, gone: [], added: [] },
      ...{ told: new Set<string>(), now: new Map<string, number>() },
    }
    groups.set(key, group)
    return { group, name }
  }
  for (const { id, value } of cells) {
    const at = place(id)
    at?.group.now.set(at.name, value)
  }
  for (const [id, said] of earlier) {
    const at = place(id)
    if (!at) continue
    at.group.told.add(at.name)
    const isSomebody = said.some((one) => one.hidden || one.value > 0)
    if (isSomebody && at.name !== '' && at.group.now.size > 0 && !at.group.now.has(at.name))
      at.group.gone.push(at.name)
  }
  for (const { told, now, added } of groups.values())
    for (const [name, value] of now)
      if (told.size > 0 && value > 0 && name !== '' && !told.has(name)) added.push(name)
  return [...groups.values()]
    .filter(({ gone, added }) => gone.length + added.length > 0)
    .map(({ by, service, period, gone, added }) => ({ by, service, period, gone, added }))
}

/** A district with its outline, as it was declared; null where it has none. */
export type Outlined = { id: string; shape: readonly unknown[] | null }

/** Districts of the same id and other borders: a count by them is one of other people. What has no outline is taken as it was. */
export const moved = (now: readonly Outlined[], before: readonly Outlined[]): string[] => {
  const was = new Map(before.map(({ id, shape }) => [id, shape]))
  return now
    .filter(({ id, shape }) => shape && was.get(id) && JSON.stringify(shape) !== JSON.stringify(was.get(id)))
    .map(({ id }) => id)
}

/** A figure that is told exactly, as it was told and as it would be told now. */
export type Changed = { id: string; before: number; now: number }

/**
 * Figures that would tell of a few people who came to them or left them since: exact now and then, and less than k apart. So is the rest of a share.
 * Rounded figures differ by nothing or by a whole base, which leaves open how many it were.
 * `wasExact`: whether what was said of a cell was not rounded.
 */
export function fewChanged(
  cells: readonly Cell[],
  sums: readonly Sum[],
  shown: ReadonlyMap<string, Shown>,
  earlier: Earlier,
  wasExact: (cell: Cell) => boolean,
): Changed[] {
  const told = new Map<string, { before: number; now: number }>()
  for (const cell of cells) {
    const now = shown.get(cell.id)
    const last = earlier.get(cell.id)?.findLast((one) => !one.hidden)
    // what repeats what was said tells nothing new
    if (!now || now.hidden || now.frozen || !last || last.hidden) continue
    if (cell.profile.base === 1 && wasExact(cell)) told.set(cell.id, { before: last.value, now: cell.value })
  }
  for (const { total, parts, share } of sums) {
    const [whole, ...others] = [total, ...parts].map((id) => told.get(id))
    const [rest, another] = parts.filter((id) => !told.has(id))
    if (!share || !whole || rest === undefined || another !== undefined) continue
    const without = (when: 'before' | 'now') =>
      others.reduce((left, one) => left - (one?.[when] ?? 0), whole[when])
    told.set(rest, { before: without('before'), now: without('now') })
  }
  return cells.flatMap(({ id, profile }) => {
    const { before, now } = told.get(id) ?? { before: 0, now: 0 }
    const by = Math.abs(now - before)
    return by > 0 && by < profile.k ? [{ id, before, now }] : []
  })
}
