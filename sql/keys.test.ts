import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Db, openDb } from './db.ts'
import { createKey, findKey, listKeys, mayIngest, noteUses, revokeKey } from './keys.ts'
import { migrate } from './migrate.ts'

const folder = mkdtempSync(join(tmpdir(), 'clearway-keys-'))
let db: Db
beforeAll(async () => {
  db = await openDb({ CLEARWAY_DATA: folder })
  await migrate(db)
})
afterAll(async () => {
  await db.close()
  rmSync(folder, { recursive: true, force: true })
})

test('a key opens what its scopes name until it is revoked, and its secret is nowhere in the store', async () => {
  const { key, ...made } = await createKey(db, {
    name: 'permit-system',
    role: 'ingest',
    scopes: ['ingest:case_events'],
  })
  const found = await findKey(db, key)
  expect(found).toMatchObject({ id: made.id, last_used_at: null, revoked_at: null })
  expect(found && mayIngest(found, 'case_events')).toBe(true)
  expect(found && mayIngest(found, 'outcomes')).toBe(false)
  const last = key.at(-1) === 'A' ? 'B' : 'A'
  for (const wrong of [
    '',
    'cw_',
    `${key}A`,
    `${key.slice(0, -1)}${last}`,
    key.replace(made.id, '000000000000'),
  ])
    expect(await findKey(db, wrong), wrong).toBeUndefined()

  await revokeKey(db, made.id)
  await noteUses(db, [{ id: made.id, at: new Date('2026-03-02T10:15:00Z') }])
  expect(await findKey(db, key)).toBeUndefined()
  const [listed] = await listKeys(db)
  expect(listed?.revoked_at).not.toBeNull()
  expect(listed?.last_used_at).toContain('2026-03-02T10:15:00')
  const stored = await (await db.query({ query: 'SELECT * FROM api_keys', format: 'TabSeparated' })).text()
  expect(stored).not.toContain(key.slice(-43))
  await expect(revokeKey(db, 'nobody')).rejects.toThrow('There is no key "nobody"')
})
