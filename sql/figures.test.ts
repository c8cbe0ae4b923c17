import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { poisson, wilson } from './intervals.ts'
import { changeOf, statOf, statusOf } from './kpiStats.ts'
import { buckets, type Coverage, comparePeriod, completeness, type Held } from './period.ts'
import { limitsOf, signalsOf } from './signals.ts'

/** The arithmetic behind the figures, checked against published examples and against the same thing computed another way. */

describe('the interval of a share', () => {
  test('is that of Newcombe (1998), table I', () => {
    const published: [number, number, number, number][] = [
      [81, 263, 0.2553, 0.3662],
      [15, 148, 0.0624, 0.1605],
      [0, 20, 0, 0.1611],
      [1, 29, 0.0061, 0.1718],
    ]
    for (const [hits, n, low, high] of published) {
      const [lower, upper] = wilson(hits, n) ?? [Number.NaN, Number.NaN]
      expect(lower).toBeCloseTo(low, 4)
      expect(upper).toBeCloseTo(high, 4)
    }
  })
  test('ends where the score test just rejects', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (n, part) => {
          const hits = Math.round(part * n)
          const limits = wilson(hits, n)
          expect(limits).not.toBeNull()
          for (const [index, p] of (limits ?? []).entries()) {
            // at 0 and n of n the limit is the edge itself
            if ((hits === 0 && index === 0) || (hits === n && index === 1)) {
              expect(p).toBeCloseTo(index, 12)
              continue
            }
            const score = Math.abs(hits / n - p) / Math.sqrt((p * (1 - p)) / n)
            expect(score).toBeCloseTo(1.959963984540054, 6)
          }
        },
      ),
    )
  })
  test('is missing without anybody to count', () => expect(wilson(0, 0)).toBeNull())
})

describe('the interval of a count', () => {
  /** Chance of at most `count` when `mean` are expected. */
  const atMost = (count: number, mean: number): number => {
    let term = Math.exp(-mean)
    let sum = term
    for (let k = 1; k <= count; k += 1) {
      term *= mean / k
      sum += term
    }
    return sum
  }
  test('leaves 2.5 % of the Poisson distribution on each side, as nearly as Byar promises', () => {
    for (const count of [5, 10, 37, 100, 400]) {
      const [low, high] = poisson(count)
      expect(atMost(count, high)).toBeCloseTo(0.025, 2)
      expect(1 - atMost(count - 1, low)).toBeCloseTo(0.025, 2)
    }
  })
  test('is that of the table of exact limits (Garwood 1936) within a hundredth', () => {
    for (const [count, low, high] of [
      [10, 4.795, 18.39],
      [20, 12.217, 30.888],
      [100, 81.364, 121.627],
    ] as const) {
      expect(Math.abs(poisson(count)[0] / low - 1)).toBeLessThan(0.01)
      expect(Math.abs(poisson(count)[1] / high - 1)).toBeLessThan(0.01)
    }
  })
  test('of nothing begins at nothing and does not end there', () => {
    const [low, high] = poisson(0)
    expect(low).toBe(0)
    expect(high).toBeGreaterThan(3)
    expect(high).toBeLessThan(3.8)
  })
})

describe('process limits', () => {
  test('are the mean and 2.66 mean moving ranges: 10 12 11 13 9 by hand', () => {
    // ranges 2 1 2 4, mean 2.25; mean 11; 2.66 x 2.25 = 5.985
    expect(limitsOf([10, 12, 11, 13, 9])).toEqual({
      mean: 11,
      lower: expect.closeTo(5.015, 9),
      upper: expect.closeTo(16.985, 9),
      trial: true,
    })
  })
  test('leave out a leap that is no common variation', () => {
    // 22 ranges of 1 and one of 100: mean 122/23 = 5.3, so 100 is more than 3.267 times that
    const values = [...Array(12).keys()]
      .map((i) => i % 2)
      .concat([...Array(12).keys()].map((i) => 101 + (i % 2)))
    const limits = limitsOf(values)
    expect((limits?.upper ?? 0) - (limits?.mean ?? 0)).toBeCloseTo(2.66, 9)
  })
  test('are on trial below twelve points and unknown below three', () => {
    expect(limitsOf([1, 2])).toBeNull()
    expect(limitsOf([...Array(11).keys()])?.trial).toBe(true)
    expect(limitsOf([...Array(12).keys()])?.trial).toBe(false)
  })
})

describe('signals', () => {
  const limits = { mean: 0, lower: -3, upper: 3, trial: false }
  const rules = (values: number[]) =>
    signalsOf(values, limits).map(({ index, rule, side }) => `${index} ${rule} ${side}`)
  test('a point outside the limits, not one on them', () => {
    expect(rules([0.5, -0.5, 3.01, 0.5, -3, 0.5])).toEqual(['2 outside_limits high'])
  })
  test('seven on one side of the mean, not six, and not with one on the mean', () => {
    expect(rules([1, 0.5, 1, 0.4, 1, 0.6])).toEqual([])
    expect(rules([1, 0.5, 1, 0.4, 1, 0.6, 0.9])).toEqual(['6 shift high'])
    expect(rules([-1, -0.5, -1, 0, -1, -0.6, -0.9])).toEqual([])
  })
  test('seven that rise or fall, not with two alike', () => {
    expect(rules([-1.5, -1, -0.5, 0, 0.5, 1, 1.5])).toEqual(['6 trend high'])
    expect(rules([1.5, 1, 0.5, 0, -0.5, -1, -1.5])).toEqual(['6 trend low'])
    expect(rules([-1.5, -1, -0.5, -0.5, 0.5, 1, 1.5])).toEqual([])
  })
  test('two of three beyond two thirds of a limit, on the same side', () => {
    expect(rules([2.1, -0.5, 2.2, -0.5])).toEqual(['2 two_of_three high'])
    expect(rules([2.1, -0.5, -2.2, 0.5])).toEqual([])
    expect(rules([2, -0.5, 2])).toEqual([])
  })
  test('are the same in a mirror', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -4, max: 4, noNaN: true }), { maxLength: 30 }), (values) => {
        const mirrored = signalsOf(
          values.map((value) => -value),
          limits,
        )
        const key = (s: { index: number; rule: string; side: string }) => `${s.index} ${s.rule} ${s.side}`
        expect(mirrored.map((s) => key({ ...s, side: s.side === 'high' ? 'low' : 'high' })).sort()).toEqual(
          signalsOf(values, limits).map(key).sort(),
        )
      }),
    )
  })
})

describe('periods', () => {
  const held: Held = {
    ...{ from: '2020-01-01', until: '2030-01-01', default_from: '2029-12-01', default_until: '2030-01-01' },
    as_of: '2029-12-31T12:00:00Z',
    coverage: [],
  }
  test.each([
    ['2024-03-01', '2024-04-01', 'previous', '2024-02-01', '2024-03-01'],
    ['2024-01-01', '2024-04-01', 'previous', '2023-10-01', '2024-01-01'],
    ['2024-02-01', '2024-03-01', 'year', '2023-02-01', '2023-03-01'],
    ['2024-02-29', '2024-03-01', 'year', '2023-02-28', '2023-03-01'],
    ['2024-03-10', '2024-03-17', 'previous', '2024-03-03', '2024-03-10'],
    ['2025-01-01', '2026-01-01', 'year', '2024-01-01', '2025-01-01'],
    // the days around the change of the clocks are days like others
    ['2026-03-29', '2026-03-30', 'previous', '2026-03-28', '2026-03-29'],
  ] as const)('%s to %s is compared with %s %s to %s', (from, until, compare, wantedFrom, wantedUntil) => {
    expect(comparePeriod({ from, until }, compare, held)).toEqual({ from: wantedFrom, until: wantedUntil })
  })
  test('a period is not compared with one that is not held, nor with a part of itself', () => {
    expect(comparePeriod({ from: '2020-01-01', until: '2020-02-01' }, 'previous', held)).toBeNull()
    expect(comparePeriod({ from: '2024-01-01', until: '2025-07-01' }, 'year', held)).toBeNull()
    expect(comparePeriod({ from: '2024-01-01', until: '2024-02-01' }, 'none', held)).toBeNull()
  })
  test('buckets lie side by side and hold the period, also over a leap day and the end of a year', () => {
    expect(buckets({ from: '2024-02-01', until: '2024-03-01' }, 'day')).toHaveLength(29)
    expect(buckets({ from: '2023-12-31', until: '2024-01-02' }, 'week')).toEqual([
      { from: '2023-12-25', until: '2024-01-01' },
      { from: '2024-01-01', until: '2024-01-08' },
    ])
    expect(buckets({ from: '2023-12-15', until: '2024-02-02' }, 'month').map(({ from }) => from)).toEqual([
      '2023-12-01',
      '2024-01-01',
      '2024-02-01',
    ])
  })
  const of = (service: string, from: string, until: string): Coverage => ({
    ...{ service, from, until, stream: 'case_events', source: 's', as_of: '', end_us: 0 },
  })
  test('completeness adds up over services', () => {
    const june = { from: '2026-06-01', until: '2026-07-01' }
    expect(completeness(june, [])).toBe(0)
    expect(completeness(june, [of('a', '2026-01-01', '2026-06-16')])).toBe(0.5)
    expect(
      completeness(june, [of('a', '2026-01-01', '2026-08-01'), of('b', '2026-06-16', '2026-08-01')]),
    ).toBe(0.75)
    expect(completeness(june, [of('a', '2027-01-01', '2027-06-16')])).toBe(0)
  })
})

describe('what changed', () => {
  const context = { complete: 1, as_of: null, collected: true }
  const closed = (n: number, complete = 1) =>
    statOf('requests_closed', { counts: { ...none, closed: n } }, { ...context, complete })
  const none = {
    ...{ received: 0, received_known: 0, promised: 0, received_digital: 0, closed: 0 },
    ...{ due: 0, on_time: 0, on_time_strict: 0, first_closed: 0, reopened: 0 },
  }
  test('February is not slower than January because it is shorter', () => {
    const [february, january] = [closed(2800), closed(3100)]
    expect(changeOf('requests_closed', february, january).verdict).toBe('worse')
    expect(changeOf('requests_closed', february, january, 28 / 31).verdict).toBe('no_clear_change')
    expect(changeOf('requests_closed', closed(3100), january, 28 / 31).verdict).toBe('better')
  })
  test('a part of a period is not compared with a whole one', () => {
    expect(changeOf('requests_closed', closed(50, 0.5), closed(100)).verdict).toBe('no_comparable_data')
    expect(changeOf('requests_closed', closed(50), closed(100, 0.9)).verdict).toBe('no_comparable_data')
  })
  test('a difference within the noise is none, one beyond it is', () => {
    expect(changeOf('requests_closed', closed(105), closed(100)).verdict).toBe('no_clear_change')
    expect(changeOf('requests_closed', closed(150), closed(100)).verdict).toBe('better')
  })
  const rate = (on_time: number, due: number) =>
    statOf('on_time_rate', { counts: { ...none, closed: due, due, on_time } }, context)
  test('two shares are told apart as by the method of Newcombe', () => {
    // 56/70 and 48/80: difference 0.2, interval 0.0524 to 0.3339 (Newcombe 1998, method 10)
    expect(changeOf('on_time_rate', rate(56, 70), rate(48, 80)).verdict).toBe('better')
    expect(changeOf('on_time_rate', rate(48, 80), rate(56, 70)).verdict).toBe('worse')
    // 9/10 and 3/10: interval 0.1705 to 0.8090; 10/20 and 8/20: holds 0
    expect(changeOf('on_time_rate', rate(9, 10), rate(3, 10)).verdict).toBe('better')
    expect(changeOf('on_time_rate', rate(10, 20), rate(8, 20)).verdict).toBe('no_clear_change')
  })
  test('a missing figure says why, and is neither zero nor on target', () => {
    expect(rate(0, 0)).toMatchObject({
      value: null,
      status: 'not_applicable',
      interval: null,
      denominator: 0,
    })
    expect(statusOf('on_time_rate', rate(0, 0), 0.8)).toBe('none')
    expect(statOf('requests_received', {}, { ...context, collected: false })).toMatchObject({
      value: null,
      status: 'not_collected',
    })
    expect(statOf('requests_received', {}, context)).toMatchObject({ value: 0, status: 'ok' })
  })
})
