import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { readdir, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Db, openDb } from '../sql/db.ts'
import { filters } from '../sql/filters.ts'
import { kpiAnswer } from '../sql/kpiFigures.ts'
import { migrate } from '../sql/migrate.ts'
import { type LoadRequest, load } from './load.ts'
import { loadMapping } from './mapping.ts'
import { recoverLoads } from './recover.ts'
import { Intake } from './sources/intake.ts'

/** A store on a disk of its own that is small enough to be filled. */

const megabyte = 2 ** 20
const dir = mkdtempSync(path.join(os.tmpdir(), 'clearway-disk-'))
const disk = path.join(dir, 'disk')
const data = path.join(disk, 'data')
const ballast = path.join(disk, 'ballast')
const mounted = mount()
let db: Db

function mount(): boolean {
  try {
    execFileSync('mkdir', [disk])
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=384m', 'tmpfs', disk], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
const onDisk = (title: string, timeout: number, run: () => Promise<void>): void =>
  mounted
    ? test(title, { timeout }, run)
    : test.skip(`${title} (a disk of its own needs the right to mount)`, run)

/** Takes the space of the disk but for so many bytes. */
function fill(left: number): void {
  free()
  for (let tries = 1; ; tries++) {
    const { bavail, bsize } = statfsSync(disk)
    const size = bavail * bsize - left
    if (size <= 0) return
    try {
      execFileSync('fallocate', ['-l', String(size), ballast], { stdio: 'ignore' })
      return
    } catch (error) {
      // the engine took some of it meanwhile
      if (tries === 20) throw error
    }
  }
}
const free = (): void => rmSync(ballast, { force: true })

beforeAll(async () => {
  if (!mounted) return
  db = await openDb({ CLEARWAY_DATA: data })
  await migrate(db)
  await db.insert({
    table: 'services',
    values: [{ id: 'permits', name: 'Permits', department: 'planning', closes: 'stop', version: 1 }],
    format: 'JSONEachRow',
  })
}, 60_000)
afterAll(async () => {
  free()
  await db?.close()
  if (mounted) execFileSync('umount', ['-l', disk])
  await rm(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
})

const clearway = await loadMapping('clearway')
const day = (at: number): string => new Date(Date.UTC(2026, 0, 1) + at * 3_600_000).toISOString()
const rows = Array.from(
  { length: 600 },
  (_, at) => `C${at % 150},E${at},permits,${at % 4 === 3 ? 'Granted' : 'Review'},${day(at)},P-${at}`,
)
const content = `case_id,event_id,service,activity,time,team\n${rows.join('\n')}\nC1,E9999,permits,,2026-01-05T09:00:00Z,\n`
const file = async (name: string): Promise<string> => {
  await writeFile(path.join(dir, name), name.endsWith('.gz') ? gzipSync(content) : content)
  return path.join(dir, name)
}
const take = (store: Db, source: string, from: string, more: Partial<LoadRequest> = {}) =>
  load(store, { file: from, mapping: clearway, source, chunkBytes: 4_000, ...more })

async function ask<Row>(query: string, query_params: Record<string, unknown> = {}): Promise<Row[]> {
  return (await db.query({ query, query_params, format: 'JSONEachRow' })).json<Row>()
}
/** What people see of a source, without what differs between two sources. */
const seenOf = async (source: string) => ({
  cases: await ask('SELECT * EXCEPT (source) FROM cases WHERE source = {source: String} ORDER BY ALL', {
    source,
  }),
  visits: await ask(
    'SELECT * EXCEPT (source) FROM stage_visits WHERE source = {source: String} ORDER BY ALL',
    {
      source,
    },
  ),
})
const factsOf = (source: string) =>
  ask(
    'SELECT * EXCEPT (source, load_no, version) FROM case_events FINAL WHERE source = {source: String} ORDER BY ALL',
    {
      source,
    },
  )
const nothing = { cases: [], visits: [] }
const figures = async () => (await kpiAnswer(db, filters.parse({}))).kpis
const tables = async () =>
  (await ask<{ name: string }>(`SELECT name FROM system.tables WHERE database = currentDatabase()`)).map(
    ({ name }) => name,
  )

/**
 * The same store on a disk that others fill before the n-th call to the engine, or the first one after the rows are with the
 * facts. Not while tables are swapped: that takes a moment, and begins only when there is room.
 */
function filledAt(step: number | 'attached', left: number): { db: Db; calls: () => number } {
  let calls = 0
  let filled = step === 0
  let swapping = false
  let attached = false
  const filling =
    <T extends object>(call: (params: T) => unknown) =>
    (params: T) => {
      calls++
      const query = 'query' in params ? String(params.query) : ''
      const isDue = step === 'attached' ? attached : calls >= step
      if (isDue && !filled && !swapping) {
        filled = true
        fill(left)
      }
      if (query.startsWith('INSERT INTO data_version')) swapping = !swapping
      attached ||= query.startsWith('ALTER TABLE case_events ATTACH')
      return call(params)
    }
  const store = {
    ...db,
    query: filling(db.query),
    command: filling(db.command),
    insert: filling(db.insert),
    exec: filling(db.exec),
  }
  return { db: store as Db, calls: () => calls }
}

const calm: { steps: number; seen?: unknown; facts?: unknown } = { steps: 0 }
beforeAll(async () => {
  if (!mounted) return
  const counting = filledAt(0, 0)
  await take(counting.db, 'undisturbed', await file('rows.csv.gz'))
  Object.assign(calm, {
    steps: counting.calls(),
    seen: await seenOf('undisturbed'),
    facts: await factsOf('undisturbed'),
  })
}, 60_000)

onDisk(
  'a disk that fills up at any moment stops the load and not the readers, and shows nothing half',
  300_000,
  async () => {
    const from = await file('rows.csv.gz')
    const before = await tables()
    let stopped = 0
    for (const [left, first] of [
      [0, 1],
      [40 * megabyte, 7],
    ] as const)
      for (let step = first; step <= calm.steps; step += 17) {
        const source = `full-at-${step}-with-${left}`
        const earlier = await figures()
        const failure = await take(filledAt(step, left).db, source, from).catch((error: unknown) => error)
        const seen = await seenOf(source)
        if (failure instanceof Error) {
          stopped++
          expect(failure.message, source).toMatch(/^The disk is full\. /)
          expect([nothing, calm.seen], source).toContainEqual(seen)
          if (seen.cases.length === 0) expect(await figures(), source).toEqual(earlier)
        }
        free()
        await take(db, source, from)
        expect(await seenOf(source), source).toEqual(calm.seen)
        expect(await factsOf(source), source).toEqual(calm.facts)
      }
    expect(stopped).toBeGreaterThan(5)
    expect(await tables()).toEqual(before)
  },
)

onDisk('a large answer on a full disk is whole', 60_000, async () => {
  fill(2 * megabyte)
  const large = await ask<{ number: number }>('SELECT number FROM numbers(400000)')
  expect(large.length).toBe(400_000)
  free()
})

onDisk('no table is made on a disk without room for its definition', 60_000, async () => {
  fill(0)
  const made = db.command({ query: 'CREATE TABLE too_late (a UInt8) ENGINE = MergeTree ORDER BY a' })
  await expect(made).rejects.toMatchObject({ code: '243' })
  free()
  expect(await tables()).not.toContain('too_late')
})

onDisk(
  'a body is refused where it cannot be kept, and what was kept waits until there is room',
  120_000,
  async () => {
    const intake = await Intake.open(db)
    const about = { stream: 'case_events', format: 'csv', mapping: clearway, source: 'pushed' } as const
    const send = () => intake.push.accept(Readable.from([Buffer.from(content)]), about)
    const inSpool = () => readdir(path.join(data, 'push'))
    fill(0)
    await expect(send()).rejects.toMatchObject({ code: 'ENOSPC' })
    expect(await inSpool()).toEqual([])
    fill(40 * megabyte)
    const { load_id } = await send()
    await expect
      .poll(() => intake.push.state().last_error, { timeout: 30_000 })
      .toMatch(/^The disk is full\. /)
    expect(intake.push.waiting(load_id)).toBeDefined()
    expect(await seenOf('pushed')).toEqual(nothing)
    free()
    await expect.poll(inSpool, { timeout: 60_000, interval: 200 }).toEqual([])
    expect(await seenOf('pushed')).toEqual(calm.seen)
    await intake.close()
  },
)

onDisk(
  'a start on a full disk goes on reading and completes what was cut off when there is room',
  120_000,
  async () => {
    const from = await file('cut.csv')
    const source = 'cut-off'
    const earlier = await figures()
    await expect(take(filledAt('attached', 0).db, source, from)).rejects.toThrow(/^The disk is full\. /)
    expect(await factsOf(source)).toEqual(calm.facts)
    await expect(openDb({ CLEARWAY_DATA: data })).rejects.toThrow(/is full: free at least 32 MB/)
    fill(40 * megabyte)
    const again = await openDb({ CLEARWAY_DATA: data })
    await recoverLoads(again)
    expect(await figures()).toEqual(earlier)
    expect(await seenOf(source)).toEqual(nothing)
    free()
    await recoverLoads(again)
    await again.close()
    expect(await seenOf(source)).toEqual(calm.seen)
  },
)
