import { expect, test } from 'vitest'
import { clearWords, stateWords } from './flowWords.ts'

test.each([
  [{ backlog: 120, weeks_to_clear: 6.4 }, 'in about 6 weeks'],
  [{ backlog: 9, weeks_to_clear: 1.2 }, 'in about a week'],
  [{ backlog: 3, weeks_to_clear: 0.3 }, 'in less than a week'],
  [{ backlog: 3, weeks_to_clear: null }, 'does not clear'],
])('the time to clear %o is said', (totals, words) => {
  expect(clearWords(totals)).toContain(words)
})

test('where nobody waits nothing has to clear', () => {
  expect(clearWords({ backlog: 0, weeks_to_clear: 0 })).toBe('')
})

const little = { present: 1, arrivals_per_day: 1, stay_days: 1, expected: 1, gap: 0, unstable: false }
const hours = { people: 2, touch_hours: 70, staffed_hours: 80 }

test('how busy teams were is said with its light, and a flow out of balance is named', () => {
  const say = (share: number, status: 'ok' | 'amber' | 'red', unstable = false) =>
    stateWords({
      utilisation: { ...hours, share, status },
      backlog_expected: 0,
      little: { ...little, unstable },
    })
  expect(say(0.5, 'ok')).toBe('Its teams worked 50% of their hours.')
  expect(say(0.875, 'amber')).toContain('88% of their hours (amber: ')
  expect(say(1.05, 'red', true)).toMatch(/105% of their hours \(red: .*does not balance/)
  expect(stateWords({ utilisation: null, backlog_expected: 2.6, little })).toMatch(/^About 3 of them/)
})
