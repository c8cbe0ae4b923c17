import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import type { CauseKind } from '../fixtures/truth/causes.ts'
import { simulateCity } from '../fixtures/truth/make.ts'
import { applyConfig } from '../sql/applyConfig.ts'
import { bottlenecks } from '../sql/bottlenecks.ts'
import { configSchema } from '../sql/config.ts'
import { openDb } from '../sql/db.ts'
import { filters } from '../sql/filters.ts'
import { migrate } from '../sql/migrate.ts'
import { load } from './load.ts'
import { loadMapping } from './mapping.ts'

/** Loads a made city and gives its truth and what is found in it. More seeds: npm run bench -- findings. */
async function findingsIn(cause: CauseKind, seed: number) {
  const { events, config, truth } = simulateCity({ seed, cause })
  const dir = await mkdtemp(path.join(os.tmpdir(), 'clearway-findings-'))
  const db = await openDb({ CLEARWAY_DATA: path.join(dir, 'data') })
  try {
    await migrate(db)
    await applyConfig(db, configSchema.parse(config))
    await writeFile(path.join(dir, 'events.csv'), events)
    await load(db, { file: path.join(dir, 'events.csv'), mapping: await loadMapping('clearway') })
    const ask = async (asked: Record<string, string>) =>
      (
        await bottlenecks(
          db,
          filters.parse({ from: truth.since ?? '2025-01-01', until: truth.until, ...asked }),
        )
      ).findings
    return { truth, found: await ask({}), unasked: await ask({ compare: 'none' }) }
  } finally {
    await db.close()
    await rm(dir, { recursive: true, force: true })
  }
}

test.each([
  ['slower_stage', 2],
  ['segment', 1],
  // only completions are told, and by the stays alone the segment does not stand out
  ['segment', 83],
  ['rework', 4],
  ['mix_shift', 1],
] as const)(
  'the cause of a made city is found first: %s',
  async (cause, seed) => {
    const { truth, found, unasked } = await findingsIn(cause, seed)
    const [first] = found
    expect(first).toMatchObject({
      rank: 1,
      kind: cause,
      service: truth.service,
      stage: truth.stage,
      segment: truth.segment,
    })
    expect(
      Math.abs(Date.parse(first?.since ?? '') - Date.parse(truth.since ?? '')) / 86_400_000,
    ).toBeLessThanOrEqual(10)
    expect((first?.since_between[0] ?? '') <= (first?.since ?? '')).toBe(true)
    expect((first?.extra_hours ?? 0) / truth.extra_hours).toBeGreaterThan(0.75)
    expect((first?.extra_hours ?? 0) / truth.extra_hours).toBeLessThan(1.25)
    expect(first?.sentence).toContain('It cost people')
    expect(unasked).toEqual([])
  },
  180_000,
)

test('in a quiet city with busy queues and seasons nothing is found', async () => {
  expect((await findingsIn('none', 1)).found).toEqual([])
}, 180_000)
