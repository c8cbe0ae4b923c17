import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { openAudit } from '../../sql/audit.ts'
import { readEnv } from '../env.ts'
import { openStore } from '../open.ts'
import { exportAuditCommand, verifyAuditCommand } from './audit.ts'
import { createKeyCommand } from './key.ts'

test('verify keeps the heads outside and names what was cut off since, and export writes every format', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'clearway-audit-'))
  onTestFinished(() => rm(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }))
  const env = { ...readEnv({}), CLEARWAY_DATA: join(dir, 'data') }
  const db = await openStore(env)
  const said: string[] = []
  const spies = [process.stdout, process.stderr].map((pipe) =>
    vi.spyOn(pipe, 'write').mockImplementation((text) => said.push(String(text)) > 0),
  )
  try {
    const head = join(dir, 'heads.json')
    await createKeyCommand(env, { name: 'desk', role: 'ingest' })
    const actor = { kind: 'person', id: 'p', name: 'Jo Miller' } as const
    await openAudit(db).note({ actor, deed: 'case_view', object: 'ü "1"' })
    await verifyAuditCommand(env, { head })
    expect(said.join('')).toContain('The audit is whole: 2 entries in 2 chains.')

    for (const format of ['ndjson', 'csv', 'parquet'] as const)
      await exportAuditCommand(env, { format, out: join(dir, `audit.${format}`), until: '2299-01-01' })
    const lines = (await readFile(join(dir, 'audit.ndjson'), 'utf8')).trim().split('\n')
    expect(lines.map((line) => (JSON.parse(line) as { deed: string }).deed)).toEqual([
      ...['key_create', 'case_view', 'audit_export'],
    ])
    expect(await readFile(join(dir, 'audit.csv'), 'utf8')).toContain('"ü ""1"""')
    expect((await readFile(join(dir, 'audit.parquet'))).subarray(0, 4).toString()).toBe('PAR1')
    await expect(exportAuditCommand(env, { format: 'csv', out: join(dir, 'no/x.csv') })).rejects.toThrow(
      'make it first',
    )
    await verifyAuditCommand(env, { head })

    // the newest entries of the store are gone: nothing in it can tell
    await db.command({ query: 'ALTER TABLE audit DELETE WHERE at = (SELECT max(at) FROM audit)' })
    await expect
      .poll(() => verifyAuditCommand(env, { head, json: true }).then(String, String))
      .toMatch(/The audit is not whole\. Chain [0-9a-f]{16}: entry 1 was cut off/)
    await expect(verifyAuditCommand(env, { head: join(dir, 'audit.csv') })).rejects.toThrow(
      'holds no heads of an audit',
    )
  } finally {
    for (const spy of spies) spy.mockRestore()
    await db.close()
  }
})
