import { readFile } from 'node:fs/promises'
import { describe, expect } from 'vitest'
import { filters } from '../sql/filters.ts'
import { kpiAnswer, kpiBy, kpiSeries } from '../sql/kpiFigures.ts'
import type { KpiId } from '../sql/kpis.ts'
import { processMap } from '../sql/processMap.ts'
import { rework } from '../sql/rework.ts'
import { variants } from '../sql/variants.ts'
import { ingest } from './ingest.ts'
import { loadMapping } from './mapping.ts'
import { realData, useStore, withRealData } from './testStore.ts'

/** Figures computed by independent tools: see README.md beside them. */
const golden = async <Shape>(name: string): Promise<Shape> =>
  JSON.parse(await readFile(realData(`golden/${name}`), 'utf8')) as Shape

/** Equal within 1e-9 of the expected value; null equals null. */
const equal = (actual: number | null | undefined, expected: number | null, what: string) => {
  if (expected === null) expect(actual, what).toBeNull()
  else
    expect(
      Math.abs((actual ?? Number.NaN) - expected),
      `${what}: ${actual} is not ${expected}`,
    ).toBeLessThanOrEqual(1e-9 * Math.abs(expected))
}

type Seconds = Record<'mean_s' | 'median_s' | 'p90_s' | 'min_s' | 'max_s' | 'sum_s', number>
type Log = {
  totals: {
    cases: number
    events: number
    edges: number
    variants: number
    cases_with_rework: number
    rework_events: number
    self_loops: number
  }
  case_duration: Seconds & { n: number; p95_s: number }
  top_variants: { cases: number; path: string[] }[]
  activities: {
    activity: string
    events: number
    cases: number
    start_of_case: number
    end_of_case: number
    rework_cases: number
    rework_events: number
    wait_before: (Seconds & { n: number }) | null
  }[]
  dfg: ({ source: string; target: string; frequency: number; cases: number } & Seconds)[]
}
const spans = ['mean_s', 'median_s', 'p90_s', 'min_s', 'max_s', 'sum_s'] as const

const logs = [
  ['receipt.json', 'receipt/receipt.xes.gz', 'xes'],
  ['receipt.json', 'receipt/receipt.csv.gz', 'csv-log'],
  ['running-example.json', 'running-example/running-example.xes', 'xes'],
  ['running-example.json', 'running-example/running-example.csv', 'csv-log'],
] as const
for (const [name, file, mapping] of logs)
  describe(file, () => {
    const store = useStore()
    withRealData(`the process map of ${file} equals ${name}`, async () => {
      const expected = await golden<Log>(name)
      await ingest(store.db, realData(file), { mapping })
      const map = await processMap(store.db, filters.parse({}))
      expect(map).toMatchObject({ cases: expected.totals.cases, events: expected.totals.events })
      expect(map.edges).toHaveLength(expected.totals.edges)
      for (const edge of expected.dfg) {
        const found = map.edges.find(({ from, to }) => from === edge.source && to === edge.target)
        expect(found, `${edge.source} -> ${edge.target}`).toMatchObject({
          frequency: edge.frequency,
          cases: edge.cases,
        })
        for (const span of spans) equal(found?.[span], edge[span], `${edge.source} -> ${edge.target} ${span}`)
      }
      expect(map.nodes).toHaveLength(expected.activities.length)
      for (const { activity, wait_before, ...counts } of expected.activities) {
        const found = map.nodes.find((node) => node.activity === activity)
        const { events, cases, start_of_case, end_of_case, rework_cases, rework_events } = counts
        expect(found, activity).toMatchObject({
          events,
          cases,
          start_of_case,
          end_of_case,
          rework_cases,
          rework_events,
        })
        if (wait_before && wait_before.n > 0) {
          expect(found?.wait_before.n).toBe(wait_before.n)
          for (const span of spans) equal(found?.wait_before[span], wait_before[span], `${activity} ${span}`)
        }
      }
    })

    withRealData(`variants, case durations and rework of ${file} equal ${name}`, async () => {
      const { totals, ...expected } = await golden<Log>(name)
      await ingest(store.db, realData(file), { mapping })
      const ways = await variants(store.db, filters.parse({}), { limit: 1000 })
      expect(ways).toMatchObject({ cases: totals.cases, total: totals.variants })
      expect(ways.variants).toHaveLength(totals.variants)
      const casesOf = new Map(ways.variants.map(({ path, cases }) => [JSON.stringify(path), cases]))
      for (const { path, cases } of expected.top_variants)
        expect([path, casesOf.get(JSON.stringify(path))]).toEqual([path, cases])
      const most = expected.top_variants.map(({ cases }) => cases)
      expect(ways.variants.slice(0, most.length).map(({ cases }) => cases)).toEqual(most)
      expect(ways.happy_path?.cases).toBe(most[0])
      expect(ways.case_duration?.n).toBe(expected.case_duration.n)
      for (const span of [...spans, 'p95_s'] as const)
        equal(ways.case_duration?.[span], expected.case_duration[span], `case duration ${span}`)

      const again = await rework(store.db, filters.parse({}))
      expect(again).toMatchObject({
        cases: totals.cases,
        rework_cases: totals.cases_with_rework,
        extra_visits: totals.rework_events,
      })
      const repeated = expected.activities.filter(({ rework_events }) => rework_events > 0)
      expect(
        again.loops.map(({ activity, cases, extra_visits }) => [activity, cases, extra_visits]).sort(),
      ).toEqual(
        repeated
          .map(({ activity, rework_cases, rework_events }) => [activity, rework_cases, rework_events])
          .sort(),
      )
      const selves = expected.dfg.filter(({ source, target }) => source === target)
      const timesOf = selves.map(({ source, frequency }): [string, number] => [source, frequency])
      expect(selves.reduce((sum, { frequency }) => sum + frequency, 0)).toBe(totals.self_loops)
      expect(
        again.loops
          .filter((loop) => loop.self_loops > 0)
          .map((loop) => [loop.activity, loop.self_loops])
          .sort(),
      ).toEqual(timesOf.sort())
    })
  })

type Group = {
  requests: number
  closed: number
  open: number
  with_target: number
  closed_with_target: number
  closed_on_time: number
  closed_late: number
  on_time_share: number | null
  time_to_close: { n: number; mean_h: number | null; median_h: number | null; p90_h: number | null }
  flag_counts: Record<string, number>
}
type Boston = {
  overall: Group
  by: Record<'department' | 'source' | 'neighborhood', Record<string, Group>>
  monthly: { month: string; received: number; closed: number; backlog_end: number }[]
}

const boston = useStore()
withRealData('every figure of Boston 311 equals the golden one', async () => {
  const expected = await golden<Boston>('kpi-boston-311-2011.json')
  const { db } = boston
  await ingest(db, realData('boston-311/requests-2011-h2.csv.gz'), {
    mapping: await loadMapping('boston-311'),
    zone: 'UTC',
  })
  const all = filters.parse({ compare: 'none' })

  const stats = Object.fromEntries((await kpiAnswer(db, all)).kpis.map(({ id, stat }) => [id, stat]))
  const check = (
    group: Group,
    of: (
      id: KpiId,
    ) =>
      | { value: number | null; numerator: number | null; denominator: number | null; n: number }
      | undefined,
    what: string,
  ) => {
    equal(of('requests_received')?.value, group.requests, `${what} requests`)
    equal(of('requests_closed')?.value, group.closed, `${what} closed`)
    equal(of('backlog')?.value, group.open, `${what} open`)
    equal(of('promised_share')?.numerator, group.with_target, `${what} with target`)
    equal(of('on_time_rate')?.numerator, group.closed_on_time, `${what} on time`)
    equal(of('on_time_rate')?.denominator, group.closed_with_target, `${what} closed with target`)
    equal(
      (of('on_time_rate')?.denominator ?? 0) - (of('on_time_rate')?.numerator ?? 0),
      group.closed_late,
      `${what} late`,
    )
    equal(of('on_time_rate')?.value, group.on_time_share, `${what} on-time share`)
    const hours = (id: KpiId) => {
      const value = of(id)?.value ?? null
      return value === null ? null : value * 24
    }
    equal(of('time_to_outcome_median')?.n, group.time_to_close.n, `${what} n`)
    equal(hours('time_to_outcome_median'), group.time_to_close.median_h, `${what} median`)
    equal(hours('time_to_outcome_p90'), group.time_to_close.p90_h, `${what} p90`)
    equal(hours('time_to_outcome_mean'), group.time_to_close.mean_h, `${what} mean`)
  }
  check(expected.overall, (id) => stats[id], 'overall')

  const ids = [
    'requests_received',
    'requests_closed',
    'backlog',
    'on_time_rate',
    'promised_share',
    'time_to_outcome_median',
    'time_to_outcome_p90',
    'time_to_outcome_mean',
  ] as const
  const nothing = { value: 0, numerator: 0, denominator: 0, n: 0 }
  for (const [column, dimension] of [
    ['department', 'department'],
    ['source', 'channel'],
    ['neighborhood', 'district'],
  ] as const) {
    const answers = new Map(
      await Promise.all(ids.map(async (id) => [id, await kpiBy(db, id, dimension, all)] as const)),
    )
    for (const [value, group] of Object.entries(expected.by[column]))
      check(
        group,
        (id) => {
          const answer = answers.get(id as (typeof ids)[number])
          const stat = answer?.rows.find((row) => row.value === value)?.stat
          // a value without a single row of this kind is not listed: its count is zero and it has no quantiles
          return (
            stat ?? (id.startsWith('time_') || id === 'on_time_rate' ? { ...nothing, value: null } : nothing)
          )
        },
        `${column} ${value}`,
      )
    const known = (await kpiBy(db, 'requests_received', dimension, all)).rows.map((row) => row.value)
    expect(known.sort()).toEqual(Object.keys(expected.by[column]).sort())
  }

  const claimed = await kpiBy(db, 'requests_received', 'claimed', all)
  expect(Object.fromEntries(claimed.rows.map((row) => [row.value, row.stat.value]))).toEqual(
    expected.overall.flag_counts,
  )

  const [received, closed, open] = await Promise.all(
    (['requests_received', 'requests_closed', 'backlog'] as const).map((id) =>
      kpiSeries(db, id, 'month', all),
    ),
  )
  for (const { month, ...figures } of expected.monthly) {
    const at = (series: typeof received) =>
      series?.points.find((point) => point.from === `${month}-01`)?.stat.value
    expect([month, at(received), at(closed), at(open)]).toEqual([
      month,
      figures.received,
      figures.closed,
      figures.backlog_end,
    ])
  }
})
