import { TZDate } from '@date-fns/tz'
import { beforeAll, describe, expect, test } from 'vitest'
import { applyConfig } from '../sql/applyConfig.ts'
import { breaches } from '../sql/breaches.ts'
import { configSchema } from '../sql/config.ts'
import { change } from '../sql/decompose.ts'
import { filters, type Grain } from '../sql/filters.ts'
import { flow } from '../sql/flow.ts'
import { load } from './load.ts'
import { loadMapping } from './mapping.ts'
import { useStore } from './testStore.ts'

// Made cases, and everything the questions answer counted once more case by case.

const store = useStore()
const zone = 'Europe/London'
const [minute, hour, day] = [60_000, 3_600_000, 86_400_000]
const begin = Date.parse('2025-01-06T08:00:00Z')
const end = Date.parse('2026-02-10T17:00:00Z')
const promisedDays = 20

/** A time at a stage: from when the one before it ended; open while `left` is missing. */
type Stay = { stage: string; from: string; entered: number; begun?: number; left?: number; paused: number }
type Case = {
  id: string
  service: string
  district: string
  team: string
  started: number
  closed?: number
  stays: Stay[]
}

let state = 11
const draw = (below: number) => {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
  return Math.floor((state / 2 ** 32) * below)
}

/** Ask, Check, sometimes Repair and Check again, then Decide; slower in the north from September on. */
function makeCase(index: number): { one: Case; rows: string[] } {
  const district = ['north', 'south', 'west'][draw(3)] ?? ''
  const service = index % 4 === 0 ? 'counter' : 'permits'
  const started = begin + draw(Math.floor((end - begin) / minute) - 10) * minute
  const one: Case = { id: `c${index}`, service, district, team: `team ${district}`, started, stays: [] }
  const rows: string[] = []
  const add = (activity: string, lifecycle: string, at: number, clock = '', reason = '') =>
    rows.push(
      [
        one.id,
        service,
        activity,
        lifecycle,
        new Date(at).toISOString(),
        clock,
        reason,
        district,
        one.team,
      ].join(','),
    )
  add('Ask', 'complete', started, 'start')
  one.stays.push({ stage: 'Ask', from: '', entered: started, left: started, paused: 0 })
  const route = ['Check', ...(draw(4) === 0 ? ['Repair', 'Check'] : []), 'Decide']
  const slow = district === 'north' && started > Date.parse('2025-09-01') ? 3 : 1
  let at = started
  let from = 'Ask'
  for (const [place, stage] of route.entries()) {
    const stay: Stay = { stage, from, entered: at, paused: 0 }
    const begun = at + (1 + draw(8 * 1_440 * (stage === 'Check' ? slow : 1))) * minute
    let left = begun + (30 + draw(600)) * minute
    const pauses = draw(6) === 0 ? (1 + draw(4 * 1_440)) * minute : 0
    one.stays.push(stay)
    if (begun > end) return { one, rows }
    stay.begun = begun
    add(stage, 'start', begun)
    if (pauses > 0) {
      left += pauses + 2 * minute
      if (left > end) return { one, rows }
      add('Question', 'suspend', begun + minute, 'pause', 'Waiting for applicant')
      add('Answer', 'resume', begun + minute + pauses, 'resume')
      stay.paused = pauses
    }
    if (left > end) return { one, rows }
    const last = place === route.length - 1
    add(stage, 'complete', left, last ? 'stop' : '')
    stay.left = left
    if (last) one.closed = left
    at = left
    from = stage
  }
  return { one, rows }
}

const made = Array.from({ length: 1_500 }, (_, index) => makeCase(index))
const cases = made.map(({ one }) => one)
/** The last moment anything is known of. */
const known = Math.max(...made.flatMap(({ rows }) => rows.map((row) => Date.parse(row.split(',')[4] ?? ''))))

const midnight = (date: string) => {
  const [year = 0, month = 1, of = 1] = date.split('-').map(Number)
  return new TZDate(year, month - 1, of, zone).getTime()
}

/** A case that asks at 6:00 of a day after 1 May 2025, begins `wait` hours later and ends after `stay` hours. */
const queued = (service: string, id: string, onDay: number, wait: number | null, stay: number): string[] => {
  // neither of the months around June changes its clocks
  const asked = midnight('2025-05-01') + onDay * day + 6 * hour
  const row = (activity: string, lifecycle: string, hours: number, clock = '') =>
    [
      `${service} ${id}`,
      service,
      activity,
      lifecycle,
      new Date(asked + hours * hour).toISOString(),
      clock,
      '',
      'north',
      `${service} desk`,
    ].join(',')
  return [
    row('Ask', 'complete', 0, 'start'),
    ...(wait === null ? [] : [row('Work', 'start', wait)]),
    row('Work', 'complete', stay, 'stop'),
  ]
}
const everyDay = (service: string, wait: number | null, stay: number) =>
  Array.from({ length: 80 }, (_, onDay) => queued(service, `${onDay}`, onDay, wait, stay)).flat()
/** Queues that can be reckoned by hand: one case a day; the last one gets 30 more on 16 June, who stay until July. */
const queues = [
  ...everyDay('steady', 12, 24),
  ...everyDay('tight', 3, 24),
  ...everyDay('full', 1, 25),
  ...everyDay('filling', null, 24),
  ...Array.from({ length: 30 }, (_, index) => queued('filling', `more ${index}`, 46, null, 30 * 24)).flat(),
]

beforeAll(async () => {
  const standards = [{ valid_from: '2024-01-01', value: promisedDays, unit: 'days' as const, target: 0.8 }]
  await applyConfig(
    store.db,
    configSchema.parse({
      jurisdiction: { name: 'Town', time_zone: zone },
      calendars: [
        { id: 'every-day', working_weekdays: [1, 2, 3, 4, 5, 6, 7], from: '2024-12-01', until: '2026-12-31' },
      ],
      services: [
        ...['permits', 'counter'].map((id) => ({ id, name: id, calendar: 'every-day', standards })),
        ...['steady', 'tight', 'full', 'filling'].map((id) => ({ id, name: id })),
      ],
    }),
  )
  const header = 'case_id,service,activity,lifecycle,time,clock,reason,district,team\n'
  const file = await store.file(
    'flow.csv',
    `${header}${[...made.flatMap(({ rows }) => rows), ...queues].join('\n')}\n`,
  )
  expect(await load(store.db, { file, mapping: await loadMapping('clearway') })).toMatchObject({
    rejected: 0,
  })
}, 60_000)

const sumOf = <Row>(rows: readonly Row[], of: (row: Row) => number) =>
  rows.reduce((sum, row) => sum + of(row), 0)

type Piece = { service: string; stage: string; share: number; guessed?: true; entered: number; left: number }

/** Lengths of waits, alike when they are of the same half power of two of minutes. */
const step = (wait: number) => Math.ceil(2 * Math.log2(1 + Math.max(0, wait) / minute))

/**
 * Where every case stood: those nobody began stand before each stage by its share of the cases that went on in the year before `until`
 * after waiting as long, or by those that waited longest.
 */
function piecesOf(until: string): Piece[] {
  const [since, last] = [midnight(until) - 365 * day, midnight(until)]
  const went = cases.flatMap(({ service, stays }) =>
    stays.flatMap(({ stage, from, entered, begun, left }) =>
      from !== '' && left !== undefined && left >= since && left < last
        ? [{ service, stage, from, waited: step((begun ?? left) - entered) }]
        : [],
    ),
  )
  return cases.flatMap(({ service, stays }) =>
    stays.flatMap(({ stage, from, entered, begun, left }) => {
      const own = { service, entered, left: left ?? Infinity }
      if (begun !== undefined || left !== undefined) return [{ ...own, stage, share: 1 }]
      const alike = went.filter((one) => one.service === service && one.from === from)
      const waited = Math.min(step(known - entered), Math.max(...alike.map((one) => one.waited)))
      const others = alike.filter((one) => one.waited >= waited)
      return [...new Set(others.map((one) => one.stage))].map((name) => ({
        ...own,
        stage: name,
        guessed: true as const,
        share: others.filter((one) => one.stage === name).length / others.length,
      }))
    }),
  )
}

describe.each<[Grain, string, string]>([
  ['day', '2025-03-20', '2025-04-10'],
  ['week', '2025-09-03', '2026-02-11'],
  ['month', '2025-02-01', '2026-02-01'],
])('flow by %s from %s to %s', (grain, from, until) => {
  const ask = () => flow(store.db, grain, '', filters.parse({ service: 'permits', from, until }))

  test('the backlog moves by arrivals less departures, for the service and every stage, in every bucket', async () => {
    const answer = await ask()
    expect(answer.stages.map(({ stage }) => stage).sort()).toEqual(['Ask', 'Check', 'Decide', 'Repair'])
    for (const one of [answer.cases, ...answer.stages]) {
      expect(one.backlog - one.backlog_before).toBeCloseTo(one.arrivals - one.departures, 9)
      expect(one.growing).toBe(one.arrivals > one.departures)
      // the hour that is missing, or too much, when the clocks change is none of a pace
      const weeks = Math.round((midnight(until) - midnight(from)) / day) / 7
      if (one.departures > 0)
        expect(one.weeks_to_clear).toBeCloseTo((one.backlog * weeks) / one.departures, 9)
      let before = one.backlog_before
      for (const point of one.points) {
        expect(point.backlog - before).toBeCloseTo(point.arrivals - point.departures, 9)
        expect(point.cumulative_arrivals - point.cumulative_departures).toBeCloseTo(point.backlog, 9)
        expect(sumOf(point.age.by_days, (n) => n)).toBeCloseTo(point.backlog, 9)
        before = point.backlog
      }
      expect(before).toBeCloseTo(one.backlog, 9)
    }
    for (const [index, point] of answer.cases.points.entries()) {
      expect(sumOf(answer.stages, ({ points }) => points[index]?.backlog ?? 0)).toBeCloseTo(point.backlog, 9)
      expect(sumOf(Object.values(point.by_standard), (n) => n)).toBe(point.backlog)
    }
  })

  test('counts, ages and Little’s law equal a count case by case', async () => {
    const answer = await ask()
    const own = cases.filter(({ service }) => service === 'permits')
    for (const { from, until, arrivals, departures, backlog, age, by_standard } of answer.cases.points) {
      const [first, last] = [midnight(from), midnight(until)]
      const inside = (at = Infinity) => at >= first && at < last
      const open = own.filter(({ started, closed = Infinity }) => started < last && closed >= last)
      expect([arrivals, departures, backlog]).toEqual([
        own.filter(({ started }) => inside(started)).length,
        own.filter(({ closed }) => inside(closed)).length,
        open.length,
      ])
      const ages = open.map(({ started }) => (Math.min(last, known) - started) / day).sort((a, b) => a - b)
      const middle = (ages.length - 1) / 2
      const median = ((ages[Math.floor(middle)] ?? 0) + (ages[Math.ceil(middle)] ?? 0)) / 2
      if (ages.length > 0) expect(age.median_days).toBeCloseTo(median, 9)
      expect(age.oldest_days ?? 0).toBeCloseTo(ages.at(-1) ?? 0, 9)
      const promised = ({ stays }: Case) =>
        promisedDays + sumOf(stays, ({ paused, left }) => (left ? paused : 0)) / day
      const within = open.filter((one) => (Math.min(last, known) - one.started) / day <= promised(one))
      expect(by_standard.within).toBe(within.length)
    }
    const [first, last] = [midnight(from), Math.min(midnight(until), known)]
    const standing = piecesOf(until)
    for (const { stage, little, points, backlog_expected } of answer.stages) {
      const pieces = standing.filter((piece) => piece.service === 'permits' && piece.stage === stage)
      for (const point of points) {
        const at = midnight(point.until)
        const open = pieces.filter(({ entered, left }) => entered < at && left >= at)
        expect(point.backlog, `${stage} ${point.until}`).toBeCloseTo(
          sumOf(open, ({ share }) => share),
          9,
        )
        const oldest = Math.max(0, ...open.map(({ entered }) => (Math.min(at, known) - entered) / day))
        expect(point.age.oldest_days ?? 0).toBeCloseTo(oldest, 9)
      }
      const present = sumOf(
        pieces,
        ({ share, entered, left }) => share * Math.max(0, Math.min(left, last) - Math.max(entered, first)),
      )
      expect(little.present).toBeCloseTo(present / (last - first), 6)
      const gone = pieces.filter(({ left }) => left >= first && left < midnight(until))
      expect(little.stay_days ?? 0).toBeCloseTo(
        sumOf(gone, ({ entered, left }) => left - entered) / day / gone.length,
        6,
      )
      const guessed = pieces.filter((piece) => piece.guessed && piece.entered < midnight(until))
      expect(backlog_expected).toBeCloseTo(
        sumOf(guessed, ({ share }) => share),
        9,
      )
    }
  })
})

test('people at work are the most who work at a time while somebody waits, and utilisation is what they worked of their hours', async () => {
  const [from, until] = ['2025-03-01', '2025-11-01']
  const answer = await flow(store.db, 'month', 'Check', filters.parse({ service: 'permits', from, until }))
  expect(answer.stages.map(({ stage }) => stage)).toEqual(['Check'])
  await expect(flow(store.db, 'month', 'Chekc', filters.parse({ from, until }))).rejects.toThrow(
    /No case was at a stage "Chekc"/,
  )
  const [first, last] = [midnight(from), midnight(until)]
  const teams = ['north', 'south', 'west'].map((district) => {
    const work = cases.filter((one) => one.district === district).flatMap(({ stays }) => stays)
    const told = work.flatMap(({ entered, begun, left = Infinity, paused }) =>
      begun === undefined ? [] : [{ entered, begun, left, paused }],
    )
    const busy = told
      .filter(({ begun, entered }) => begun >= first && begun < last && begun - entered > 5 * minute)
      .filter(({ left }) => left < Infinity)
      .map(({ begun }) => told.filter((other) => other.begun <= begun && other.left > begun).length)
      .sort((a, b) => a - b)
    const touch = told.filter(({ left }) => left >= first && left < last)
    return {
      people: busy[Math.floor(0.9 * (busy.length - 1))] ?? 0,
      hours: sumOf(touch, ({ begun, left, paused }) => left - begun - paused) / hour,
    }
  })
  const { utilisation } = answer.stages[0] ?? {}
  const people = sumOf(teams, (team) => team.people)
  expect(utilisation?.people).toBe(people)
  expect(utilisation?.touch_hours).toBeCloseTo(
    sumOf(teams, (team) => team.hours),
    6,
  )
  // every hour is worked in this calendar; one is given back when the clocks change in October and taken in March
  expect(utilisation?.staffed_hours).toBeCloseTo((people * (last - first)) / hour, 6)
})

/** The stage `Work` of one of the queues. */
async function workOf(service: string, from = '2025-06-01', until = '2025-07-01') {
  const { stages } = await flow(store.db, 'month', 'Work', filters.parse({ service, from, until }))
  return stages[0]
}

test('a steady queue keeps Little’s law: one case a day that stays a day is one case there', async () => {
  const steady = await workOf('steady')
  expect(steady).toMatchObject({
    backlog_before: 1,
    arrivals: 30,
    departures: 30,
    backlog: 1,
    growing: false,
  })
  // seven leave in a week, and one is there
  expect(steady?.weeks_to_clear).toBeCloseTo(1 / 7, 9)
  expect(steady?.little).toEqual({
    present: expect.closeTo(1, 9),
    arrivals_per_day: expect.closeTo(1, 9),
    stay_days: expect.closeTo(1, 9),
    expected: expect.closeTo(1, 9),
    gap: expect.closeTo(0, 9),
    unstable: false,
  })
  // seven departures are too few to judge by
  const week = await workOf('steady', '2025-06-02', '2025-06-09')
  expect(week?.little).toMatchObject({ gap: expect.closeTo(0, 9), unstable: null })
})

test('a queue that fills breaks Little’s law, and says so', async () => {
  const filling = await workOf('filling')
  expect(filling).toMatchObject({
    backlog_before: 1,
    arrivals: 60,
    departures: 30,
    backlog: 31,
    growing: true,
  })
  expect(filling?.weeks_to_clear).toBeCloseTo(31 / 7, 9)
  // the 30 stood there from 16 June 6:00 on: 14.75 of 30 days
  const present = 1 + (30 * 14.75) / 30
  expect(filling?.little).toEqual({
    present: expect.closeTo(present, 9),
    arrivals_per_day: expect.closeTo(2, 9),
    stay_days: expect.closeTo(1, 9),
    expected: expect.closeTo(2, 9),
    gap: expect.closeTo((present - 2) / present, 9),
    unstable: true,
  })
  // its starts are not told
  expect(filling?.utilisation).toBeNull()
})

test.each([
  ['steady', 12, 'ok'],
  ['tight', 21, 'amber'],
  ['full', 24, 'red'],
] as const)('somebody who works at %s, %d hours a day, is %s', async (service, worked, status) => {
  expect((await workOf(service))?.utilisation).toEqual({
    people: 1,
    touch_hours: expect.closeTo(30 * worked, 6),
    staffed_hours: expect.closeTo(30 * 24, 6),
    share: expect.closeTo(worked / 24, 9),
    status,
  })
})

test('mix and rate add up to the change of the mean, and values to the whole', async () => {
  const [from, until] = ['2025-11-01', '2025-12-01']
  const answer = await change(
    store.db,
    undefined,
    filters.parse({ service: 'permits', from, until, compare: 'previous' }),
  )
  const earlier = answer.compare_period ?? { from: '', until: '' }
  const closedIn = (span: { from: string; until: string }) =>
    cases.filter(
      ({ service, closed }) =>
        service === 'permits' &&
        closed !== undefined &&
        closed >= midnight(span.from) &&
        closed < midnight(span.until),
    )
  const hoursOf = ({ started, closed = 0, stays }: Case) =>
    (closed - started - sumOf(stays, ({ paused }) => paused)) / hour
  const [now, then] = [closedIn(answer.period), closedIn(earlier)]
  const meanOf = (some: Case[]) => sumOf(some, hoursOf) / some.length
  const moved = meanOf(now) - meanOf(then)
  expect(answer.mean.value).toBeCloseTo(meanOf(now), 9)
  expect(answer.change.absolute).toBeCloseTo(moved, 9)
  expect(answer.dimensions.map(({ dimension }) => dimension).sort()).toEqual(['district', 'team'])
  for (const { mix, rate, rows } of answer.dimensions) {
    expect(Math.abs((mix ?? 0) + (rate ?? 0) - moved)).toBeLessThan(1e-9 * Math.abs(moved))
    expect(sumOf(rows, (row) => row.mix)).toBeCloseTo(mix ?? 0, 9)
    expect(sumOf(rows, (row) => row.rate)).toBeCloseTo(rate ?? 0, 9)
    expect(sumOf(rows, (row) => row.share ?? 0)).toBeCloseTo(1, 9)
    expect(sumOf(rows, (row) => row.n)).toBe(now.length)
    expect(sumOf(rows, (row) => row.weight)).toBeCloseTo(1, 9)
    // Kitagawa's sum, as it is written
    const shares = rows.map(({ value }) => {
      const name = value.replace('team ', '')
      const [a, b] = [now.filter((one) => one.district === name), then.filter((one) => one.district === name)]
      return { w1: a.length / now.length, w0: b.length / then.length, r1: meanOf(a), r0: meanOf(b) }
    })
    expect(mix).toBeCloseTo(
      sumOf(shares, ({ w1, w0, r1, r0 }) => ((w1 - w0) * (r0 + r1)) / 2),
      8,
    )
    expect(rate).toBeCloseTo(
      sumOf(shares, ({ w1, w0, r1, r0 }) => ((r1 - r0) * (w0 + w1)) / 2),
      8,
    )
  }
})

test('the values named for a change are the fewest that make four fifths of it', async () => {
  const answer = await change(
    store.db,
    'district',
    filters.parse({ service: 'permits', from: '2025-10-01', until: '2025-12-01', compare: 'previous' }),
  )
  expect(answer.change.verdict).toBe('worse')
  expect(answer.dimensions[0]?.explained_by?.values).toEqual(['north'])
})

test.each([
  ['without extensions', 'without_extensions'],
  ['with extensions', 'with_extensions'],
] as const)('days over are divided over stages case by case, %s', async (_, view) => {
  const [from, until] = ['2025-10-01', '2026-02-01']
  const answer = await breaches(store.db, filters.parse({ from, until }))
  const extended = view === 'with_extensions'
  const [first, last] = [midnight(from), midnight(until)]
  expect(answer[view].map(({ service }) => service)).toEqual(['counter', 'permits'])
  for (const row of answer[view]) {
    const own = cases.filter(({ service }) => service === row.service)
    const dueOf = ({ started, stays }: Case) =>
      started + promisedDays * day + (extended ? sumOf(stays, ({ paused, left }) => (left ? paused : 0)) : 0)
    const kept = own.filter(
      (one) =>
        one.closed !== undefined &&
        one.closed >= last - 365 * day &&
        one.closed < last &&
        one.closed <= dueOf(one),
    )
    const usual = (stage: string) => {
      const times = kept
        .map(({ stays }) => stays.filter((stay) => stay.stage === stage))
        .filter((stays) => stays.length > 0)
        .map((stays) =>
          sumOf(stays, ({ entered, left = 0, paused }) => left - entered - (extended ? paused : 0)),
        )
        .sort((a, b) => a - b)
      const middle = (times.length - 1) / 2
      return times.length === 0 ? 0 : ((times[Math.floor(middle)] ?? 0) + (times[Math.ceil(middle)] ?? 0)) / 2
    }
    const budgets = new Map(['Ask', 'Check', 'Repair', 'Decide'].map((stage) => [stage, usual(stage)]))
    const pieces = piecesOf(until)
    const days = new Map<string, number>()
    let late = 0
    for (const one of own) {
      if (one.started >= last || (one.closed ?? Infinity) < first) continue
      const stopped = Math.min(one.closed ?? Infinity, last, known)
      const over = stopped - dueOf(one)
      if (over <= 0) continue
      late += 1
      const spent = new Map<string, { stay: number; weight: number }>()
      for (const { stage, entered, begun, left, paused, from } of one.stays) {
        if (entered >= stopped) continue
        const stay = Math.max(
          0,
          Math.min(left ?? Infinity, stopped) - entered - (extended && left ? paused : 0),
        )
        // an open case that nobody began: as the shares of those that went on from there
        const places =
          begun === undefined && left === undefined
            ? pieces.filter(
                (piece) =>
                  piece.service === one.service && piece.entered === entered && piece.left === Infinity,
              )
            : [{ stage, share: 1 }]
        expect(places.length, `${one.id} after ${from}`).toBeGreaterThan(0)
        for (const place of places) {
          const held = spent.get(place.stage) ?? { stay: 0, weight: 0 }
          spent.set(place.stage, {
            stay: held.stay + stay * place.share,
            weight: Math.min(1, held.weight + place.share),
          })
        }
      }
      const whole = sumOf([...spent.values()], ({ stay }) => stay)
      const usually = sumOf([...spent], ([stage, { weight }]) => weight * (budgets.get(stage) ?? 0))
      const scale = Math.max(0, whole - over) / usually
      const above = [...spent].map(
        ([stage, { stay, weight }]) =>
          [stage, Math.max(0, stay - weight * (budgets.get(stage) ?? 0) * scale)] as const,
      )
      const all = sumOf(above, ([, part]) => part)
      for (const [stage, part] of above) days.set(stage, (days.get(stage) ?? 0) + ((over / day) * part) / all)
    }
    expect(row.closed_late + row.open_late).toBe(late)
    expect(late).toBeGreaterThan(20)
    expect(sumOf(row.stages, (stage) => stage.days_over)).toBeCloseTo(row.days_over, 6)
    expect(sumOf(row.stages, (stage) => stage.share)).toBeCloseTo(1, 9)
    for (const { stage, days_over } of row.stages)
      expect(days_over, `${stage}`).toBeCloseTo(days.get(stage ?? '') ?? 0, 6)
  }
})
