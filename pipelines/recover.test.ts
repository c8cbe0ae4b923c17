import { expect, test } from 'vitest'
import type { Db } from '../sql/db.ts'
import { load } from './load.ts'
import { HalfPublishedError } from './loadError.ts'
import { withLock } from './lock.ts'
import { loadMapping } from './mapping.ts'
import { locks } from './publish.ts'
import { recoverEvery } from './recover.ts'
import { CancelledError, mayPass, RunningLoads } from './sources/running.ts'
import { useStore } from './testStore.ts'
import { keepWeeks, keepWeeksEvery } from './weeks.ts'

const store = useStore()
const clearway = await loadMapping('clearway')
const rows = 'case_id,event_id,service,activity,time\nA,1,permits,Review,2026-01-05T09:00:00Z\n'

/** The same store for a process that dies when rows are to become visible. */
const dyingWhilePublishing = (db: Db): Db => ({
  ...db,
  command: (params) =>
    params.query.includes('ATTACH PARTITION')
      ? Promise.reject(new Error('the process died here'))
      : db.command(params),
})
const stateOf = (source: string) =>
  store.value(`SELECT any(toString(state)) FROM loads FINAL WHERE source = '${source}'`)

test('a server that stays up completes what a command beside it left when it died, but not while it loads itself', async () => {
  const file = await store.file('half.csv', rows)
  const request = { file, mapping: clearway, source: 'half' }
  await expect(load(dyingWhilePublishing(store.db), request)).rejects.toThrow(
    'The load failed while it was published: the process died here. Loading the file again completes it.',
  )
  expect(await stateOf('half')).toBe('publishing')
  let asked = 0
  let recoveredAt = 0
  const recovery = recoverEvery(store.db, {
    everyMs: 5,
    isBusy: () => ++asked < 4,
    onRecovered: () => {
      recoveredAt = asked
    },
    onTrouble: (error) => expect.fail(String(error)),
  })
  await expect.poll(() => recoveredAt, { timeout: 20_000 }).toBe(4)
  await recovery.close()
  expect(await stateOf('half')).toBe('done')
  expect(await store.value(`SELECT count() FROM cases WHERE source = 'half'`)).toBe(1)
  expect(await store.leftOvers()).toEqual([])
})

test('a load that is being published is never given up, and cannot be cancelled any more', async () => {
  const file = await store.file('again.csv', rows)
  const running = new RunningLoads()
  let cancelling: Promise<boolean> | undefined
  const mortal = dyingWhilePublishing(store.db)
  const db: Db = {
    ...mortal,
    command: (params) => {
      if (params.query.includes('ATTACH PARTITION'))
        cancelling = running.cancel(running.list()[0]?.load_id ?? '')
      return mortal.command(params)
    },
  }
  const failure: unknown = await running
    .run(db, { file, mapping: clearway, source: 'again' })
    .catch((error: unknown) => error)
  expect(await cancelling).toBe(true)
  expect(failure).toBeInstanceOf(HalfPublishedError)
  for (const tries of [1, 3, 1000]) expect(mayPass(failure, tries)).toBe(true)
  expect(mayPass(new CancelledError('The load was cancelled.'), 1)).toBe(false)
  await load(store.db, { file, mapping: clearway, source: 'again' })
  expect(await stateOf('again')).toBe('done')
})

test('a server that stays up brings the tables by weeks up to date after a load, and leaves them to another process that does so', async () => {
  const file = await store.file('weeks.csv', rows.replaceAll('A,', 'W,'))
  await load(store.db, { file, mapping: clearway, source: 'weeks' })
  const lagging = () =>
    store.value(
      'SELECT count() FROM (SELECT month FROM weekly_changes GROUP BY month HAVING max(changed) > max(made))',
    )
  expect(await lagging()).toBeGreaterThan(0)
  await withLock(locks(store.db), 'weeks', async () => {
    await keepWeeks(store.db)
    expect(await lagging()).toBeGreaterThan(0)
  })
  const seen: unknown[] = []
  const weeks = keepWeeksEvery(store.db, {
    everyMs: 5,
    ahead: async () => seen.push(await lagging()),
    onTrouble: (error) => expect.fail(String(error)),
  })
  await expect.poll(() => seen, { timeout: 20_000 }).toEqual([0])
  await weeks.close()
  expect(await store.value(`SELECT sum(visits) FROM weekly_visits`)).toBe(
    await store.value('SELECT count() FROM stage_visits'),
  )
})
