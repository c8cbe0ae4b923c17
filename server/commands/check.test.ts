import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { readEnv } from '../env.ts'
import { openStore } from '../open.ts'
import { check } from './check.ts'

test('every kind of table that a load left behind is named', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'clearway-check-'))
  onTestFinished(() => rm(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }))
  const env = { ...readEnv({}), CLEARWAY_DATA: dir }
  const db = await openStore(env)
  const said: string[] = []
  const spy = vi.spyOn(process.stdout, 'write').mockImplementation((text) => said.push(String(text)) > 0)
  try {
    await check(env, { json: true })
    const left = ['fresh', 'judged', 'raw_view', 'stage'].map((kind) => `${kind}_0123456789abcdef`)
    for (const table of left)
      await db.command({ query: `CREATE TABLE ${table} (x UInt8) ENGINE = MergeTree ORDER BY x` })
    await expect(check(env, { json: true })).rejects.toThrow(/disagree in 4 places/)
    const [well, ill] = said.map((text) => JSON.parse(text) as unknown)
    expect(well).toEqual({ ok: true, findings: [] })
    expect(ill).toMatchObject({ ok: false, findings: left.map((table) => ({ subject: `table ${table}` })) })
  } finally {
    spy.mockRestore()
    await db.close()
  }
})
