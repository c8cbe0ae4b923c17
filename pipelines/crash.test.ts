import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { type Db, openDb } from '../sql/db.ts'
import { type LoadRequest, load } from './load.ts'
import { loadMapping } from './mapping.ts'
import { recoverLoads } from './recover.ts'
import { useStore } from './testStore.ts'

const store = useStore()
const clearway = await loadMapping('clearway')
const day = (at: number): string => new Date(Date.UTC(2026, 0, 1) + at * 3_600_000).toISOString()
const rows = Array.from(
  { length: 600 },
  (_, at) => `C${at % 150},E${at},permits,${at % 4 === 3 ? 'Granted' : 'Review'},${day(at)},P-${at}`,
)
const content = `case_id,event_id,service,activity,time,team\n${rows.join('\n')}\nC1,E9999,permits,,2026-01-05T09:00:00Z,\n`
const whole = { read: 601, accepted: 600, rejected: 1, duplicates: 0, corrected: 0, facts: 600 }

const take = (db: Db, file: string, source: string, more: Partial<LoadRequest> = {}) =>
  load(db, { file, mapping: clearway, source, chunkBytes: 4_000, ...more })

/** Everything the store holds of a source, without what may differ between two loads of the same file. */
const stateOf = async (source: string) => ({
  facts: await store.rows(
    'SELECT * EXCEPT (source, load_no, version) FROM case_events FINAL WHERE source = {source: String} ORDER BY ALL',
    { source },
  ),
  cases: await store.rows(
    'SELECT * EXCEPT (source) FROM cases WHERE source = {source: String} ORDER BY ALL',
    { source },
  ),
  visits: await store.rows(
    'SELECT * EXCEPT (source) FROM stage_visits WHERE source = {source: String} ORDER BY ALL',
    { source },
  ),
  ledger: await store.rows(
    `SELECT toString(state) AS state, read, accepted, rejected, duplicates, corrected, facts FROM loads FINAL WHERE source = {source: String}`,
    { source },
  ),
  rejected: await store.rows(
    `SELECT line, field, rule, raw FROM rejected_rows FINAL WHERE load_id IN (SELECT load_id FROM loads WHERE source = {source: String})`,
    { source },
  ),
})

/** The same store for a process that dies at its n-th call to the engine: that call and all after it never happen. */
function dyingAt(db: Db, step: number): { db: Db; calls: () => number } {
  let calls = 0
  const mortal =
    <T extends object>(call: (params: T) => unknown) =>
    (params: T) => {
      calls++
      return calls >= step ? Promise.reject(new Error('the process died here')) : call(params)
    }
  return {
    db: {
      ...db,
      query: mortal(db.query),
      command: mortal(db.command),
      insert: mortal(db.insert),
      exec: mortal(db.exec),
    } as Db,
    calls: () => calls,
  }
}

test('a process that dies at any step leaves a load that completes exactly, by recovery or by loading again', {
  timeout: 240_000,
}, async () => {
  const file = await store.file('steps.csv', content)
  const counting = dyingAt(store.db, Number.POSITIVE_INFINITY)
  await take(counting.db, file, 'undisturbed')
  const wanted = await stateOf('undisturbed')
  expect(wanted.ledger).toEqual([{ state: 'done', ...whole }])
  const steps = counting.calls()
  expect(steps).toBeGreaterThan(20)
  for (let step = 1; step <= steps; step += 11) {
    const source = `died-at-${step}`
    await expect(take(dyingAt(store.db, step).db, file, source), source).rejects.toThrow()
    const visible = await store.rows('SELECT 1 FROM case_events WHERE source = {source: String} LIMIT 1', {
      source,
    })
    if (step % 2 === 1) {
      await recoverLoads(store.db)
      if (visible.length > 0) expect(await stateOf(source), source).toEqual(wanted)
    }
    await take(store.db, file, source)
    expect(await stateOf(source), source).toEqual(wanted)
  }
  expect(await store.leftOvers()).toEqual([])
})

test.each(['loading', 'publishing'] as const)(
  'an engine killed while %s loses nothing: the load repeated completes exactly',
  { timeout: 60_000 },
  async (phase) => {
    const file = await store.file(`killed-${phase}.csv`, content)
    await take(store.db, file, `calm-${phase}`)
    let killed = false
    const kill = async (): Promise<void> => {
      const { pid } = JSON.parse(await readFile(path.join(store.db.dataDir, 'engine.json'), 'utf8')) as {
        pid: number
      }
      process.kill(pid, 'SIGKILL')
    }
    let killing: Promise<void> | undefined
    const failure = await take(store.db, file, `killed-${phase}`, {
      onProgress: (progress) => {
        if (progress.phase !== phase || killed) return
        killed = true
        killing = kill()
      },
    }).catch((error: unknown) => error)
    await killing
    expect(killed).toBe(true)
    if (failure instanceof Error) expect(failure.message).toMatch(/engine/i)
    await take(store.db, file, `killed-${phase}`)
    expect(await stateOf(`killed-${phase}`)).toEqual(await stateOf(`calm-${phase}`))
    expect(await store.leftOvers()).toEqual([])
  },
)

test('two loads at once, of different files and of the same, each count once', {
  timeout: 60_000,
}, async () => {
  const one = await store.file('one.csv', content)
  const two = await store.file('two.csv', content.replaceAll(',E', ',F'))
  const other = await openDb({ CLEARWAY_DATA: store.db.dataDir })
  try {
    const [first, second, again] = await Promise.all([
      take(store.db, one, 'both'),
      take(other, two, 'both'),
      take(other, one, 'both'),
    ])
    expect(second).toMatchObject({ accepted: 600, rejected: 1 })
    expect([first?.accepted, again?.accepted].sort()).toEqual([0, 600])
  } finally {
    await other.close()
  }
  expect(await store.value(`SELECT count() FROM case_events FINAL WHERE source = 'both'`)).toBe(1200)
  expect(await store.value(`SELECT sum(visits) FROM cases WHERE source = 'both'`)).toBe(1200)
  expect(await store.value(`SELECT uniqExact(load_no) = count() FROM loads FINAL`)).toBe(1)
})

test('a cancelled load is undone and can be begun again', async () => {
  const file = await store.file('cancelled.csv', content)
  const stop = new AbortController()
  const cancelled = take(store.db, file, 'cancelled', {
    signal: stop.signal,
    onProgress: ({ phase }) => phase === 'loading' && stop.abort(),
  })
  await expect(cancelled).rejects.toThrow('The load was cancelled; nothing of it was kept.')
  expect(await stateOf('cancelled')).toMatchObject({ facts: [], cases: [], ledger: [{ state: 'cancelled' }] })
  expect(await store.leftOvers()).toEqual([])
  expect(await take(store.db, file, 'cancelled')).toMatchObject(whole)
})
