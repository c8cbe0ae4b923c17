import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { ingest } from '../../pipelines/ingest.ts'
import { useStore } from '../../pipelines/testStore.ts'
import { configSchema } from '../../sql/config.ts'
import type { Db } from '../../sql/db.ts'
import { planOf } from '../../sql/plan.ts'
import { fillWhenEmpty } from './demo.ts'

const store = useStore()

test('what clearway plan says of the next start is what the start of a filled demo does', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'clearway-demo-'))
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }))
  const db = { ...store.db, dataDir } as Db
  const declared = (name: string) => ({ jurisdiction: { name, time_zone: 'Europe/London' } })
  const write = (file: string, value: object) => writeFile(join(dataDir, file), JSON.stringify(value))
  const events = await store.file(
    'events.csv',
    'case_id,service,activity,time\n1,permits,Check,2026-06-20T10:00:00Z\n',
  )
  await ingest(store.db, events, { mapping: 'clearway', source: 'city' })
  await mkdir(join(dataDir, 'sample-city'))
  await write('sample-city/clearway.config.json', declared('Springfield'))
  await write('sample-city/state.json', { files: [], loaded: true })
  await fillWhenEmpty(db)
  expect(await planOf(db, configSchema.parse(declared('Springfield')))).toEqual([])
  const own = { ...declared('Shelbyville'), services: [{ id: 'permits', name: 'Permits' }] }
  await write('clearway.config.json', own)
  expect(await planOf(db, configSchema.parse(own))).not.toEqual([])
  await fillWhenEmpty(db)
  expect(await planOf(db, configSchema.parse(own))).toEqual([])
})
