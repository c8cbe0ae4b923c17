import { expect, test } from 'vitest'
import type { Db } from '../../sql/db.ts'
import { Turns } from './turns.ts'

/** The store is the outside world here: its questions end when the test says so. */
function slowStore() {
  const running: { query: string; signal: AbortSignal | undefined; end: () => void }[] = []
  let most = 0
  const query = (params: { query: string; abort_signal?: AbortSignal }) =>
    new Promise((resolve, reject) => {
      const one = { query: params.query, signal: params.abort_signal, end: () => leave(resolve) }
      const leave = (settle: (value: unknown) => void) => {
        running.splice(running.indexOf(one), 1)
        settle(new Error('gone'))
      }
      params.abort_signal?.addEventListener('abort', () => leave(reject))
      running.push(one)
      most = Math.max(most, running.length)
    })
  const db = { kind: 'embedded', query } as unknown as Db
  return { db, running, most: () => most }
}

const stays = new AbortController().signal
const settled = () => new Promise((resolve) => setImmediate(resolve))

test('a flood of one asker holds up nobody else: another is asked for next, and never everything is taken', async () => {
  const { db, running, most } = slowStore()
  const turns = new Turns('embedded', { atOnce: 3, each: 2 })
  const ask = (asker: string, query: string) => turns.store(db, asker, stays).query({ query })
  const done: string[] = []
  const all = Array.from({ length: 50 }, (_, at) =>
    ask('flood', `flood ${at}`).then(() => done.push('flood')),
  )
  await settled()
  expect(running.map(({ query }) => query)).toEqual(['flood 0', 'flood 1'])
  for (const asker of ['anna', 'ben'])
    for (const at of [0, 1]) all.push(ask(asker, `${asker} ${at}`).then(() => done.push(asker)))
  await settled()
  expect(running.map(({ query }) => query)).toEqual(['flood 0', 'flood 1', 'anna 0'])
  while (running.length > 0) {
    running[0]?.end()
    await settled()
  }
  await Promise.all(all)
  // both were through while the flood had hardly begun
  expect(done.lastIndexOf('anna')).toBeLessThan(10)
  expect(done.lastIndexOf('ben')).toBeLessThan(10)
  expect(most()).toBe(3)
})

test('who goes away leaves the line and ends what runs for nobody', async () => {
  const { db, running } = slowStore()
  const turns = new Turns('embedded', { atOnce: 1, each: 1 })
  const away = new AbortController()
  const left = [1, 2].map((at) => turns.store(db, 'anna', away.signal).query({ query: `anna ${at}` }))
  const stayed = turns.store(db, 'ben', stays).query({ query: 'ben' })
  away.abort(new Error('gone'))
  for (const one of left) await expect(one).rejects.toThrow('gone')
  await settled()
  expect(running.map(({ query }) => query)).toEqual(['ben'])
  running[0]?.end()
  await stayed
})

test('who waits too long, or has too many questions waiting, is told', async () => {
  const { db, running } = slowStore()
  const turns = new Turns('embedded', { atOnce: 1, each: 1, waiting: 2, patience: 30 })
  const ask = (asker: string) => turns.store(db, asker, stays).query({ query: asker })
  const first = ask('anna')
  const waiting = [ask('carl'), ask('carl'), ask('carl')].map((one) => one.then(String, String))
  expect(await Promise.all(waiting)).toEqual([
    'Error: The question waited too long for its turn.',
    'Error: The question waited too long for its turn.',
    'Error: You ask too much at once: your earlier questions are not answered yet.',
  ])
  running[0]?.end()
  await first
})
