import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { afterOpenHours, learnCadence, openHours, weekdayOf } from './cadence.ts'
import { gapsOf, type History, judgeDays, poissonRange } from './expectedRows.ts'
import { type Coverage, completeness } from './period.ts'
import { delayCurve, type RowsByAge } from './reportingDelay.ts'

const monday = Date.parse('2026-03-02T00:00:00Z') / 86_400_000
const hour = 3_600_000
const dayMs = 24 * hour
const zone = 'Europe/London'

/** A small generator, the same on every run. */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

type Arrival = { day: number; age: number; rows: number }
/** What the store tells of arrivals up to the day `last`. */
function marginals(arrivals: readonly Arrival[], last: number): [RowsByAge, RowsByAge] {
  const [ages, days] = [new Map<number, number>(), new Map<number, number>()]
  for (const { day, age, rows } of arrivals) {
    if (day + age > last) continue
    ages.set(age, (ages.get(age) ?? 0) + rows)
    days.set(last - day, (days.get(last - day) ?? 0) + rows)
  }
  const lists = (map: Map<number, number>): RowsByAge => [[...map.keys()], [...map.values()]]
  return [lists(ages), lists(days)]
}

describe('the reporting delay', () => {
  test('is that of a run-off triangle worked by hand', () => {
    // days 0, 1, 2 seen until day 2: 10 + 5 + 5, 20 + 10, 30. Of 30 rows known after a day 15 came then... on days old enough
    const arrivals = [
      { day: 0, age: 0, rows: 10 },
      { day: 0, age: 1, rows: 5 },
      { day: 0, age: 2, rows: 5 },
      { day: 1, age: 0, rows: 20 },
      { day: 1, age: 1, rows: 10 },
      { day: 2, age: 0, rows: 30 },
      { day: -1, age: 0, rows: 1 },
      { day: -2, age: 0, rows: 1 },
    ]
    // age 2: 5 of 22; age 1: 15 of 47 on days 1, 0, -1, -2
    const curve = delayCurve(...marginals(arrivals, 2))
    expect(curve?.[2]).toBe(1)
    expect(curve?.[1]).toBeCloseTo(1 - 5 / 22, 12)
    expect(curve?.[0]).toBeCloseTo((1 - 5 / 22) * (1 - 15 / 47), 12)
  })
  test('is found from random arrivals, also where nothing is known on the day itself', () => {
    const next = random(7)
    const final = [0, 0.5, 0.75, 0.9, 0.9, 1]
    const arrivals: Arrival[] = []
    for (let day = 0; day < 90; day += 1)
      for (let row = 0; row < 100; row += 1) {
        const drawn = next()
        arrivals.push({ day, age: final.findIndex((share) => drawn < share), rows: 1 })
      }
    const curve = delayCurve(...marginals(arrivals, 89)) ?? []
    for (const [age, share] of final.entries()) expect(curve[age], `${age} days`).toBeCloseTo(share, 1.5)
  })
  test('is not known from few rows or few days', () => {
    expect(
      delayCurve(
        [[0], [49]],
        [
          [0, 1, 2, 3, 4],
          [10, 10, 10, 10, 9],
        ],
      ),
    ).toBeNull()
    expect(
      delayCurve(
        [[0], [500]],
        [
          [0, 1],
          [250, 250],
        ],
      ),
    ).toBeNull()
  })
  test('never falls with age and lies within 0 and 1, whatever arrived or was withdrawn', () => {
    const arrival = fc.record({
      day: fc.integer({ min: 0, max: 30 }),
      age: fc.integer({ min: 0, max: 90 }),
      rows: fc.integer({ min: -20, max: 200 }),
    })
    fc.assert(
      fc.property(
        fc.array(arrival, { minLength: 5, maxLength: 60 }),
        fc.integer({ min: 5, max: 60 }),
        (arrivals, last) => {
          const curve = delayCurve(...marginals(arrivals, last)) ?? [1]
          for (const [age, share] of curve.entries()) {
            expect(share).toBeGreaterThanOrEqual(0)
            expect(share).toBeLessThanOrEqual(1)
            expect(share).toBeGreaterThanOrEqual(curve[age - 1] ?? 0)
          }
          expect(curve.at(-1)).toBe(1)
        },
      ),
    )
  })
})

describe('what is expected of a day', () => {
  const history = (counts: readonly number[], more: Partial<History> = {}): History => ({
    firstDay: monday,
    counts,
    judgedUntil: monday + counts.length,
    end: monday + counts.length,
    closed: () => false,
    known: () => 1,
    fewestRows: null,
    ...more,
  })
  /** Rows of a Poisson distribution. */
  const drawn = (mean: number, next: () => number): number => {
    let [rows, product] = [0, next()]
    for (const least = Math.exp(-mean); product > least; product *= next()) rows += 1
    return rows
  }
  const weeksOf = (count: number, mean: (day: number) => number, seed = 1) => {
    const next = random(seed)
    return Array.from({ length: 7 * count }, (_, day) => drawn(mean(day), next))
  }

  test('a Poisson count leaves its range once in 10,000 times at most on each side', () => {
    for (const mean of [0.5, 3, 9, 15, 29.9]) {
      const [low, high] = poissonRange(mean)
      let chance = Math.exp(-mean)
      let [below, upto] = [0, 0]
      for (let count = 0; count <= high; count += 1) {
        if (count < low) below += chance
        upto += chance
        chance *= mean / (count + 1)
      }
      expect(below).toBeLessThanOrEqual(1e-4)
      expect(1 - upto).toBeLessThanOrEqual(1e-4)
    }
    // exact from tables of the Poisson distribution: P(X < 65) = 0.00008 at a mean of 100
    expect(poissonRange(100)[0]).toBe(64)
  })
  test('ten years of a small seasonal city have no gap', () => {
    const season = (level: number) => (day: number) =>
      day % 7 >= 5 ? level / 20 : level * (1 + 0.8 * Math.sin((2 * Math.PI * day) / 365))
    for (const level of [0.3, 2, 8, 40])
      expect(gapsOf(judgeDays(history(weeksOf(520, season(level))))), `${level} a day`).toEqual([])
  })
  test('an outage is one gap across the weekend, and its rows are no new habit', () => {
    const counts = weeksOf(40, (day) => (day % 7 >= 5 ? 0 : 50))
    const start = 20 * 7 + 3
    for (let day = start; day < start + 6 * 7; day += 1) counts[day] = 0
    const [gap, ...others] = gapsOf(judgeDays(history(counts)))
    expect(others).toEqual([])
    expect(gap).toMatchObject({ from: monday + start, until: monday + start + 42, days: 30, rows: 0 })
    expect((gap?.expected ?? 0) / 30).toBeCloseTo(50, -1)
  })
  test('a quiet weekend, on which little is expected, does not part a gap', () => {
    const counts = weeksOf(20, (day) => (day % 7 >= 5 ? 4 : 60)).map((rows, day) =>
      day >= 100 && day < 110 ? Math.floor(rows / 20) : rows,
    )
    const gaps = gapsOf(judgeDays(history(counts)))
    expect(gaps).toMatchObject([{ from: monday + 100, until: monday + 110, days: 8 }])
  })
  test('a weekday on which a service no longer opens becomes its habit', () => {
    const counts = weeksOf(40, () => 60).map((rows, day) => (day >= 140 && day % 7 === 5 ? 0 : rows))
    const days = judgeDays(history(counts))
    expect(gapsOf(days).every(({ until }) => until < monday + 140 + 6 * 7)).toBe(true)
    expect(days.at(-2)).toMatchObject({ closed: true, range: null, gap: false })
  })
  test('holidays of the calendar are no gaps, and a configured least is one', () => {
    const counts = weeksOf(12, () => 40)
    counts[70] = 0
    counts[72] = 9
    const gaps = (more: Partial<History>) =>
      gapsOf(judgeDays(history(counts, more))).map(({ from }) => from - monday)
    expect(gaps({})).toEqual([70, 72])
    expect(gaps({ closed: (day) => day === monday + 70 })).toEqual([72])
    expect(gaps({ fewestRows: 5 })).toEqual([70])
  })
})

describe('a cadence', () => {
  const at = (week: number, day: number, hours: number) => (monday + week * 7 + day) * dayMs + hours * hour
  const open = () => false
  const weekdays = [0, 1, 2, 3, 4]
  const learned = (moments: readonly number[], closed: (day: number) => boolean = open) => {
    const cadence = learnCadence(moments, zone, closed)
    if (!cadence) throw new Error('There is no cadence.')
    return cadence
  }
  test('of working days skips the weekend without any calendar', () => {
    const moments = [0, 1, 2, 3, 4, 5].flatMap((week) => weekdays.map((day) => at(week, day, 6)))
    const { everyHours, quiet } = learned(moments.slice(0, -5))
    expect(everyHours).toBe(24)
    expect(openHours(at(4, 4, 6), at(5, 0, 5), zone, quiet)).toBe(23)
    // the clocks of London are put forward in between
    expect(afterOpenHours(at(3, 4, 6), 24, zone, quiet)).toBe(at(4, 0, 6))
  })
  test('of several files each morning, of every minute by day, and of each month', () => {
    const mornings = Array.from({ length: 20 }, (_, day) =>
      [0, 0.25, 0.5].map((later) => at(0, day, 6 + later)),
    )
    expect(learned(mornings.flat()).everyHours).toBe(23.5)
    const byDay = Array.from({ length: 20 }, (_, day) =>
      Array.from({ length: 56 }, (_, n) => at(0, day, 7 + n / 4)),
    )
    expect(learned(byDay.flat()).everyHours).toBe(10.25)
    const months = Array.from({ length: 6 }, (_, month) => Date.UTC(2026, month, 3))
    expect(learned(months).everyHours / 24).toBeGreaterThanOrEqual(30)
  })
  test('is unknown from four deliveries, or from files of one afternoon', () => {
    expect(
      learnCadence(
        [0, 1, 2, 3].map((day) => at(0, day, 6)),
        zone,
        open,
      ),
    ).toBeNull()
    expect(
      learnCadence(
        [0, 1, 2, 3, 4, 5].map((n) => at(0, 0, 12 + n)),
        zone,
        open,
      ),
    ).toBeNull()
  })
  test('knows the weekday of a day', () => {
    expect([0, 5, 6].map((day) => weekdayOf(monday + day))).toEqual([1, 6, 7])
    expect(weekdayOf(-1)).toBe(3)
  })
})

test('completeness adds up days of services with the share that is known of them', () => {
  const of = (service: string, shares: [string, number][] = []): Coverage => ({
    stream: 'wait_times',
    source: 'register',
    service,
    from: '2026-03-01',
    until: '2026-04-01',
    as_of: '',
    end_us: 0,
    shares: new Map(shares),
  })
  const week = { from: '2026-03-02', until: '2026-03-12' }
  const filling: [string, number][] = [
    ['2026-03-10', 0.8],
    ['2026-03-11', 0.2],
    ['2026-03-12', 0],
  ]
  expect(completeness(week, [of('permits', filling)])).toBeCloseTo(0.9, 12)
  expect(completeness(week, [of('permits', filling), of('counter')])).toBeCloseTo(0.95, 12)
})
