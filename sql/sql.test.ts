import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Db, openDb } from './db.ts'
import { migrate, migrations } from './migrate.ts'
import { queries } from './query.ts'
import './annotations.ts'
import './bottlenecks.ts'
import './causes.ts'
import './breaches.ts'
import './decompose.ts'
import './fairness.ts'
import './flow.ts'
import './cases.ts'
import './comments.ts'
import './cube.ts'
import './kpiFigures.ts'
import './loads.ts'
import './meta.ts'
import './outcomes.ts'
import './processMap.ts'
import './releaseLog.ts'
import './reportRuns.ts'
import './rework.ts'
import './satisfaction.ts'
import './scheduleVersions.ts'
import './sessionsEnded.ts'
import './stage.ts'
import './variants.ts'

const folder = mkdtempSync(join(tmpdir(), 'clearway-sql-'))
let db: Db
beforeAll(async () => {
  db = await openDb({ CLEARWAY_DATA: folder })
  await migrate(db)
})
afterAll(async () => {
  await db.close()
  rmSync(folder, { recursive: true, force: true })
})

const files = Object.keys({
  ...import.meta.glob('./kpis/*.sql', { query: '?raw' }),
  ...import.meta.glob('./queries/*.sql', { query: '?raw' }),
})
const sample: Record<string, unknown> = {
  from: '2026-06-01',
  since: '2024-07-01',
  until: '2026-07-01',
  before_from: '2025-06-01',
  before_until: '2025-07-01',
  mature_services: ['permits'],
  mature_days: [20_000],
  watched_services: ['permits'],
  watched_days: [20_000],
  source_ids: ['register'],
  source_ends: [1_780_000_000_000_000],
  ends: ['2026-07-01'],
  bands: [1, 7],
  zone: 'Europe/London',
  grain: 'month',
  dimension: 'district',
  dimensions: ['district', 'team'],
  extended: 1,
  by_subtype: 0,
  reopen_days: 30,
  repeat_days: 14,
  limit: 10,
  by_visit: 1,
  before: 0,
  after_key: 0,
  most: 100,
  after: 0,
  first_at: '2026-06-01T00:00:00Z',
  last_at: '2026-07-01T00:00:00Z',
}
const lists = new Set(['service', 'department', 'district', 'channel', 'team'])

it('knows every query file', () => {
  expect(queries.map(({ queryName }) => queryName).sort()).toEqual(
    files.map((file) => file.replace(/^.*\/(.*)\.sql$/, '$1')).sort(),
  )
})

describe.each(queries.map((query) => [query.queryName, query] as const))('%s', (_, query) => {
  const names = [...query.sql.matchAll(/\{(\w+): ?[A-Z]/g)].map((match) => match[1] ?? '')
  const query_params = Object.fromEntries(
    names.map((name) => [name, sample[name] ?? (lists.has(name) ? [] : '')]),
  )

  it('opens with one comment that says what it answers', () => {
    expect(query.sql).toMatch(/^-- .+\n/)
  })
  it('takes exactly the parameters it declares', () => {
    expect([...new Set(names)].sort()).toEqual(Object.keys(query.params.shape).sort())
  })
  it('gives exactly the columns it declares, and runs on an empty store', async () => {
    const described = await db.query({
      query: `DESCRIBE (${query.sql})`,
      query_params,
      format: 'JSONEachRow',
    })
    const columns = (await described.json<{ name: string }>()).map(({ name }) => name)
    expect(columns.sort()).toEqual(Object.keys(query.row.shape).sort())
    await expect(query(db, query_params)).resolves.toBeInstanceOf(Array)
  })
})

describe('migrations', () => {
  it('run again do nothing', async () => {
    expect(await migrate(db)).toEqual([])
  })
  it('refuse an old one that was changed, by name', async () => {
    const [first, ...rest] = migrations
    const changed = [{ name: first?.name ?? '', sql: `${first?.sql}-- changed` }, ...rest]
    await expect(migrate(db, changed)).rejects.toThrow(/0001_facts\.sql was changed after it ran/)
  })
  it('refuse a store made by a newer version', async () => {
    await expect(migrate(db, migrations.slice(0, -1))).rejects.toThrow(/newer version/)
  })
})
