import type { ProcessMapAnswer } from '../answerTypes.ts'

export type MapEdge = ProcessMapAnswer['edges'][number]
export type MapNode = ProcessMapAnswer['nodes'][number]

export type PlacedNode = MapNode & { x: number; y: number; width: number; height: number; lines: string[] }
export type PlacedEdge = MapEdge & {
  path: string
  /** Stroke in pixels, by how often the path is taken. */
  width: number
  /** 1 (short wait) to 5 (long wait) of the sequential colours. */
  step: number
  label: { x: number; y: number }
}
export type PlacedMap = { nodes: PlacedNode[]; edges: PlacedEdge[]; width: number; height: number }

const box = { width: 178, height: 64 }
const gap = { x: 34, y: 74 }
const dummy = 26

/** The fewest paths, busiest first, that cover at least this share (0 to 1) of all moves; always one. */
export function busiest(edges: readonly MapEdge[], share: number): MapEdge[] {
  const sorted = [...edges].sort(
    (a, b) => b.frequency - a.frequency || a.from.localeCompare(b.from) || a.to.localeCompare(b.to),
  )
  const all = sorted.reduce((sum, edge) => sum + edge.frequency, 0)
  const kept: MapEdge[] = []
  let covered = 0
  for (const edge of sorted) {
    if (kept.length > 0 && covered >= share * all - 1e-9) break
    kept.push(edge)
    covered += edge.frequency
  }
  return kept
}

/** So many activities can be drawn; the table has all of them. */
const mostActivities = 60

/**
 * What of a map is drawn: the busiest ways that cover at least this share (0 to 1) of all moves, and as many more as it takes
 * that every activity is reached from where cases begin, the busiest of them first. Of very many activities the rarest are left out.
 */
export function cutOff(nodes: readonly MapNode[], edges: readonly MapEdge[], share: number) {
  const shown = [...nodes]
    .sort((a, b) => b.cases - a.cases || a.activity.localeCompare(b.activity))
    .slice(0, mostActivities)
  const known = new Set(shown.map(({ activity }) => activity))
  const among = edges.filter(({ from, to }) => known.has(from) && known.has(to))
  const kept = new Set(busiest(among, share))
  const reached = new Set(
    shown.filter(({ start_of_case }) => start_of_case > 0).map(({ activity }) => activity),
  )
  const spread = () => {
    for (let before = -1; before !== reached.size; ) {
      before = reached.size
      for (const { from, to } of kept) if (reached.has(from)) reached.add(to)
    }
  }
  spread()
  const byFrequency = busiest(among, 1)
  while (reached.size < shown.length) {
    const next = byFrequency.find(({ from, to }) => reached.has(from) && !reached.has(to))
    if (next) kept.add(next)
    // what nothing leads to, or a circle that no case begins in: the busiest activity is as good a beginning as any
    else reached.add(beginning(shown, among, reached))
    spread()
  }
  return { nodes: shown, edges: byFrequency.filter((edge) => kept.has(edge)) }
}

function beginning(
  nodes: readonly MapNode[],
  edges: readonly MapEdge[],
  reached: ReadonlySet<string>,
): string {
  const left = nodes.filter(({ activity }) => !reached.has(activity))
  const entered = new Set(edges.filter(({ from, to }) => from !== to).map(({ to }) => to))
  return (left.find(({ activity }) => !entered.has(activity)) ?? left[0])?.activity ?? ''
}

const wayOf = ({ from, to }: { from: string; to: string }) => JSON.stringify([from, to])

/** Two maps as one, to be laid out and cut off together: frequencies and cases are added, times are not. */
export function joined(sides: readonly MapSide[]): { nodes: MapNode[]; edges: MapEdge[] } {
  const nodes = new Map<string, MapNode>()
  const edges = new Map<string, MapEdge>()
  for (const side of sides) {
    for (const node of side.nodes) {
      const before = nodes.get(node.activity)
      nodes.set(node.activity, {
        ...node,
        cases: node.cases + (before?.cases ?? 0),
        start_of_case: node.start_of_case + (before?.start_of_case ?? 0),
      })
    }
    for (const edge of side.edges)
      edges.set(wayOf(edge), {
        ...edge,
        frequency: edge.frequency + (edges.get(wayOf(edge))?.frequency ?? 0),
      })
  }
  return { nodes: [...nodes.values()], edges: [...edges.values()] }
}

/** One of the maps that stand side by side: what is drawn in the places of all. */
export type MapSide = { nodes: readonly MapNode[]; edges: readonly MapEdge[]; cases: number }

/** A way in two maps; null where no case took it. Person-hours tell what the difference of the means comes to on the first side. */
export type WayDifference = {
  from: string
  to: string
  first: MapEdge | null
  second: MapEdge | null
  hours: number | null
}
/** With fewer moves on a side nothing is said of a difference. */
const fewestMoves = 10

/** The ways of two maps, the largest difference in waiting first, what is too few to compare last. */
export function differences(first: readonly MapEdge[], second: readonly MapEdge[]): WayDifference[] {
  const others = new Map(second.map((edge) => [wayOf(edge), edge]))
  const mine = new Set(first.map(wayOf))
  const rows = first.map((edge): WayDifference => {
    const other = others.get(wayOf(edge)) ?? null
    const enough = other && edge.frequency >= fewestMoves && other.frequency >= fewestMoves
    const hours = enough ? ((edge.mean_s - other.mean_s) * edge.frequency) / 3600 : null
    return { from: edge.from, to: edge.to, first: edge, second: other, hours }
  })
  const onlyThere = second.filter((edge) => !mine.has(wayOf(edge)))
  rows.push(
    ...onlyThere.map(({ from, to }) => {
      return { from, to, first: null, second: others.get(wayOf({ from, to })) ?? null, hours: null }
    }),
  )
  const size = ({ hours }: WayDifference) => (hours === null ? -1 : Math.abs(hours))
  const taken = (row: WayDifference) => (row.first?.frequency ?? 0) + (row.second?.frequency ?? 0)
  return rows.sort((a, b) => size(b) - size(a) || taken(b) - taken(a))
}

/** The moves of a way that a case takes, to be marked in the map. */
export const movesOf = (path: readonly string[]): Set<string> =>
  new Set(path.slice(1).map((to, at) => wayOf({ from: path[at] ?? '', to })))
export const isMove = (moves: ReadonlySet<string>, edge: { from: string; to: string }) =>
  moves.has(wayOf(edge))

/** Walks from where cases start, the busiest way first; a way back to where it came from is backward. The layer is the longest way down. */
function layers(names: readonly string[], edges: readonly MapEdge[], starts: ReadonlyMap<string, number>) {
  const busy = [...edges].sort((a, b) => b.frequency - a.frequency)
  const down = new Map<string, Set<string>>(names.map((name) => [name, new Set()]))
  const backward = new Set<MapEdge>()
  const open = new Set<string>()
  const done = new Set<string>()
  const visit = (name: string) => {
    open.add(name)
    for (const edge of busy) {
      if (edge.from !== name || edge.to === name) continue
      if (open.has(edge.to)) backward.add(edge)
      else {
        down.get(name)?.add(edge.to)
        if (!done.has(edge.to)) visit(edge.to)
      }
    }
    open.delete(name)
    done.add(name)
  }
  for (const name of [...names].sort((a, b) => (starts.get(b) ?? 0) - (starts.get(a) ?? 0)))
    if (!done.has(name)) visit(name)
  const rank = new Map<string, number>()
  const entering = new Map<string, number>(names.map((name) => [name, 0]))
  for (const targets of down.values()) for (const to of targets) entering.set(to, (entering.get(to) ?? 0) + 1)
  const ready = names.filter((name) => entering.get(name) === 0)
  for (const name of ready) rank.set(name, 0)
  while (ready.length > 0) {
    const name = ready.shift() ?? ''
    for (const to of down.get(name) ?? []) {
      rank.set(to, Math.max(rank.get(to) ?? 0, (rank.get(name) ?? 0) + 1))
      entering.set(to, (entering.get(to) ?? 1) - 1)
      if (entering.get(to) === 0) ready.push(to)
    }
  }
  return { rank, backward }
}

type Slot = { id: string; width: number; node?: MapNode; x: number; near: { slot: Slot; layer: number }[] }

/** Places the activities in layers and the paths between them, without a random draw: the same data, the same map. */
export const placeMap = (nodes: readonly MapNode[], edges: readonly MapEdge[]): PlacedMap =>
  placeMaps(nodes, edges, [{ nodes, edges, cases: 1 }])[0] ?? { nodes: [], edges: [], width: 0, height: 0 }

/** Maps with the same places and the same scales: everything has the place it has in the map of all `nodes` and `edges`. */
export function placeMaps(
  nodes: readonly MapNode[],
  edges: readonly MapEdge[],
  sides: readonly MapSide[],
): PlacedMap[] {
  const used = new Set(edges.flatMap(({ from, to }) => [from, to]))
  const shown = nodes.filter(({ activity, start_of_case }) => used.has(activity) || start_of_case > 0)
  const known = new Set(shown.map(({ activity }) => activity))
  const drawn = edges.filter(({ from, to }) => known.has(from) && known.has(to))
  const { rank, backward } = layers(
    shown.map(({ activity }) => activity),
    drawn,
    new Map(shown.map((node) => [node.activity, node.start_of_case])),
  )
  const rows: Slot[][] = Array.from({ length: Math.max(0, ...rank.values()) + 1 }, () => [])
  const slots = new Map<string, Slot>()
  for (const node of [...shown].sort((a, b) => b.cases - a.cases)) {
    const slot: Slot = { id: node.activity, width: box.width, node, x: 0, near: [] }
    slots.set(node.activity, slot)
    rows[rank.get(node.activity) ?? 0]?.push(slot)
  }
  // A path over several layers gets a slot of its own in each, so that it runs around the boxes.
  const routes = drawn.map((edge) => {
    const [top, bottom] = backward.has(edge) ? [edge.to, edge.from] : [edge.from, edge.to]
    const start = slots.get(top)
    const end = slots.get(bottom)
    const chain: Slot[] = start ? [start] : []
    for (let layer = (rank.get(top) ?? 0) + 1; layer < (rank.get(bottom) ?? 0); layer++) {
      const slot: Slot = { id: `${edge.from}>${edge.to}>${layer}`, width: dummy, x: 0, near: [] }
      rows[layer]?.push(slot)
      chain.push(slot)
    }
    if (end && edge.from !== edge.to) chain.push(end)
    chain.forEach((slot, index) => {
      const next = chain[index + 1]
      const layer = (rank.get(top) ?? 0) + index
      if (next) {
        slot.near.push({ slot: next, layer: layer + 1 })
        next.near.push({ slot, layer })
      }
    })
    return { edge, chain }
  })
  const place = (row: Slot[]) => {
    const total = row.reduce((sum, slot) => sum + slot.width, 0) + gap.x * Math.max(0, row.length - 1)
    let x = -total / 2
    for (const slot of row) {
      slot.x = x + slot.width / 2
      x += slot.width + gap.x
    }
  }
  for (const row of rows) place(row)
  const pull = (slot: Slot) =>
    slot.near.length === 0
      ? slot.x
      : slot.near.reduce((sum, { slot: other }) => sum + other.x, 0) / slot.near.length
  for (let sweep = 0; sweep < 12; sweep++)
    for (const row of sweep % 2 === 0 ? rows : [...rows].reverse()) {
      const wanted = new Map(row.map((slot) => [slot, pull(slot)]))
      row.sort((a, b) => (wanted.get(a) ?? 0) - (wanted.get(b) ?? 0))
      place(row)
    }
  // Then each slides towards its neighbours as far as the order leaves room.
  for (let sweep = 0; sweep < 8; sweep++)
    for (const row of sweep % 2 === 0 ? rows : [...rows].reverse())
      for (const [index, slot] of row.entries()) {
        const before = row[index - 1]
        const after = row[index + 1]
        const low = before ? before.x + (before.width + slot.width) / 2 + gap.x : -Infinity
        const high = after ? after.x - (after.width + slot.width) / 2 - gap.x : Infinity
        slot.x = Math.min(Math.max(pull(slot), low), Math.max(low, high))
      }
  const all = rows.flat()
  const left = Math.min(...all.map((slot) => slot.x - slot.width / 2), 0) - 24
  const right = Math.max(...all.map((slot) => slot.x + slot.width / 2), 0) + 64
  const y = (layer: number) => 40 + layer * (box.height + gap.y)

  const placed = rows.flatMap((row, layer) =>
    row.flatMap((slot) =>
      slot.node
        ? [
            {
              ...slot.node,
              x: slot.x - left - box.width / 2,
              y: y(layer),
              ...box,
              lines: wrap(slot.node.activity),
            },
          ]
        : [],
    ),
  )
  const parallel = new Set(drawn.map(wayOf))
  const lines = routes.map(({ edge, chain }) => {
    const top = rank.get(backward.has(edge) ? edge.to : edge.from) ?? 0
    const twoWay = edge.from !== edge.to && parallel.has(wayOf({ from: edge.to, to: edge.from }))
    const shift = backward.has(edge) ? 44 : twoWay ? -26 : 0
    const points = chain.flatMap((slot, index): [number, number][] => {
      const x = slot.x - left + (slot.node ? shift : 0)
      const yy = y(top + index)
      if (!slot.node)
        return [
          [x, yy],
          [x, yy + box.height],
        ]
      return [[x, index === 0 ? yy + box.height : yy]]
    })
    const first = chain[0]
    const drawnPoints = backward.has(edge) ? points.reverse() : points
    const path =
      edge.from === edge.to && first
        ? loop(first.x - left + box.width / 2, y(top) + box.height / 2)
        : curve(drawnPoints)
    const middle = Math.max(0, Math.floor((drawnPoints.length - 1) / 2))
    const [a, b] = [drawnPoints[middle], drawnPoints[middle + 1]]
    const label =
      edge.from === edge.to && first
        ? { x: first.x - left + box.width / 2 + 34, y: y(top) + box.height / 2 - 20 }
        : { x: ((a?.[0] ?? 0) + (b?.[0] ?? 0)) / 2, y: ((a?.[1] ?? 0) + (b?.[1] ?? 0)) / 2 }
    return { way: wayOf(edge), path, label }
  })
  const drawnWays = new Set(lines.map(({ way }) => way))
  const drawnOf = (side: MapSide) => side.edges.filter((edge) => drawnWays.has(wayOf(edge)))
  // thick is what a large part of the cases of its side does
  const weightOf = (edge: MapEdge, side: MapSide) => edge.frequency / Math.max(1, side.cases)
  const weighed = sides.flatMap((side) =>
    drawnOf(side).map((edge) => ({ edge, weight: weightOf(edge, side) })),
  )
  const most = Math.max(Number.MIN_VALUE, ...weighed.map(({ weight }) => weight))
  const waits = weighed.map(({ edge }) => edge.median_s).sort((a, b) => a - b)
  const size = { width: right - left, height: y(rows.length - 1) + box.height + 40 }
  return sides.map((side): PlacedMap => {
    const own = new Map(side.nodes.map((node) => [node.activity, node]))
    const edgesByWay = new Map(drawnOf(side).map((edge) => [wayOf(edge), edge]))
    return {
      ...size,
      nodes: placed.map((node) => ({ ...node, ...(own.get(node.activity) ?? nobody) })),
      edges: lines.flatMap(({ way, path, label }): PlacedEdge[] => {
        const edge = edgesByWay.get(way)
        if (!edge) return []
        const width = 1.5 + 6.5 * Math.sqrt(weightOf(edge, side) / most)
        return [{ ...edge, path, width, step: stepOf(edge.median_s, waits), label }]
      }),
    }
  })
}

/** An activity that no case of a side came to. */
const nobody = {
  ...{ cases: 0, events: 0, start_of_case: 0, end_of_case: 0, rework_cases: 0, rework_events: 0 },
  wait_before: { n: 0, mean_s: null, median_s: null, p90_s: null, min_s: null, max_s: null, sum_s: 0 },
}

/** 1 to 5: how long a wait is among the waits shown, by fifths of their range on a square root scale. */
function stepOf(wait: number, sorted: readonly number[]): number {
  const longest = sorted.at(-1) ?? 0
  if (longest <= 0) return 1
  return Math.min(5, 1 + Math.floor(5 * Math.sqrt(Math.max(0, wait) / longest)))
}

function curve(points: readonly [number, number][]): string {
  const [start, ...rest] = points
  if (!start) return ''
  let path = `M${start[0]} ${start[1]}`
  let before = start
  for (const point of rest) {
    const bend = (point[1] - before[1]) / 2
    path +=
      before[0] === point[0]
        ? `L${point[0]} ${point[1]}`
        : `C${before[0]} ${before[1] + bend} ${point[0]} ${point[1] - bend} ${point[0]} ${point[1]}`
    before = point
  }
  return path
}

const loop = (x: number, y: number) =>
  `M${x} ${y - 12}C${x + 36} ${y - 30} ${x + 36} ${y + 30} ${x} ${y + 12}`

/** At most two lines; what does not fit ends in an ellipsis. The table and the link name it in full. */
export function wrap(text: string, width = 21): string[] {
  const lines: string[] = ['']
  for (const word of text.split(/\s+/)) {
    const line = lines.at(-1) ?? ''
    if (line === '') lines[lines.length - 1] = word
    else if (line.length + 1 + word.length <= width) lines[lines.length - 1] = `${line} ${word}`
    else lines.push(word)
  }
  const kept = lines.slice(0, 2).map((line) => (line.length > width ? `${line.slice(0, width - 1)}…` : line))
  if (lines.length > 2) kept[1] = `${(kept[1] ?? '').slice(0, width - 1)}…`
  return kept
}
