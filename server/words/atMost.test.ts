import { expect, test } from 'vitest'
import { atMost, atMostWords } from './atMost.ts'

const [all, some] = [
  { n: 3, starts_told: 3 },
  { n: 3, starts_told: 2 },
]

test('where a start is not told a wait is at most so long, and a list says why', () => {
  expect([atMost(all, '2 days'), atMost(some, '2 days')]).toEqual(['2 days', 'at most 2 days'])
  expect(atMostWords([all, all])).toBe('')
  expect(atMostWords([all, some])).toContain('to the end of the work')
})
