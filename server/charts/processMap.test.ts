import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { wayWords } from '../words/paths.ts'
import { cutOff, differences, joined, type MapEdge, type MapNode, placeMaps } from './processMap.ts'

const edge = (from: string, to: string, frequency: number, mean_s = 3600): MapEdge => ({
  ...{ from, to, frequency, cases: frequency, mean_s, median_s: mean_s, p90_s: mean_s },
  ...{ min_s: mean_s, max_s: mean_s, sum_s: mean_s * frequency },
})
const node = (activity: string, cases = 10, start_of_case = 0): MapNode => ({
  ...{ activity, cases, start_of_case, events: cases, end_of_case: 0, rework_cases: 0, rework_events: 0 },
  wait_before: { n: 0, mean_s: null, median_s: null, p90_s: null, min_s: null, max_s: null, sum_s: 0 },
})

describe('the map that is cut off', () => {
  test('keeps every activity that cases can come to reachable from where they begin', () => {
    const names = fc.integer({ min: 0, max: 14 }).map((at) => `Step ${at}`)
    const way = fc.record({ from: names, to: names, frequency: fc.integer({ min: 1, max: 99 }) })
    fc.assert(
      fc.property(
        fc.uniqueArray(way, { minLength: 1, maxLength: 60, selector: ({ from, to }) => `${from}>${to}` }),
        fc.integer({ min: 0, max: 100 }),
        (ways, percent) => {
          const edges = ways.map(({ from, to, frequency }) => edge(from, to, frequency))
          const all = new Set(edges.flatMap(({ from, to }) => [from, to]))
          const start = edges[0]?.from ?? ''
          const nodes = [...all].map((name) => node(name, 10, name === start ? 5 : 0))
          const cut = cutOff(nodes, edges, percent / 100)
          const from = (kept: readonly MapEdge[]) => {
            const reached = new Set([start])
            for (let before = 0; before !== reached.size; ) {
              before = reached.size
              for (const one of kept) if (reached.has(one.from)) reached.add(one.to)
            }
            return reached
          }
          expect(from(cut.edges)).toEqual(from(edges))
          const sum = (some: readonly MapEdge[]) =>
            some.reduce((total, { frequency }) => total + frequency, 0)
          expect(sum(cut.edges)).toBeGreaterThanOrEqual((percent / 100) * sum(edges) - 1e-9)
          expect(cut.nodes).toHaveLength(nodes.length)
        },
      ),
      { seed: 3, numRuns: 300 },
    )
  })

  test('of very many activities it draws the most frequent', () => {
    const nodes = Array.from({ length: 500 }, (_, at) => node(`Step ${at}`, at, at === 499 ? 9 : 0))
    const edges = nodes.slice(1).map(({ activity }, at) => edge(activity, `Step ${at}`, at + 1))
    const cut = cutOff(nodes, edges, 1)
    expect(cut.nodes).toHaveLength(60)
    expect(cut.nodes.every(({ cases }) => cases >= 440)).toBe(true)
    expect(cut.edges).toHaveLength(59)
  })
})

describe('two maps side by side', () => {
  const north = {
    nodes: [node('Apply', 20, 20), node('Review', 20), node('Decide', 20)],
    edges: [edge('Apply', 'Review', 20, 7200), edge('Review', 'Decide', 20)],
    cases: 20,
  }
  const south = {
    nodes: [node('Apply', 90, 90), node('Ask', 5), node('Review', 90)],
    edges: [edge('Apply', 'Review', 90, 3600), edge('Review', 'Ask', 5)],
    cases: 90,
  }
  const whole = joined([north, south])

  test('have everything in the same place, and as thick as its part of the cases', () => {
    const [first, second] = placeMaps(whole.nodes, whole.edges, [north, south])
    const places = (map: typeof first) => map?.nodes.map(({ activity, x, y }) => [activity, x, y])
    expect(places(first)).toEqual(places(second))
    expect(first?.nodes).toHaveLength(4)
    expect(first?.nodes.find(({ activity }) => activity === 'Ask')?.cases).toBe(0)
    const thick = (map: typeof first) => map?.edges.find(({ to }) => to === 'Review')?.width
    expect(thick(first)).toBe(thick(second))
    expect(second?.edges.map(({ to }) => to)).toEqual(['Review', 'Ask'])
  })

  test('differ by hours on the first side; what is too few is not compared', () => {
    expect(differences(north.edges, south.edges).map(({ from, to, hours }) => [from, to, hours])).toEqual([
      ['Apply', 'Review', 20],
      ['Review', 'Decide', null],
      ['Review', 'Ask', null],
    ])
  })
})

test('a way is told once where a step follows itself, and a long one is cut in the middle', () => {
  expect(wayWords(['Apply', 'Review', 'Review', 'Decide'])).toBe('Apply → Review (2 times) → Decide')
  const long = Array.from({ length: 20 }, (_, at) => `S${at}`)
  expect(wayWords(long)).toContain('S7 → 8 more steps → S16')
})
