import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { judge, type Received, startReceivers } from '../../fixtures/bench/reportReceivers.ts'
import { ReportsRun } from '../../fixtures/bench/reportsRun.ts'
import { Random } from '../../fixtures/city/random.ts'
import { ingest } from '../../pipelines/ingest.ts'
import { applyConfig } from '../../sql/applyConfig.ts'
import { configSchema } from '../../sql/config.ts'
import { openDb } from '../../sql/db.ts'
import { migrate } from '../../sql/migrate.ts'
import { listRuns } from '../../sql/reportRuns.ts'
import { declareSchedules } from '../../sql/scheduleVersions.ts'
import buildOnce from '../buildOnce.ts'

/** The small brother of `npm run bench -- reports`: the built server, killed while receivers fail. */

beforeAll(buildOnce, 180_000)

const program = join(import.meta.dirname, '../../dist/server/clearway.js')
const many = 60

test('sixty reports due at once reach receivers that fail, each once, although the server is killed three times', {
  timeout: 240_000,
}, async () => {
  const dir = await mkdtemp(join(tmpdir(), 'clearway-soak-'))
  const receivers = await startReceivers(new Random('soak'), 0.2)
  onTestFinished(async () => {
    receivers.close()
    await rm(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
  })
  const data = join(dir, 'data')
  await mkdir(data)
  const due = new Date(Math.floor(Date.now() / 60_000) * 60_000)
  const config = {
    jurisdiction: { name: 'Town', time_zone: 'UTC' },
    services: [{ id: 'permits', name: 'Permits' }],
    reports: { retry_minutes: 0.01 },
    schedules: Array.from({ length: many }, (_, index) => ({
      ...{ id: `s${index}`, name: `s${index}`, period: 'last_month', time_zone: 'UTC' },
      ...(index % 4 === 0
        ? { report: 'department-brief', formats: ['pdf'] }
        : { report: 'table', formats: [['csv', 'ndjson', 'xlsx'][(index % 4) - 1]] }),
      when: { kind: 'cron', cron: `${due.getUTCMinutes()} ${due.getUTCHours()} * * *` },
      recipients: [
        {
          destination: [
            { kind: 'email', to: `s${index}@town.example` },
            { kind: 's3', bucket: 'reports', prefix: `s${index}/` },
            { kind: 'webhook', url: receivers.webhook },
          ][index % 3],
        },
      ],
      ...{ stale: 'mark', incomplete: 'mark', unchanged: 'send' },
    })),
  }
  await writeFile(join(data, 'clearway.config.json'), JSON.stringify(config))
  const waits = join(dir, 'waits.csv')
  await writeFile(waits, 'wait_id,service,asked_at,wait\nW,permits,2026-01-01T00:00:00Z,60\n')
  const db = await openDb({ CLEARWAY_DATA: data })
  await migrate(db)
  const { schedules } = configSchema.parse(config)
  // an hour ago, so that this minute is one of theirs
  await declareSchedules(db, schedules, new Date(Date.now() - 3_600_000))
  await applyConfig(db, configSchema.parse(config))
  await ingest(db, waits, { mapping: 'clearway', source: 'counter' })
  await db.close()

  const run = new ReportsRun(program, data, receivers)
  await run.go(many, due.getTime(), [
    { victim: 'server', taken: 0, is: 'making', pause: 0 },
    { victim: 'server', taken: 10, is: 'answering', pause: 50 },
    { victim: 'server', taken: 30, is: 'begun', pause: 0 },
  ])
  expect([run.killed, run.makers.size > 1, run.making()]).toEqual([3, true, []])
  const after = await openDb({ CLEARWAY_DATA: data })
  const runs = await listRuns(after, { limit: 1_000 })
  await after.close()
  expect(runs.map(({ schedule }) => schedule).sort()).toEqual(schedules.map(({ id }) => id).sort())
  expect(new Set(runs.map(({ state }) => state))).toEqual(new Set(['done']))
  const keys = new Set(runs.map(({ key }) => key))
  expect(judge(receivers.log, keys, [])).toMatchObject({ lost: [], duplicates: [], strangers: [] })
  // nothing waits, and nothing is kept that nobody needs
  for (const folder of ['outbox', 'receipts', 'made'])
    expect([folder, await readdir(join(data, 'reports', folder))]).toEqual([folder, []])
})

test('the receivers’ log tells a loss, a repetition and what only the death of the postman excuses', () => {
  const at = (key: string, outcome: Received['outcome'], moment: number, way: Received['way'] = 'email') =>
    ({ key, outcome, at: moment, way }) satisfies Received
  const keys = new Set(['once', 'never', 'twice', 'excused', 'broken', 'kept'])
  const log = [
    at('once', 'refused', 1),
    at('once', 'taken', 2),
    at('never', 'taken, then broken', 3),
    at('twice', 'taken', 4),
    at('excused', 'taken', 30_000),
    at('broken', 'taken, then broken', 31_000),
    at('broken', 'taken', 32_000),
    at('kept', 'taken, then broken', 33_000, 's3'),
    at('twice', 'refused', 34_000),
    at('excused', 'taken', 35_000),
    at('other', 'taken', 36_000),
  ]
  expect(judge(log, keys, [33_000])).toEqual({
    ...{ lost: ['never'], duplicates: ['twice'], afterDeath: ['excused'] },
    ...{ strangers: ['other'], repeats: 1 },
  })
})
