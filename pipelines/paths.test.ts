import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { filters } from '../sql/filters.ts'
import { processMap } from '../sql/processMap.ts'
import { rework } from '../sql/rework.ts'
import { streamVariants, variants } from '../sql/variants.ts'
import { load } from './load.ts'
import { loadMapping } from './mapping.ts'
import { useStore } from './testStore.ts'

type Event = {
  source: string
  case_id: string
  activity: string
  minute: number
  team: string
  lifecycle?: string
}
const log = await loadMapping('csv-log')
const everything = filters.parse({ from: '1990-01-01', until: '2027-01-01', compare: 'none' })

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

const quoted = (cell: string) => `"${cell.replaceAll('"', '""')}"`

type Visits = { waits: number[]; cases: Set<string>; repeated: Set<string>; first: number; last: number }

/** What is told of times: their number, sum, extremes and quantiles. */
function compareTimes(
  told: Record<'sum_s' | 'mean_s' | 'median_s' | 'p90_s' | 'min_s' | 'max_s', number | null>,
  times: number[],
) {
  if (times.length === 0) return expect(told).toMatchObject({ sum_s: 0, mean_s: null, median_s: null })
  close(told.sum_s ?? undefined, sum(times))
  close(told.mean_s ?? undefined, sum(times) / times.length)
  close(told.median_s ?? undefined, quantile(times, 0.5))
  close(told.p90_s ?? undefined, quantile(times, 0.9))
  expect([told.min_s, told.max_s]).toEqual([Math.min(...times), Math.max(...times)])
}

/** The same answers, worked out event by event. */
function reference(events: Event[]) {
  const cases = new Map<string, Event[]>()
  for (const event of events) {
    const key = JSON.stringify([event.source, event.case_id])
    cases.set(key, [...(cases.get(key) ?? []), event])
  }
  const activities = new Map<string, Visits & { events: number }>()
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
    for (const [at, activity] of names.entries()) {
      const empty = {
        waits: [],
        cases: new Set<string>(),
        repeated: new Set<string>(),
        first: 0,
        last: 0,
        events: 0,
      }
      const own = activities.get(activity) ?? empty
      activities.set(activity, own)
      own.events += 1
      own.cases.add(key)
      if (at > 0) own.waits.push(wait(at))
      if (at === 0) own.first += 1
      if (at === names.length - 1) own.last += 1
      if (names.slice(0, at).includes(activity)) own.repeated.add(key)
    }
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
  return { cases, activities, edges, ways, loops, pairs }
}

/** The log as a file for each source, and what the store says of it. */
async function answers(store: ReturnType<typeof useStore>, events: Event[], service = 'permits') {
  for (const source of new Set(events.map((event) => event.source))) {
    const lines = events
      .filter((event) => event.source === source)
      .map(({ case_id, activity, minute, team, lifecycle = '' }) => {
        const time = new Date(Date.UTC(2026, 0, 5) + minute * 60_000).toISOString()
        return [case_id, activity, time, team, lifecycle].map(quoted).join(',')
      })
    const header = 'case:concept:name,concept:name,time:timestamp,org:group,lifecycle:transition'
    const file = await store.file(`${source}.csv`, `${header}\n${lines.join('\n')}\n`)
    const loaded = await load(store.db, { file, mapping: log, source, service })
    expect(loaded.accepted).toBe(lines.length)
  }
  return {
    map: await processMap(store.db, { ...everything, service: [service] }),
    ways: await variants(store.db, { ...everything, service: [service] }, { limit: 1000 }),
    again: await rework(store.db, { ...everything, service: [service] }),
  }
}

function compare({ map, ways, again }: Awaited<ReturnType<typeof answers>>, events: Event[]) {
  const expected = reference(events)
  expect(map).toMatchObject({ cases: expected.cases.size, events: events.length })
  expect(map.edges).toHaveLength(expected.edges.size)
  expect(map.nodes).toHaveLength(expected.activities.size)
  for (const { activity, wait_before, ...node } of map.nodes) {
    const own = expected.activities.get(activity)
    expect(node, activity).toEqual({
      events: own?.events,
      cases: own?.cases.size,
      start_of_case: own?.first,
      end_of_case: own?.last,
      rework_cases: own?.repeated.size,
      rework_events: expected.loops.get(activity)?.waits.length ?? 0,
    })
    expect(wait_before.n).toBe(own?.waits.length)
    compareTimes(wait_before, own?.waits ?? [])
  }
  for (const edge of map.edges) {
    const own = expected.edges.get(JSON.stringify([edge.from, edge.to]))
    expect([edge.frequency, edge.cases]).toEqual([own?.waits.length, own?.cases.size])
    compareTimes(edge, own?.waits ?? [])
  }
  expect(ways).toMatchObject({ cases: expected.cases.size, total: expected.ways.size })
  expect(Math.max(...[...expected.ways.values()].map((lasted) => lasted.length))).toBe(
    ways.variants[0]?.cases,
  )
  for (const way of ways.variants) {
    const lasted = expected.ways.get(JSON.stringify(way.path)) ?? []
    expect([way.path, way.cases, way.steps]).toEqual([way.path, lasted.length, way.path.length])
    compareTimes(way, lasted)
  }
  if (ways.case_duration) compareTimes(ways.case_duration, [...expected.ways.values()].flat())
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

/** A log as it comes from agencies that nobody asked to tidy up. */
function untidy(lifecycle: string): Event[] {
  const odd = [
    'She said "no", twice',
    'two\nlines',
    'café ☕ 👩‍👩‍👧 審査',
    'a, b; c\td | e',
    `very ${'long '.repeat(190)}name`,
    "'=HYPERLINK(1)",
    '> a > b >',
    '%2F \\n <b>&amp;</b> {x: String} ?',
    'null',
    '0',
    'Review',
    'review',
  ]
  const visit = fc.record({
    source: fc.constantFrom('north', 'south'),
    case_id: fc.oneof(
      { weight: 6, arbitrary: fc.integer({ min: 1, max: 40 }).map((id) => `C-${id}`) },
      // seen once
      { weight: 1, arbitrary: fc.integer({ min: 1_000, max: 1_000_000 }).map(String) },
      { weight: 1, arbitrary: fc.constantFrom('C, 1', 'C "1"', 'C\n1', 'ｃ1') },
    ),
    activity: fc.constantFrom(...odd),
    // within minutes, or years apart
    minute: fc
      .tuple(fc.constantFrom(0, 0, -525_600, -1_576_800), fc.oneof(fc.nat(2), fc.nat(20_000)))
      .map(([years, minute]) => years + minute),
    team: fc.constantFrom('', 'red', 'blue, "green"'),
  })
  const [events = []] = fc.sample(fc.array(visit, { minLength: 400, maxLength: 400, size: 'max' }), {
    seed: 23,
    numRuns: 1,
  })
  // some rows stand there twice, and the newest stands first
  return [...events, ...events.slice(0, 40)]
    .sort((a, b) => b.minute - a.minute)
    .map((event) => ({ ...event, source: `${event.source}${lifecycle}`, lifecycle }))
}

describe('odd names, years, rows that stand there twice, the newest first', () => {
  const store = useStore()
  // where a log tells only when activities were started, that is what it tells of them
  test.each(['', 'start'])(
    'give the map, the variants and the rework of a plain reference, lifecycle "%s"',
    { timeout: 120_000 },
    async (lifecycle) => {
      const events = untidy(lifecycle)
      compare(await answers(store, events, lifecycle === '' ? 'permits' : 'counter'), events)
    },
  )
})
