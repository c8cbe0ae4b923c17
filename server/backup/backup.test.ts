import { createReadStream, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { link, mkdir, readdir, readlink, stat, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { makeTown } from '../../fixtures/bench/killsTown.ts'
import { ingest } from '../../pipelines/ingest.ts'
import { loadIdOf } from '../../pipelines/load.ts'
import { loadMapping } from '../../pipelines/mapping.ts'
import { recoverLoads } from '../../pipelines/recover.ts'
import { Intake } from '../../pipelines/sources/intake.ts'
import { pushLimits } from '../../pipelines/sources/push.ts'
import { Spool } from '../../pipelines/sources/spool.ts'
import { useStore } from '../../pipelines/testStore.ts'
import { configSchema } from '../../sql/config.ts'
import { type Db, openDb } from '../../sql/db.ts'
import { doneMigrations } from '../../sql/migrate.ts'
import { createApp } from '../app.ts'
import { disagreements } from '../check/disagreements.ts'
import { openStore, useConfig } from '../open.ts'
import { faultsOf, manifestFiles } from '../releases/manifest.ts'
import { publicPem, releaseKey } from '../releases/signing.ts'
import { openArchive } from '../reports/archive.ts'
import { layout } from './head.ts'
import { readLastBackup } from './lastBackup.ts'
import { makeBackup } from './make.ts'
import { Packing } from './pack.ts'
import { restore } from './restore.ts'
import { unpack } from './unpack.ts'

/** The rehearsal: a store with all that can lie in and beside it, backed up while a load runs, and restored on an empty folder. */

const store = useStore()
let dir = ''
let data = ''
let db: Db
const report = { sha256: '' }

beforeAll(async () => {
  ;({ dir, db } = store)
  data = db.dataDir
  const { config, office, folder } = makeTown()
  await writeFile(join(data, 'clearway.config.json'), JSON.stringify(config))
  await useConfig(db, configSchema.parse(config))
  // corrections among them mark rows as gone in the tables people read
  for (const { name, content } of [office[0], office[3], ...folder.slice(1, 3)].flatMap((file) => file ?? []))
    await ingest(db, await store.file(name, content), { mapping: 'clearway', source: 'office' })
  await layBeside()
}, 180_000)

async function waits(name: string, id: string, minutes: number): Promise<string> {
  const rows = Array.from(
    { length: 500 },
    (_, at) => `${id}${at},permits,2026-05-${String(1 + (at % 28)).padStart(2, '0')}T09:00:00Z,${minutes}`,
  )
  return store.file(`${name}.csv`, ['wait_id,service,asked_at,wait', ...rows, ''].join('\n'))
}

/** A report that was sent, a release that is public, an answer that waits, a key. */
async function layBeside(): Promise<void> {
  await writeFile(join(dir, 'brief.csv'), 'a,b\n1,2\n')
  const about = { name: 'brief.csv', media_type: 'text/csv', figures_sha256: 'f'.repeat(64), report: 'table' }
  const times = { from: '2026-05-01', until: '2026-06-01', as_of: null, made_at: '2026-06-02T00:00:00Z' }
  report.sha256 = (await openArchive(data).keep(join(dir, 'brief.csv'), { ...about, ...times })).sha256
  const files = [{ path: 'index.html', body: '<h1>May</h1>' }]
  const head = { id: '2026-05' } as Parameters<typeof manifestFiles>[0]
  const key = await releaseKey(data, undefined)
  for (const { path, body } of [...files, ...manifestFiles(head, files, key)]) {
    for (const folder of ['releases/2026-05', 'sites/1/2026-05'])
      await mkdir(join(data, folder), { recursive: true })
    await writeFile(join(data, 'releases/2026-05', path), body, { mode: 0o444 })
    await link(join(data, 'releases/2026-05', path), join(data, 'sites/1/2026-05', path))
  }
  await symlink('sites/1', join(data, 'public'))
}

/** A body that was acknowledged and waits for its turn. */
async function pushed(): Promise<string> {
  const spool = new Spool(join(data, 'push'), pushLimits)
  await spool.open()
  const file = await waits('pushed', 'P', 30)
  const received = await spool.receive(createReadStream(file))
  const about = { stream: 'wait_times', mapping: await loadMapping('clearway'), source: 'pushed' } as const
  const load_id = loadIdOf(received.sha256, { file, ...about })
  await spool.keep(received, { load_id, format: 'csv', ...about })
  return load_id
}

/** What every table of the store holds. */
async function contents(store: Db): Promise<Record<string, unknown>> {
  const ask = async <Row>(query: string) => (await store.query({ query, format: 'JSONEachRow' })).json<Row>()
  const tables = await ask<{ name: string; merges: number }>(
    `SELECT name, match(engine, '^(Replacing|Aggregating)') AS merges FROM system.tables WHERE database = currentDatabase() AND engine NOT LIKE '%View' ORDER BY name`,
  )
  const held: Record<string, unknown> = {}
  // how far the engine has merged is no matter
  for (const { name, merges } of tables)
    held[name] = await ask(
      `SELECT count() AS rows, sum(cityHash64(*)) AS sum FROM ${name}${merges === 1 ? ' FINAL' : ''}`,
    )
  return held
}

const asked = ['/kpis', '/bottlenecks', '/outcomes', '/satisfaction', '/process-map', '/loads', '/meta']
async function answers(store: Db): Promise<Record<string, unknown>> {
  const app = createApp({ db: store, versionAge: 0 })
  const told: Record<string, unknown> = {}
  for (const path of asked) {
    const here = { incoming: { socket: { remoteAddress: '127.0.0.1' } } }
    const response = await app.request(`/api/v1${path}`, {}, here)
    const { as_of: _, ...body } = (await response.json()) as Record<string, unknown>
    expect([path, response.status]).toEqual([path, 200])
    told[path] = body
  }
  return told
}

test('a backup that is restored on an empty folder gives the same tables, answers, reports and releases, and loads what waited', {
  timeout: 240_000,
}, async () => {
  const before = { contents: await contents(db), answers: await answers(db) }
  const waiting = await pushed()
  const shares: number[] = []
  const note = await makeBackup(db, dir, { onShare: (share) => shares.push(share) })
  expect(note.file).toMatch(/clearway-\d{4}-\d\d-\d\dT\d{6}Z\.tar$/)
  expect((await stat(note.file)).mode & 0o777).toBe(0o600)
  expect(await readLastBackup(data)).toEqual(note)
  expect(shares.at(-1)).toBeGreaterThan(0.9)
  expect(await readdir(join(data, 'backups'))).toEqual([])

  const folder = join(dir, 'restored', 'data')
  const restored = await restore(note.file, folder)
  expect(restored.head).toMatchObject({
    data_version: note.data_version,
    migrations: await doneMigrations(db),
  })
  expect(existsSync(`${folder}.restoring`)).toBe(false)
  const again = await openStore({ PORT: 0, CLEARWAY_DATA: folder, LOG_LEVEL: 'silent' })
  try {
    expect({ contents: await contents(again), answers: await answers(again) }).toEqual(before)
    expect(await disagreements(again)).toEqual([])
    const verified = await openArchive(folder).verify(join(dir, 'brief.csv'))
    expect(verified).toMatchObject({ sha256: report.sha256, whole: true })
    const pem = publicPem(await releaseKey(folder, undefined))
    expect(await faultsOf(join(folder, 'releases/2026-05'), pem)).toEqual([])
    expect(await readlink(join(folder, 'public'))).toBe('sites/1')
    const nodes = ['releases', 'sites/1'].map((name) => stat(join(folder, name, '2026-05/index.html')))
    const [one, other] = await Promise.all(nodes)
    expect(one?.ino).toBe(other?.ino)
    // what was acknowledged and not loaded is loaded now
    const intake = await Intake.open(again)
    await expect.poll(() => readdir(join(folder, 'push'))).toEqual([])
    await intake.close()
    const query = `SELECT toString(state) AS state, facts FROM loads FINAL WHERE load_id = '${waiting}'`
    expect(await (await again.query({ query, format: 'JSONEachRow' })).json()).toEqual([
      { state: 'done', facts: 500 },
    ])
  } finally {
    await again.close()
  }
})

test('of a load that runs meanwhile a backup holds all or nothing; what died before is no hindrance, and what fails leaves nothing', {
  timeout: 240_000,
}, async () => {
  const left = join(data, 'backups', '01234567-89ab-cdef-0123-456789abcdef')
  const out = join(dir, 'meanwhile.tar')
  await mkdir(left)
  await writeFile(`${out}.part`, 'half')
  const loading = ingest(db, await waits('meanwhile', 'M', 40), { mapping: 'clearway', source: 'meanwhile' })
  await makeBackup(db, out)
  await loading
  expect([existsSync(`${out}.part`), existsSync(left)]).toEqual([false, false])

  const folder = join(dir, 'meanwhile')
  const draft = `${folder}.restoring`
  const die = (share: number) => {
    if (share > 0.5) throw new Error('the power went')
  }
  await expect(restore(out, folder, die)).rejects.toThrow('the power went')
  expect([existsSync(folder), existsSync(draft)]).toEqual([false, false])
  await mkdir(join(draft, 'clickhouse'), { recursive: true })
  await restore(out, folder)
  expect(existsSync(draft)).toBe(false)
  await expect(restore(out, folder)).rejects.toThrow(/is not empty, and nothing is overwritten/)
  const again = await openDb({ CLEARWAY_DATA: folder })
  try {
    await recoverLoads(again)
    expect(await disagreements(again)).toEqual([])
    const query = `SELECT count() AS rows FROM wait_times FINAL WHERE source = 'meanwhile'`
    const [held] = await (await again.query({ query, format: 'JSONEachRow' })).json<{ rows: number }>()
    expect([0, 500]).toContain(held?.rows)
  } finally {
    await again.close()
  }
})

test('a backup that is damaged anywhere, cut off or newer is refused by name, and nothing is made of it', async () => {
  const out = join(dir, 'small.tar')
  const head = {
    ...{ backup: layout, clearway: '1.0.0', made_at: '2026-06-01T00:00:00Z', engine: db.version },
    ...{ database: 'clearway', migrations: ['0001_facts.sql'], data_version: '2' },
  }
  const small = join(dir, 'small')
  await mkdir(small)
  for (const name of ['one', 'two']) await writeFile(join(small, name), name.repeat(300))
  const pack = async (file: string, change: Partial<typeof head> = {}) => {
    const packing = await Packing.start(file, { ...head, ...change }, () => {})
    await packing.folder(small, 'small')
    return packing.end()
  }
  const { bytes } = await pack(out)
  expect(await unpack(out)).toMatchObject({ head, files: 3 })

  const whole = readFileSync(out)
  const damaged = join(dir, 'damaged.tar')
  const refusal = async (content: Buffer) => {
    writeFileSync(damaged, content)
    return unpack(damaged).then(
      () => 'taken',
      (error: Error) => `${error.name}: ${error.message}`,
    )
  }
  // every block of the file; what fills up blocks behind their content is of no weight
  const used = Array.from({ length: bytes / 512 }, (_, block) => block * 512).filter((at) => whole[at] !== 0)
  for (const at of used) {
    const content = Buffer.from(whole)
    content.writeUInt8((content[at] ?? 0) ^ 1, at)
    expect(await refusal(content), `byte ${at}`).toMatch(/^BackupError: .*damaged/)
  }
  for (const at of used.slice(1))
    expect(await refusal(whole.subarray(0, at)), `cut at ${at}`).toMatch(/^BackupError/)
  expect(await refusal(Buffer.from('no tar'))).toMatch(/is no backup of Clearway/)
  await expect(unpack(join(dir, 'nowhere.tar'))).rejects.toThrow(/is no file that can be read/)

  const newer = join(dir, 'newer.tar')
  await pack(newer, { migrations: ['0001_facts.sql', '9999_later.sql'] })
  await expect(restore(newer, join(dir, 'never'))).rejects.toThrow(
    /newer Clearway .*9999_later\.sql.* Update Clearway/,
  )
  await pack(join(dir, 'layout.tar'), { backup: layout + 1 })
  await expect(restore(join(dir, 'layout.tar'), join(dir, 'never'))).rejects.toThrow(/newer Clearway/)
  await expect(restore(damaged, join(dir, 'never'))).rejects.toThrow(/BackupError|no backup/)
  expect([existsSync(join(dir, 'never')), existsSync(join(dir, 'never.restoring'))]).toEqual([false, false])
})

test('a backup is refused where it would be lost with the data, or take the place of another file', async () => {
  await expect(makeBackup(db, join(data, 'backup.tar'))).rejects.toThrow(/lies in the data folder/)
  await expect(makeBackup(db, join(dir, 'no', 'such', 'folder.tar'))).rejects.toThrow(/does not exist/)
  await writeFile(join(dir, 'taken.tar'), '')
  await expect(makeBackup(db, join(dir, 'taken.tar'))).rejects.toThrow(/exists already/)
  const server = { ...db, kind: 'server' } as Db
  await expect(makeBackup(server, dirname(data))).rejects.toThrow(/BACKUP DATABASE clearway/)
})
