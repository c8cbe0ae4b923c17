import { readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { applyConfig } from '../sql/applyConfig.ts'
import { bottlenecks } from '../sql/bottlenecks.ts'
import { configSchema } from '../sql/config.ts'
import type { Db } from '../sql/db.ts'
import { dimensions, filters, grains } from '../sql/filters.ts'
import { kpiAnswer, kpiBy, kpiSeries } from '../sql/kpiFigures.ts'
import { kpiIds } from '../sql/kpis.ts'
import { outcomes } from '../sql/outcomes.ts'
import { processMap } from '../sql/processMap.ts'
import { satisfaction } from '../sql/satisfaction.ts'
import { load } from './load.ts'
import { loadMapping } from './mapping.ts'
import { useStore } from './testStore.ts'

/**
 * One folder of fixtures/cases is one story: `config.json`, rows in `*.csv` (loaded in the order of their names, from the
 * source "register" where a row names none), `expected.json` with questions and their figures, and `note.md` with the sums
 * by hand. Adding a folder needs no code.
 */
const root = path.resolve(import.meta.dirname, '../fixtures/cases')

const question = z.strictObject({
  ask: z.enum(['kpis', 'series', 'by', 'map', 'stages', 'satisfaction', 'outcomes']),
  id: z.enum(kpiIds).default('requests_received'),
  grain: z.enum(grains).default('month'),
  dimension: z.enum(dimensions).default('district'),
  filters: filters.prefault({}),
  expect: z.record(z.string(), z.unknown()),
})
type Question = z.output<typeof question>

/** The answer as the questions name it: figures by KPI id, by first day, by value. */
async function answer(db: Db, { ask, id, grain, dimension, filters: chosen }: Question): Promise<unknown> {
  if (ask === 'map') return processMap(db, chosen)
  if (ask === 'satisfaction') return satisfaction(db, chosen)
  if (ask === 'outcomes') return outcomes(db, chosen)
  if (ask === 'stages')
    return Object.fromEntries((await bottlenecks(db, chosen)).stages.map((row) => [row.stage, row]))
  if (ask === 'kpis')
    return Object.fromEntries(
      (await kpiAnswer(db, chosen)).kpis.map(({ id: kpi, stat, change, status, compare }) => [
        kpi,
        { ...stat, verdict: change.verdict, on_target: status, before: compare },
      ]),
    )
  if (ask === 'series') {
    const { points, ...rest } = await kpiSeries(db, id, grain, chosen)
    return { ...rest, ...Object.fromEntries(points.map(({ from, stat }) => [from, stat])) }
  }
  const { rows, total } = await kpiBy(db, id, dimension, chosen)
  return { ...Object.fromEntries(rows.map(({ value, stat }) => [value, stat])), total }
}

/** Numbers in the expectation stand for numbers within 1e-9. */
function near(expected: unknown): unknown {
  if (typeof expected === 'number') return expect.closeTo(expected, 9)
  if (Array.isArray(expected)) return expected.map(near)
  if (expected === null || typeof expected !== 'object') return expected
  return Object.fromEntries(Object.entries(expected).map(([key, value]) => [key, near(value)]))
}

const store = useStore()
const mapping = await loadMapping('clearway')
const kept = ['schema_migrations', 'migrations', 'data_version']

async function empty(): Promise<void> {
  const tables = await store.rows<{ name: string }>(
    `SELECT name FROM system.tables WHERE database = currentDatabase() AND endsWith(engine, 'MergeTree')`,
  )
  for (const { name } of tables)
    if (!kept.includes(name)) await store.db.command({ query: `TRUNCATE TABLE ${name}` })
}

const json = async (...place: string[]): Promise<unknown> =>
  JSON.parse(await readFile(path.join(root, ...place), 'utf8'))

test.each(readdirSync(root).sort())('%s', async (name) => {
  await empty()
  await applyConfig(store.db, configSchema.parse(await json(name, 'config.json')))
  const files = readdirSync(path.join(root, name)).filter((file) => file.endsWith('.csv'))
  for (const file of files.sort())
    expect(
      await load(store.db, { file: path.join(root, name, file), mapping, source: 'register' }),
      file,
    ).toMatchObject({ rejected: 0 })
  expect(await readFile(path.join(root, name, 'note.md'), 'utf8')).not.toBe('')
  for (const asked of question
    .array()
    .min(1)
    .parse(await json(name, 'expected.json')))
    expect(await answer(store.db, asked), JSON.stringify({ ...asked, expect: undefined })).toMatchObject(
      near(asked.expect) as object,
    )
})
