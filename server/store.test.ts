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
  processMapAnswer,
  rejectedAnswer,
  satisfactionAnswer,
  seriesAnswer,
  stageAnswer,
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

  test('the ledger and the rows that did not fit', async () => {
    const { loads } = await get(loadsAnswer, '/loads')
    for (const { load_id, rejected } of loads) {
      await get(load, `/loads/${load_id}`)
      const { rows } = await get(rejectedAnswer, `/loads/${load_id}/rejected?limit=5`)
      expect(rows.length > 0).toBe(rejected > 0)
    }
  })

  test('every route with figures is also there as a table of the same width in every row', async () => {
    const { stages } = await get(bottlenecksAnswer, `/bottlenecks?${june}`)
    const { service = '', stage = '' } = stages[0] ?? {}
    for (const path of [
      '/kpis',
      '/kpis/on_time_rate/series',
      '/kpis/on_time_rate/by/department',
      '/process-map',
      '/bottlenecks',
      '/satisfaction',
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
