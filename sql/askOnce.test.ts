import { expect, test } from 'vitest'
import { askedBefore, askOnce } from './askOnce.ts'
import type { Db } from './db.ts'

const counted = <T>(answer: T) => {
  const ask = Object.assign(
    async () => {
      ask.times++
      return answer
    },
    { times: 0 },
  )
  return ask
}

test('who asks the same of the same state of the data, at once or later, shares one answer', async () => {
  const db = {} as Db
  const ask = counted([1])
  const [one, two] = await Promise.all([askOnce(db, '2', 'a', ask), askOnce(db, '2', 'a', ask)])
  expect(one).toBe(two)
  expect(await askOnce(db, '2', 'a', ask)).toBe(one)
  expect(ask.times).toBe(1)
  await askOnce(db, '2', 'b', ask)
  await askOnce({} as Db, '2', 'a', ask)
  expect(ask.times).toBe(3)
})

test('another state of the data is asked anew, and one that is just changing always', async () => {
  const db = {} as Db
  const ask = counted([1])
  for (const version of ['2', '4', '2', '5', '5']) await askOnce(db, version, 'a', ask)
  expect(ask.times).toBe(5)
  expect(askedBefore(db, '2', 'a')).toBeDefined()
  expect(askedBefore(db, '6', 'a')).toBeUndefined()
})

test('who waits for somebody that went away asks itself, and a fault is kept by nobody', async () => {
  const db = {} as Db
  let leave = (_: Error) => {}
  const left = new Promise<number[]>((_, reject) => {
    leave = reject
  })
  const first = askOnce(db, '2', 'a', () => left)
  const ask = counted([7])
  const second = askOnce(db, '2', 'a', ask)
  leave(new Error('went away'))
  await expect(first).rejects.toThrow('went away')
  expect(await second).toEqual([7])
  const failing = () => Promise.reject(new Error('broken'))
  await expect(askOnce(db, '2', 'b', failing)).rejects.toThrow('broken')
  expect(await askOnce(db, '2', 'b', ask)).toEqual([7])
})

test('what is long, and what was not asked for long, is not kept', async () => {
  const db = {} as Db
  const long = counted(Array.from({ length: 2_001 }, () => 0))
  for (const _ of [1, 2]) await askOnce(db, '2', 'long', long)
  expect(long.times).toBe(2)
  const ask = counted([1])
  for (let place = 0; place < 200; place++) await askOnce(db, '2', `${place}`, ask)
  await askOnce(db, '2', '0', ask)
  await askOnce(db, '2', 'one more', ask)
  expect(ask.times).toBe(201)
  await askOnce(db, '2', '0', ask)
  expect(ask.times).toBe(201)
  await askOnce(db, '2', '1', ask)
  expect(ask.times).toBe(202)
  // who only looks whether it was asked keeps it as well
  expect(askedBefore(db, '2', '3')).toBeDefined()
  await askOnce(db, '2', 'yet one more', ask)
  expect(askedBefore(db, '2', '4')).toBeUndefined()
  expect(askedBefore(db, '2', '3')).toBeDefined()
})
