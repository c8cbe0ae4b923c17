import { expect, test } from 'vitest'
import { progressOn } from './progress.ts'

const run = (isTTY: boolean): string[] => {
  const written: string[] = []
  let now = 0
  const progress = progressOn(
    { isTTY, columns: 200, write: (text) => written.push(text) },
    'waits.csv',
    () => now,
  )
  for (now = 0; now <= 12_000; now += 1_000)
    progress.load({ phase: 'loading', done: now, total: 24_000, rows: now * 10 })
  progress.done()
  return written
}

test('a terminal gets a bar that is drawn over, with rows, rate and remaining time', () => {
  const written = run(true)
  expect(written).toHaveLength(14)
  expect(written.at(-2)).toBe(
    '\rwaits.csv  loading [##########----------] 50 %  120,000 rows  10,000/s  12 s left\u001b[K',
  )
  expect(written.at(-1)).toBe('\r\u001b[K')
})

test('a log gets a plain line now and then', () => {
  expect(run(false)).toEqual([
    'waits.csv  loading [####----------------] 20 %  50,000 rows  10,000/s  19 s left\n',
    'waits.csv  loading [########------------] 41 %  100,000 rows  10,000/s  14 s left\n',
  ])
})
