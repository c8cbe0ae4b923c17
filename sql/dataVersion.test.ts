import { expect, test } from 'vitest'
import { believing, dataVersion } from './dataVersion.ts'
import type { Db } from './db.ts'

/** A store whose answers are given by hand; each is what was so when it was asked. */
function storeByHand() {
  const store = { version: 2, asked: [] as (() => void)[] }
  const query = () => {
    const { version } = store
    return new Promise((answer, refuse) => {
      store.asked.push(() =>
        version < 0 ? refuse(new Error('gone')) : answer({ json: async () => [{ version, old: 0 }] }),
      )
    })
  }
  return { store, db: { query } as unknown as Db }
}
const settle = () => new Promise((resolve) => setImmediate(resolve))

test('those who ask while it is asked share an answer that is asked after them', async () => {
  const { store, db } = storeByHand()
  const first = dataVersion(db)
  store.version = 4
  const others = [dataVersion(db), dataVersion(db), dataVersion(db)]
  expect(store.asked.length).toBe(1)
  store.asked[0]?.()
  expect((await first).version).toBe('2')
  await settle()
  expect(store.asked.length).toBe(2)
  store.version = 5
  const late = dataVersion(db)
  store.asked[1]?.()
  expect((await Promise.all(others)).map(({ version }) => version)).toEqual(['4', '4', '4'])
  await settle()
  store.asked[2]?.()
  expect(await late).toMatchObject({ version: '5', final: false })
  const alone = dataVersion(db)
  expect(store.asked.length).toBe(4)
  store.asked[3]?.()
  await alone
})

test('an answer that fails is told to those who asked for it alone', async () => {
  const { store, db } = storeByHand()
  store.version = -1
  const first = dataVersion(db)
  store.version = 6
  const next = dataVersion(db)
  store.asked[0]?.()
  await expect(first).rejects.toThrow('gone')
  await settle()
  store.asked[1]?.()
  expect((await next).version).toBe('6')
})

test('what is believed for some work is not asked, and asked again after it, also when the work failed', async () => {
  const { store, db } = storeByHand()
  const known = { version: '8', final: true, settled: true }
  const work = believing(db, known, async () => {
    expect(await dataVersion(db)).toEqual(known)
    throw new Error('no paper')
  })
  await expect(work).rejects.toThrow('no paper')
  expect(store.asked.length).toBe(0)
  const after = dataVersion(db)
  store.asked[0]?.()
  expect((await after).version).toBe('2')
})
