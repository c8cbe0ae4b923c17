import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, test, vi } from 'vitest'
import { makeTown } from '../../fixtures/bench/killsTown.ts'
import { ingest } from '../../pipelines/ingest.ts'
import { useStore } from '../../pipelines/testStore.ts'
import { keepWeeks } from '../../pipelines/weeks.ts'
import { openAudit } from '../../sql/audit.ts'
import { configSchema } from '../../sql/config.ts'
import type { Db } from '../../sql/db.ts'
import { noteSteps } from '../../sql/releaseLog.ts'
import { noteRuns, type RunRow } from '../../sql/reportRuns.ts'
import { byServer } from '../commands/actor.ts'
import { check } from '../commands/check.ts'
import { readEnv } from '../env.ts'
import { useConfig } from '../open.ts'
import { manifestFiles, sha256 } from '../releases/manifest.ts'
import { releaseKey } from '../releases/signing.ts'
import { openArchive } from '../reports/archive.ts'
import { disagreements } from './disagreements.ts'
import type { Finding } from './finding.ts'

/** Each thing is damaged once and seen named; then it is as it was. */

const store = useStore()
let db: Db
const run = (query: string) => db.command({ query })

beforeAll(async () => {
  ;({ db } = store)
  const { config, office, folder } = makeTown()
  await useConfig(db, configSchema.parse(config))
  for (const { name, content } of [office[0], office[3], ...folder.slice(0, 3)].flatMap((file) => file ?? []))
    await ingest(db, await store.file(name, content), { mapping: 'clearway', source: 'office' })
  await keepWeeks(db)
})

/** What is found while something is damaged. */
async function foundWhile(damage: () => Promise<unknown>, undo: () => Promise<unknown>): Promise<Finding[]> {
  await damage()
  try {
    return await disagreements(db)
  } finally {
    await undo()
  }
}
const about = (findings: Finding[], subject: string) =>
  findings.filter((finding) => finding.subject === subject).map(({ problem }) => problem)

test('a store of many loads, with corrections and rejected rows, is as its ledgers say', async () => {
  expect(await disagreements(db)).toEqual([])
})

test('rows that are gone from any table are named with the table', async () => {
  const lost = [
    ['wait_times', "wait_id = 'W7'", /of source office \d+ rows are held where \d+ arrived/],
    ['outcomes', "outcome_id = 'O7'", /of source office \d+ rows are held where \d+ arrived/],
    [
      'case_events',
      "case_id = 'C7' AND activity = 'Received'",
      /of source office \d+ rows are held where \d+ arrived/,
    ],
    ['cases', "case_id = 'C8'", /^it holds \d+ rows, the events name \d+/],
    ['current_waits', "wait_id IN ('W8', 'W9')", /^it holds \d+ rows, the facts are \d+/],
    ['daily_wait_times', "service = 'benches'", /^it holds \d+ rows, waits, there are \d+/],
    ['daily_cases', "service = 'benches'", /^it holds \d+ rows, received, the cases are \d+/],
    ['weekly_visits', "service = 'benches'", /^it holds \d+ visits of month \d+, there are \d+/],
    ['weekly_ends', "service = 'benches'", /^it holds \d+ visits of month \d+, there are \d+/],
    ['rejected_rows', '1', /./],
  ] as const
  const damage = async () => {
    for (const [table, where] of lost) {
      await run(`CREATE TABLE copy_of_${table} AS ${table}`)
      await run(`INSERT INTO copy_of_${table} SELECT * FROM ${table}`)
      await run(`DELETE FROM ${table} WHERE ${where}`)
    }
  }
  const undo = async () => {
    for (const [table] of lost) {
      await run(`TRUNCATE TABLE ${table}`)
      await run(`INSERT INTO ${table} SELECT * FROM copy_of_${table}`)
      await run(`DROP TABLE copy_of_${table}`)
    }
  }
  const found = await foundWhile(damage, undo)
  for (const [table, , says] of lost.slice(0, -1))
    expect(about(found, `table ${table}`), table).toContainEqual(expect.stringMatching(says))
  expect(found.map(({ problem }) => problem)).toContainEqual(
    expect.stringMatching(/the ledger says \d+ rejected rows, table rejected_rows holds 0/),
  )
  expect(found.filter(({ remedy }) => !remedy.endsWith('.'))).toEqual([])
  expect(await disagreements(db)).toEqual([])
})

test('a damaged part of a table is named with its rows and the files they came from, and one that is derived is mended', async () => {
  const damage = async (table: string) => {
    await run(`OPTIMIZE TABLE ${table} FINAL`)
    const [part] = await store.rows<{ path: string; name: string }>(
      `SELECT path, name FROM system.parts WHERE active AND table = '${table}' AND database = currentDatabase() ORDER BY rows DESC LIMIT 1`,
    )
    const file = readdirSync(part?.path ?? '').find((name) => name.endsWith('.bin') && !name.startsWith('_'))
    const path = join(part?.path ?? '', file ?? '')
    const bytes = readFileSync(path)
    const damaged = Buffer.from(bytes)
    damaged.writeUInt8((damaged[40] ?? 0) ^ 255, 40)
    writeFileSync(path, damaged)
    return { name: part?.name ?? '', undo: async () => writeFileSync(path, bytes) }
  }
  const facts = await damage('wait_times')
  const found = await foundWhile(async () => {}, facts.undo)
  const [problem = ''] = about(found, 'table wait_times')
  expect(problem).toMatch(new RegExp(`^its part ${facts.name} with \\d+ rows is damaged`))
  await damage('daily_wait_times')
  expect(about(await disagreements(db), 'table daily_wait_times')[0]).toContain('is damaged')
  const env = { ...readEnv({}), CLEARWAY_DATA: db.dataDir }
  const spy = vi.spyOn(process.stdout, 'write').mockImplementation(() => true)
  try {
    await check(env, { json: true, mend: true })
  } finally {
    spy.mockRestore()
  }
})

test('entries of the audit that were changed or taken away are named', async () => {
  const audit = openAudit(db)
  for (const object of ['A', 'B', 'C', 'D'])
    await audit.note({ actor: byServer, deed: 'case_view', object, purpose: 'complaint' })
  expect(about(await disagreements(db), 'the audit')).toEqual([])
  const [{ chain } = { chain: '' }] = await store.rows<{ chain: string }>(
    `SELECT chain FROM audit WHERE object = 'A'`,
  )
  const no = async (object: string) =>
    (await store.rows<{ no: number }>(`SELECT no FROM audit WHERE object = '${object}'`))[0]?.no
  const [changed, taken] = [await no('B'), await no('C')]
  const found = await foundWhile(
    async () => {
      await run('CREATE TABLE copy_of_audit AS audit')
      await run('INSERT INTO copy_of_audit SELECT * FROM audit')
      await run('TRUNCATE TABLE audit')
      await run(
        `INSERT INTO audit SELECT * REPLACE (if(object = 'B', 'curiosity', purpose) AS purpose) FROM copy_of_audit WHERE object != 'C'`,
      )
    },
    async () => {
      await run('TRUNCATE TABLE audit')
      await run('INSERT INTO audit SELECT * FROM copy_of_audit')
      await run('DROP TABLE copy_of_audit')
    },
  )
  expect(about(found, 'the audit')).toEqual([
    `Chain ${chain}: entry ${changed} was changed after it was written`,
    `Chain ${chain}: entry ${taken} is missing`,
  ])
  expect(await disagreements(db)).toEqual([])
})

test('a body that was acknowledged, a report that was sent and a release are named when they are changed or gone', async () => {
  const push = join(db.dataDir, 'push')
  await mkdir(push, { recursive: true })
  const ticket = { format: 'csv', source: 'counters', sha256: sha256('a') }
  const lost = await foundWhile(
    () => writeFile(join(push, '0123456789abcdef.json'), JSON.stringify(ticket)),
    () => rm(push, { recursive: true }),
  )
  expect(lost).toMatchObject([
    { subject: 'push/0123456789abcdef.json', problem: expect.stringContaining('counters') },
  ])

  const words = { name: 'brief.csv', media_type: 'text/csv', figures_sha256: 'f'.repeat(64), report: 'table' }
  const days = { from: '2026-05-01', until: '2026-06-01', as_of: null, made_at: '2026-06-02T00:00:00Z' }
  const kept = await openArchive(db.dataDir).keep(await store.file('brief.csv', 'a\n1\n'), {
    ...words,
    ...days,
  })
  const now = new Date().toISOString()
  await noteRuns(db, [sentRun(kept.sha256, now)])
  const head = { id: '2026-05' } as Parameters<typeof manifestFiles>[0]
  const key = await releaseKey(db.dataDir, undefined)
  const files = [{ path: 'index.html', body: '<h1>May</h1>' }]
  const folder = join(db.dataDir, 'releases', '2026-05')
  await mkdir(folder, { recursive: true })
  const [manifest, signature] = manifestFiles(head, files, key)
  for (const { path, body } of [...files, manifest, signature]) await writeFile(join(folder, path), body)
  await noteSteps(db, [
    {
      ...{ release: '2026-05', step: 'built', at: now, key_id: '', key_name: '', reason: '', about: '' },
      manifest: sha256(manifest.body),
    },
  ])
  expect(await disagreements(db)).toEqual([])

  rmSync(kept.path)
  writeFileSync(join(folder, 'index.html'), '<h1>June</h1>')
  expect(await disagreements(db)).toMatchObject([
    {
      subject: `report ${kept.sha256.slice(0, 16)}`,
      problem: expect.stringContaining('missing from the archive'),
    },
    {
      subject: 'release 2026-05',
      problem: 'index.html was changed',
      remedy: expect.stringContaining('rebuild 2026-05'),
    },
  ])
  await rm(folder, { recursive: true })
  expect((await disagreements(db)).map(({ problem }) => problem)).toContain('its folder is missing')
})

function sentRun(sha: string, at: string): RunRow {
  const none = {
    worker: '',
    lease_until: null,
    not_before: null,
    reason: '',
    made: '',
    figures_sha256: '',
    proof: '',
  }
  return {
    ...{ number: 1, key: 'k', schedule: 's', report: 'table', by_hand: 0, occurrence: at, ...none },
    ...{
      period_from: '2026-05-01',
      period_until: '2026-06-01',
      recipient: '',
      recipient_id: '',
      format: 'csv',
    },
    ...{ state: 'done', at, attempt: 0, sha256: sha, as_of: '', data_version: '', request: '{}' },
  }
}

test('every kind of table that a load left behind is named, and the command then ends with a failure', async () => {
  const env = { ...readEnv({}), CLEARWAY_DATA: db.dataDir }
  const before = (await disagreements(db)).length
  const said: string[] = []
  const spy = vi.spyOn(process.stdout, 'write').mockImplementation((text) => said.push(String(text)) > 0)
  try {
    const left = ['fresh', 'judged', 'raw_view', 'stage'].map((kind) => `${kind}_0123456789abcdef`)
    for (const table of left) await run(`CREATE TABLE ${table} (x UInt8) ENGINE = MergeTree ORDER BY x`)
    await expect(check(env, { json: true })).rejects.toThrow(`disagree in ${before + 4} places`)
    const ill = JSON.parse(said[0] ?? '') as { ok: boolean; findings: Finding[] }
    expect(ill.ok).toBe(false)
    expect(ill.findings.map(({ subject }) => subject)).toEqual(
      expect.arrayContaining(left.map((table) => `table ${table}`)),
    )
  } finally {
    spy.mockRestore()
  }
})
