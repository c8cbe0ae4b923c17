import { test } from 'vitest'
import { ingest } from '../pipelines/ingest.ts'
import { rotatePseudonyms } from '../pipelines/privacy/pseudonyms.ts'
import { useStore } from '../pipelines/testStore.ts'

const store = useStore()
const rows = (p: string, n: number) =>
  `source,service,case_id,activity,time\n${Array.from({ length: n }, (_, i) => `${p},permits,${p}-${i >> 2},A${i % 4},2026-01-01T0${i % 4}:00:00Z`).join('\n')}\n`
test('cost', async () => {
  const take = async (p: string) => {
    const f = await store.file(`${p}.csv`, rows(p, 300_000))
    const t = performance.now()
    const [r] = await ingest(store.db, f, { mapping: 'clearway' })
    console.log(p, r?.accepted, Math.round(performance.now() - t))
  }
  await take('plain0')
  await take('plain1')
  await take('plain2')
  await store.db.insert({
    table: 'pseudonymous_sources',
    values: ['h1', 'h2', 'h3', 'h4'].map((source) => ({ source })),
    format: 'JSONEachRow',
  })
  await take('h1')
  await take('h2')
  await rotatePseudonyms(store.db.dataDir)
  await take('h3')
  await take('h4')
  await take('plain3')
}, 400_000)
