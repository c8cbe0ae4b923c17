import { expect, test } from 'vitest'
import { useStore } from '../../pipelines/testStore.ts'
import { openAudit } from '../../sql/audit.ts'
import { verifyAudit } from '../../sql/auditRead.ts'
import { rowsOf } from '../../sql/rowsOf.ts'
import { trimDaily } from './trimDaily.ts'

const store = useStore()

test('entries go when their days are over, once a day, and what is left is whole; where nothing is said they stay', async () => {
  const { db } = store
  const audit = openAudit(db, { gatherMs: 0 })
  const actor = { kind: 'person', id: 'p', name: 'P' } as const
  await audit.note({ actor, deed: 'case_view', object: 'old' })
  const held = async () => {
    const query = 'SELECT deed, object FROM audit ORDER BY at, no'
    const found = await rowsOf<{ deed: string; object: string }>(db, query)
    return found.map(({ deed, object }) => object || deed)
  }
  let now = new Date()
  const troubles: unknown[] = []
  const keep = (days: number | null) =>
    trimDaily(db, { audit, days, everyMs: 10, now: () => now, onTrouble: (error) => troubles.push(error) })
  const forEver = keep(null)
  const month = keep(30)
  await expect.poll(held).toEqual(['old'])
  now = new Date(now.getTime() + 31 * 86_400_000)
  await expect.poll(held).toEqual(['audit_trim'])
  await Promise.all([forEver.close(), month.close()])
  expect(await verifyAudit(db)).toMatchObject({ whole: true, faults: [] })
  expect(await held()).toEqual(['audit_trim'])
  expect(troubles).toEqual([])
})
