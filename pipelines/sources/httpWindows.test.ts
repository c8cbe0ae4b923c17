import fc from 'fast-check'
import { expect, test } from 'vitest'
import { moment, type Window, walkWindows } from './httpWindows.ts'

const start = Date.parse('2026-01-01T00:00:00Z')
const days = 86_400_000

test('whatever the rows are, windows that are halved when full give every one exactly once, or say which minute is too full', async () => {
  const seconds = fc.array(
    fc.oneof(fc.integer({ min: 0, max: 40 * 86_400 - 1 }), fc.integer({ min: 1_000_000, max: 1_000_900 })),
    { maxLength: 300 },
  )
  await fc.assert(
    fc.asyncProperty(
      seconds,
      fc.integer({ min: 2, max: 40 }),
      fc.integer({ min: 1, max: 60 }),
      async (all, full, most) => {
        const rows = all.map((second, id) => ({ id, time: start + second * 1000 }))
        const taken: number[] = []
        let reached = start
        const ask = async ({ from, until }: Window) => {
          const found = rows.filter(({ time }) => time >= from && time < until)
          const answer = found.sort((a, b) => b.time - a.time).slice(0, full)
          return { rows: answer.length, answer }
        }
        const span = { from: start, until: start + 40 * days }
        const walk = walkWindows(span, { longest: most * days, full }, ask, async (window, { answer }) => {
          expect(window.from).toBe(reached)
          reached = window.until
          taken.push(...answer.map(({ id }) => id))
        })
        const failure = await walk.then(
          () => undefined,
          (error: Error) => error.message,
        )
        const before = rows.filter(({ time }) => time < reached).map(({ id }) => id)
        expect(taken.sort((a, b) => a - b)).toEqual(before)
        if (failure === undefined) expect(reached).toBe(span.until)
        else {
          const inMinute = rows.filter(({ time }) => time >= reached && time < reached + 60_000)
          expect(inMinute.length).toBeGreaterThanOrEqual(full)
          expect(failure).toContain(`From ${moment(reached)} to`)
        }
      },
    ),
    { numRuns: 300 },
  )
})
