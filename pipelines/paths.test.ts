import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { filters } from '../sql/filters.ts'
import { processMap } from '../sql/processMap.ts'
import { rework } from '../sql/rework.ts'
import { streamVariants, variants } from '../sql/variants.ts'
import { load } from './load.ts'
import { loadMapping } from './mapping.ts'
import { useStore } from './testStore.ts'

type Event = { source: string; case_id: string; activity: string; minute: number; team: string }
const log = await loadMapping('csv-log')
const everything = filters.parse({ compare: 'none' })

/** R type 7. */
const quantile = (values: number[], share: number) => {
  const sorted = [...values].sort((a, b) => a - b)
  const place = (sorted.length - 1) * share
  const low = sorted[Math.floor(place)] ?? 0
  return low + ((sorted[Math.ceil(place)] ?? 0) - low) * (place - Math.floor(place))
}
const sum = (values: number[]) => values.reduce((total, value) => total + value, 0)
const close = (actual: number | undefined, expected: number) =>
  expect(Math.abs((actual ?? Number.NaN) - expected)).toBeLessThanOrEqual(1e-9 * Math.max(1, expected))

/** The same answers, worked out event by event. */
function reference(events: Event[]) {
  const cases = new Map<string, Event[]>()
  for (const event of events) {
    const key = JSON.stringify([event.source, event.case_id])
    cases.set(key, [...(cases.get(key) ?? []), event])
  }
  const edges = new Map<string, { waits: number[]; cases: Set<string> }>()
  const ways = new Map<string, number[]>()
  const loops = new Map<string, { waits: number[]; cases: Set<string>; selves: number }>()
  const pairs = new Map<string, { times: number; cases: Set<string>; seconds: number }>()
  for (const [key, unsorted] of cases) {
    // a stable sort: equal times stay as they stand in the file
    const trail = [...unsorted].sort((a, b) => a.minute - b.minute)
    const names = trail.map(({ activity }) => activity)
    const wait = (at: number) => 60 * ((trail[at]?.minute ?? 0) - (trail[at - 1]?.minute ?? 0))
    const way = JSON.stringify(names)
    const lasted = 60 * ((trail.at(-1)?.minute ?? 0) - (trail[0]?.minute ?? 0))
    ways.set(way, [...(ways.get(way) ?? []), lasted])
    for (let at = 1; at < trail.length; at++) {
      const name = JSON.stringify([names[at - 1], names[at]])
      const edge = edges.get(name) ?? { waits: [], cases: new Set() }
      edges.set(name, edge)
      edge.waits.push(wait(at))
      edge.cases.add(key)
      const activity = names[at] ?? ''
      if (!names.slice(0, at).includes(activity)) continue
      const loop = loops.get(activity) ?? { waits: [], cases: new Set(), selves: 0 }
      loops.set(activity, loop)
      loop.waits.push(wait(at))
      loop.cases.add(key)
      if (names[at - 1] === activity) loop.selves += 1
    }
    const runs: { team: string; seconds: number }[] = []
    for (const [at, { team }] of trail.entries()) {
      if (team === '') continue
      const seconds = at === 0 ? 0 : wait(at)
      const last = runs.at(-1)
      if (last?.team === team) last.seconds += seconds
      else runs.push({ team, seconds })
    }
    for (const [at, run] of runs.entries()) {
      if (at < 2 || runs[at - 2]?.team !== run.team) continue
      const name = JSON.stringify([run.team, runs[at - 1]?.team])
      const pair = pairs.get(name) ?? { times: 0, cases: new Set(), seconds: 0 }
      pairs.set(name, pair)
      pair.times += 1
      pair.cases.add(key)
      pair.seconds += run.seconds
    }
  }
  return { cases, edges, ways, loops, pairs }
}

/** The log as a file for each source, and what the store says of it. */
async function answers(store: ReturnType<typeof useStore>, events: Event[]) {
  for (const source of new Set(events.map((event) => event.source))) {
    const lines = events
      .filter((event) => event.source === source)
      .map(({ case_id, activity, minute, team }) => {
        const time = new Date(Date.UTC(2026, 0, 5) + minute * 60_000).toISOString()
        return [case_id, activity, time, team].join(',')
      })
    const header = 'case:concept:name,concept:name,time:timestamp,org:group'
    const file = await store.file(`${source}.csv`, `${header}\n${lines.join('\n')}\n`)
    const loaded = await load(store.db, { file, mapping: log, source, service: 'permits' })
    expect(loaded.accepted).toBe(lines.length)
  }
  return {
    map: await processMap(store.db, everything),
    ways: await variants(store.db, everything, { limit: 1000 }),
    again: await rework(store.db, everything),
  }
}

function compare({ map, ways, again }: Awaited<ReturnType<typeof answers>>, events: Event[]) {
  const expected = reference(events)
  expect(map).toMatchObject({ cases: expected.cases.size, events: events.length })
  expect(map.edges).toHaveLength(expected.edges.size)
  for (const edge of map.edges) {
    const own = expected.edges.get(JSON.stringify([edge.from, edge.to]))
    expect([edge.frequency, edge.cases]).toEqual([own?.waits.length, own?.cases.size])
    close(edge.sum_s, sum(own?.waits ?? []))
    close(edge.median_s, quantile(own?.waits ?? [], 0.5))
    close(edge.p90_s, quantile(own?.waits ?? [], 0.9))
  }
  expect(ways).toMatchObject({ cases: expected.cases.size, total: expected.ways.size })
  expect(Math.max(...[...expected.ways.values()].map((lasted) => lasted.length))).toBe(
    ways.variants[0]?.cases,
  )
  for (const way of ways.variants) {
    const lasted = expected.ways.get(JSON.stringify(way.path)) ?? []
    expect([way.path, way.cases, way.steps]).toEqual([way.path, lasted.length, way.path.length])
    close(way.sum_s, sum(lasted))
    close(way.median_s, quantile(lasted, 0.5))
    close(way.p90_s, quantile(lasted, 0.9))
  }
  expect(again.loops).toHaveLength(expected.loops.size)
  for (const loop of again.loops) {
    const own = expected.loops.get(loop.activity)
    expect(loop).toMatchObject({
      cases: own?.cases.size,
      extra_visits: own?.waits.length,
      self_loops: own?.selves,
    })
    close(loop.extra_s, sum(own?.waits ?? []))
  }
  close(again.extra_s, sum(again.loops.map(({ extra_s }) => extra_s)))
  expect(again.ping_pong.pairs).toHaveLength(expected.pairs.size)
  for (const pair of again.ping_pong.pairs) {
    const own = expected.pairs.get(JSON.stringify([pair.team, pair.via]))
    expect([pair.times, pair.cases]).toEqual([own?.times, own?.cases.size])
    close(pair.extra_s, own?.seconds ?? 0)
  }
  close(again.ping_pong.extra_s, sum([...expected.pairs.values()].map(({ seconds }) => seconds)))
}

describe('five agencies with clashing case ids, single events, and equal times in half of all pairs', () => {
  const store = useStore()
  test('give the map, the variants and the rework of a plain reference', { timeout: 120_000 }, async () => {
    const event = fc.record({
      source: fc.constantFrom('north', 'south', 'east', 'west', 'centre'),
      case_id: fc.integer({ min: 1, max: 60 }).map((id) => `C-${id}`),
      activity: fc.constantFrom('Apply', 'Check', 'Review', 'Ask', 'Decide'),
      minute: fc.integer({ min: 0, max: 2 }),
      team: fc.constantFrom('', 'red', 'blue', 'green'),
    })
    const [events = []] = fc.sample(fc.array(event, { minLength: 900, maxLength: 900, size: 'max' }), {
      seed: 11,
      numRuns: 1,
    })
    const { cases } = reference(events)
    const moves = [...cases.values()].flatMap((of) => {
      const times = of.map(({ minute }) => minute).sort()
      return times.slice(1).map((time, at) => time === times[at])
    })
    expect(moves.filter((tied) => tied).length / moves.length).toBeGreaterThan(0.45)
    compare(await answers(store, events), events)
  })
})

describe('five hundred activities', () => {
  const store = useStore()
  test('give the map, the variants and the rework of a plain reference', { timeout: 120_000 }, async () => {
    const events = Array.from({ length: 6000 }, (_, at): Event => {
      const step = at % 12
      const of = Math.floor(at / 12)
      return {
        source: 'office',
        case_id: `C-${of}`,
        activity: `Step ${(of * (1 + (step % 4)) * 7 + step * 41) % 500}`,
        minute: of + step * step,
        team: `team ${(of + step * (of % 3)) % 4}`,
      }
    })
    const found = await answers(store, events)
    compare(found, events)
    expect(new Set(events.map(({ activity }) => activity)).size).toBe(500)
    const streamed: string[] = []
    for await (const batch of streamVariants(store.db, everything, new AbortController().signal))
      streamed.push(...batch.map(({ path }) => JSON.stringify(path)))
    expect(new Set(streamed).size).toBe(found.ways.total)
    expect(streamed).toHaveLength(found.ways.total)
  })
})
