import fc from 'fast-check'
import { expect, test } from 'vitest'
import { load } from './load.ts'
import { loadMapping } from './mapping.ts'
import { useStore } from './testStore.ts'

const store = useStore()
const clearway = await loadMapping('clearway')
const version = fc.record({
  key: fc.integer({ min: 1, max: 4 }),
  minute: fc.integer({ min: 0, max: 59 }),
  wait: fc.integer({ min: 1, max: 3 }),
})
let number = 0

test('versions of rows give the same facts in whatever order and however split they arrive', {
  timeout: 120_000,
}, async () => {
  const batches = fc.array(fc.array(version, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 3 })
  await fc.assert(
    fc.asyncProperty(batches, async (files) => {
      const run = ++number
      // two versions recorded at the same moment would be the same version
      const wanted = new Map<number, { minute: number; wait: number }>()
      const seen = new Map<string, number>()
      for (const [at, rows] of files.entries()) {
        const lines = rows.map(({ key, minute, wait }) => {
          const first = seen.get(`${key} ${minute}`) ?? wait
          seen.set(`${key} ${minute}`, first)
          const newest = wanted.get(key)
          if (!newest || newest.minute < minute) wanted.set(key, { minute, wait: first })
          return `W${key},counter,2026-01-05T09:00:00Z,${first},2026-01-06T10:${String(minute).padStart(2, '0')}:00Z`
        })
        const file = await store.file(
          `order-${run}-${at}.csv`,
          `wait_id,service,asked_at,wait,recorded_at\n${lines.join('\n')}\n`,
        )
        const { read, accepted, rejected, duplicates } = await load(store.db, {
          file,
          mapping: clearway,
          source: `run-${run}`,
        })
        expect(accepted + rejected + duplicates).toBe(read)
      }
      const held = await store.rows<{ wait_id: string; seconds: number }>(
        `SELECT wait_id, wait_ms / 1000 AS seconds FROM wait_times FINAL WHERE source = 'run-${run}' ORDER BY wait_id`,
      )
      const clean = [...wanted]
        .sort(([a], [b]) => a - b)
        .map(([key, { wait }]) => ({ wait_id: `W${key}`, seconds: wait }))
      expect(held).toEqual(clean)
    }),
    { numRuns: 7 },
  )
})
