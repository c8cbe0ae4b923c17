import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Db, openDb } from '../sql/db.ts'
import { migrate } from '../sql/migrate.ts'
import { load } from './load.ts'
import { loadMapping } from './mapping.ts'

const data = path.resolve(import.meta.dirname, '../../shared/data')
const real = test.skipIf(!existsSync(data))
let dir: string
let db: Db
beforeAll(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'clearway-load-'))
  db = await openDb({ CLEARWAY_DATA: dir })
  await migrate(db)
})
afterAll(async () => {
  await db?.close()
  await rm(dir, { recursive: true, force: true })
})

real('receipt', async () => {
  const result = await load(db, { file: path.join(data, 'receipt/receipt.xes.gz'), mapping: await loadMapping('xes') })
  expect(result).toMatchObject({ read: 8577, accepted: 8577 })
  const again = await load(db, { file: path.join(data, 'receipt/receipt.csv.gz'), mapping: await loadMapping('csv-log') })
  console.log(result, again, await (await db.query({query:'select source,case_id,activity,time,count(),groupArray((event_key,team,channel,department,service,lifecycle,seq)) from case_events group by 1,2,3,4 order by 2,4 limit 3',format:'JSONEachRow'})).text())
  expect(again).toMatchObject({ read: 8577, duplicates: 8577 })
})
real('boston', async () => {
  const t = performance.now()
  const result = await load(db, { file: path.join(data, 'boston-311/requests-2011-h2.csv.gz'), mapping: await loadMapping('boston-311') })
  console.log(performance.now() - t, result)
  expect(result).toMatchObject({ read: 58251, accepted: 58251 })
})
