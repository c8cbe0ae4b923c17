import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { z } from 'zod'
import { makeCity } from '../fixtures/city/make.ts'
import { ingest } from '../pipelines/ingest.ts'
import { configSchema } from '../sql/config.ts'
import type { Db } from '../sql/db.ts'
import { dimensions, grains } from '../sql/filters.ts'
import { kpiIds } from '../sql/kpis.ts'
import {
  bottlenecksAnswer,
  byAnswer,
  glossaryAnswer,
  kpisAnswer,
  load,
  loadsAnswer,
  meta,
  outcomesAnswer,
  processMapAnswer,
  rejectedAnswer,
  reworkAnswer,
  satisfactionAnswer,
  seriesAnswer,
  stageAnswer,
  variantsAnswer,
} from './answers.ts'
import { createApp } from './app.ts'
import { openStore, useConfig } from './open.ts'

/** The API over a small sample city in a real engine: every answer is what its schema promises. */

let dir = ''
let db: Db
let app: ReturnType<typeof createApp>

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'clearway-api-'))
  db = await openStore({ PORT: 0, CLEARWAY_DATA: join(dir, 'data'), LOG_LEVEL: 'silent' })
  const city = await makeCity({ dir: join(dir, 'city'), seed: 7, scale: 0.02 })
  await useConfig(db, configSchema.parse(city.config))
  for (const { path, ...how } of city.files) await ingest(db, path, how)
  app = createApp({ db, versionAge: 0 })
}, 120_000)
afterAll(async () => {
  await db?.close()
  await rm(dir, { recursive: true, force: true })
})

async function get<S extends z.ZodType>(schema: S, path: string): Promise<z.output<S>> {
  const response = await app.request(`/api/v1${path}`)
  const body: unknown = await response.json()
  expect(response.status, JSON.stringify(body)).toBe(200)
  return schema.parse(body)
}

const june = 'from=2026-06-01&until=2026-07-01'

describe('every answer is what its schema promises', () => {
  test('what is held', async () => {
    const held = await get(meta, '/meta')
    expect(held.services).toHaveLength(5)
    expect(held.held?.default_from).toBe('2026-06-01')
    await get(glossaryAnswer, '/glossary')
  })

  test('every KPI, alone, over time and by every dimension', async () => {
    for (const compare of ['previous', 'year', 'none']) {
      const { kpis } = await get(kpisAnswer, `/kpis?${june}&compare=${compare}`)
      expect(kpis.map(({ id }) => id)).toEqual([...kpiIds])
    }
    for (const grain of grains) {
      const { points } = await get(seriesAnswer, `/kpis/requests_closed/series?${june}&grain=${grain}`)
      expect(points.length).toBeGreaterThan(0)
    }
    for (const id of kpiIds) await get(seriesAnswer, `/kpis/${id}/series?${june}`)
    for (const dimension of dimensions) await get(byAnswer, `/kpis/requests_closed/by/${dimension}?${june}`)
    for (const id of kpiIds) await get(byAnswer, `/kpis/${id}/by/district?${june}`)
  })

  test('the process, where it is stuck, and what residents said', async () => {
    const map = await get(processMapAnswer, `/process-map?service=building-permits&${june}`)
    expect(map.edges.length).toBeGreaterThan(3)
    const { stages } = await get(bottlenecksAnswer, `/bottlenecks?${june}&compare=year`)
    for (const { service, stage } of stages.slice(0, 3))
      await get(stageAnswer, `/stages/${encodeURIComponent(stage)}?service=${service}&${june}`)
    const { counts } = await get(satisfactionAnswer, `/satisfaction?${june}`)
    expect(counts).toHaveLength(5)
  })

  test('how it ended: every closed case in one class, every code under it, also as CSV', async () => {
    const city = await get(outcomesAnswer, `/outcomes?${june}`)
    const sum = (numbers: number[]) => numbers.reduce((a, b) => a + b, 0)
    expect(city.closed).toBeGreaterThan(20)
    expect(sum(city.classes.map(({ cases }) => cases))).toBe(city.closed)
    for (const { cases, stat, codes } of city.classes)
      expect([stat.numerator, sum(codes.map((code) => code.cases))]).toEqual([cases, cases])
    expect(city.cost.reason).toBe('The cost of Housing wait list is declared for 0 of 30 days.')
    const permits = await get(outcomesAnswer, `/outcomes?service=building-permits&${june}`)
    expect(permits.cost).toMatchObject({ currency: 'GBP', reason: null, stat: { method: 'estimate' } })
    expect(permits.failure_demand.per_100_open.status).toBe('ok')
    const parts = await get(outcomesAnswer, `/outcomes?service=building-permits&district=north&${june}`)
    expect(parts.cost.reason).toBe('Costs are declared for whole services, not for parts of them.')
    const csv = await (await app.request(`/api/v1/outcomes?${june}&format=csv`)).text()
    const [header = '', ...lines] = csv.trimEnd().split('\r\n')
    expect(lines).toHaveLength(7 + city.classes.flatMap(({ codes }) => codes).length + 6)
    for (const line of lines.filter((one) => !one.includes('"')))
      expect(line.split(',')).toHaveLength(header.split(',').length)
  })

  test('the ways cases took, all of them as CSV, and what was done again', async () => {
    const permits = `service=building-permits&${june}`
    const ways = await get(variantsAnswer, `/variants?${permits}&limit=3`)
    expect(ways.variants).toHaveLength(3)
    expect(ways.total).toBeGreaterThan(3)
    const [most] = [...ways.variants].sort((a, b) => b.cases - a.cases)
    expect(ways.variants[0]).toEqual(most)
    const csv = await (await app.request(`/api/v1/variants?${permits}&limit=3&format=csv`)).text()
    const [, ...lines] = csv.trimEnd().split('\r\n')
    expect(lines).toHaveLength(ways.total)
    expect(lines[0]).toBe(
      `${most?.path.join(' > ')},${[most?.steps, most?.cases, most?.open_cases, most?.share_of_cases].join()},${[
        most?.share_of_hours,
        most?.mean_s,
        most?.median_s,
        most?.p90_s,
        most?.min_s,
        most?.max_s,
        most?.sum_s,
      ].join()}`,
    )
    // cases that a district sends in are some of all of them, and nothing is known before there was anything
    const north = await get(variantsAnswer, `/variants?${permits}&district=north`)
    expect(north.cases).toBeLessThan(ways.cases)
    const before = '/variants?service=building-permits&from=1999-01-01&until=1999-02-01'
    expect(await get(variantsAnswer, before)).toMatchObject({ cases: 0, happy_path: null, variants: [] })

    const again = await get(reworkAnswer, `/rework?${permits}`)
    const map = await get(processMapAnswer, `/process-map?${permits}`)
    expect(again.loops.length).toBeGreaterThan(0)
    for (const { activity, cases, extra_visits } of again.loops)
      expect(map.nodes.find((node) => node.activity === activity)).toMatchObject({
        rework_cases: cases,
        rework_events: extra_visits,
      })
  })

  test('the ledger and the rows that did not fit', async () => {
    const { loads } = await get(loadsAnswer, '/loads')
    for (const { load_id, rejected } of loads) {
      await get(load, `/loads/${load_id}`)
      const { rows } = await get(rejectedAnswer, `/loads/${load_id}/rejected?limit=5`)
      expect(rows.length > 0).toBe(rejected > 0)
    }
  })

  test('the ledger comes in pages, whole or by kind, with totals of all of it', async () => {
    const { loads: all, totals, next } = await get(loadsAnswer, '/loads?limit=1000')
    expect(next).toBeNull()
    const paged: typeof all = []
    let before = ''
    for (let pages = 0; pages === 0 || before !== ''; pages++) {
      const page = await get(loadsAnswer, `/loads?limit=3${before}`)
      expect(page.totals).toEqual(totals)
      paged.push(...page.loads)
      before = page.next === null ? '' : `&before=${page.next}`
    }
    expect(paged).toEqual(all)
    expect(all.map(({ load_no }) => load_no)).toEqual(all.map((_, at) => all.length - at))
    const rejected = all.filter((each) => each.rejected > 0)
    expect((await get(loadsAnswer, '/loads?only=rejected')).loads).toEqual(rejected)
    expect((await get(loadsAnswer, '/loads?only=failed')).loads).toEqual([])
    const sum = (of: (each: (typeof all)[number]) => number) =>
      all.reduce((total, each) => total + of(each), 0)
    expect(totals).toEqual({
      ...{ loads: all.length, with_rejected: rejected.length, failed: 0 },
      ...{ read: sum(({ read }) => read), accepted: sum(({ accepted }) => accepted) },
      ...{ rejected: sum((each) => each.rejected), duplicates: sum(({ duplicates }) => duplicates) },
    })
    expect((await app.request('/api/v1/loads?only=none')).status).toBe(422)
    expect((await app.request('/api/v1/loads?before=0')).status).toBe(422)
  })

  test('every route with figures is also there as a table of the same width in every row', async () => {
    const { stages } = await get(bottlenecksAnswer, `/bottlenecks?${june}`)
    const { service = '', stage = '' } = stages[0] ?? {}
    for (const path of [
      '/kpis',
      '/kpis/on_time_rate/series',
      '/kpis/on_time_rate/by/department',
      '/process-map',
      '/variants',
      '/rework',
      '/bottlenecks',
      '/satisfaction',
      '/fairness?kpi=on_time_rate&against=best',
      `/stages/${encodeURIComponent(stage)}?service=${service}`,
    ]) {
      const response = await app.request(`/api/v1${path}${path.includes('?') ? '&' : '?'}${june}&format=csv`)
      const [header = '', first = ''] = (await response.text()).split('\r\n')
      const width = (line: string) => line.replace(/"(?:[^"]|"")*"/g, '').split(',').length
      expect(response.status, path).toBe(200)
      expect(width(first), path).toBe(width(header))
    }
  })
})

test.each([
  ['an unknown service', '/kpis?service=nothing', 'nothing'],
  ['an unknown department', '/kpis?department=nothing', 'nothing'],
  ['an unknown stage', '/stages/nothing?service=building-permits', 'nothing'],
  ['an unknown load', '/loads/0123456789abcdef', '0123456789abcdef'],
  ['the rejected rows of an unknown load', '/loads/0123456789abcdef/rejected', '0123456789abcdef'],
])('%s is not found and is named', async (_what, path, says) => {
  const response = await app.request(`/api/v1${path}`)
  expect(response.status).toBe(404)
  expect(await response.json()).toMatchObject({ detail: expect.stringContaining(says) })
})

test('a store that is ready names what it holds', async () => {
  const response = await app.request('/readyz')
  expect(response.status).toBe(200)
  expect(await response.json()).toMatchObject({ status: 'ready', missing: [] })
})
