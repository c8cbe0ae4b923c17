import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { applyConfig } from '../sql/applyConfig.ts'
import { configSchema } from '../sql/config.ts'
import { filters } from '../sql/filters.ts'
import { kpiAnswer, kpiBy, kpiSeries } from '../sql/kpiFigures.ts'
import { load } from './load.ts'
import { loadMapping } from './mapping.ts'
import { useStore } from './testStore.ts'

/** Figures of the engine over random data and a published data set, against the same figures computed plainly here. */

const store = useStore()
const mapping = await loadMapping('clearway')
const day = 86_400_000
const at = (ms: number): string => new Date(ms).toISOString()

beforeAll(async () => {
  const standards = [{ valid_from: '2020-01-01', value: 3, unit: 'days' as const, target: 0.8 }]
  await applyConfig(
    store.db,
    configSchema.parse({
      jurisdiction: { name: 'Oracle', time_zone: 'Europe/London', reopen_days: 20 },
      services: [
        ...['leukaemia', 'times', 'survival'].map((id) => ({ id, name: id })),
        { id: 'clocks', name: 'clocks', standards },
      ],
    }),
  )
})

const take = async (name: string, lines: readonly string[], source = name) => {
  const file = await store.file(`${name}.csv`, `${lines.join('\n')}\n`)
  const result = await load(store.db, { file, mapping, source })
  expect(result.rejected).toBe(0)
  return result
}
const header = 'case_id,service,district,activity,time,clock'
const ask = (service: string) => filters.parse({ service, compare: 'none' })

/** Subjects as cases: the clock starts `time` before its end, or before the end of the data when nothing was seen to end. */
type Subject = { minutes: number; ended: boolean }
const end = Date.UTC(2026, 5, 1)
function subjectRows(service: string, group: string, subjects: readonly Subject[]): string[] {
  return subjects.flatMap(({ minutes, ended }, index) => {
    const id = `${group}-${index}`
    const start = at(end - minutes * 60_000)
    return [
      `${id},${service},${group},Begun,${start},start`,
      ...(ended ? [`${id},${service},${group},Ended,${at(end)},stop`] : []),
    ]
  })
}
const lastEvent = (service: string) => `last,${service},zz-last,Begun,${at(end)},start`

/** Kaplan-Meier with Greenwood and log-log limits, step by step; days, Infinity when not reached. */
function kaplanMeier(subjects: readonly Subject[], q: number) {
  const times = [...new Set(subjects.filter((s) => s.ended).map((s) => s.minutes))].sort((a, b) => a - b)
  const found = { value: Infinity, low: Infinity, high: Infinity }
  let survivors = 1
  let variance = 0
  for (const time of times) {
    const risk = subjects.filter((s) => s.minutes >= time).length
    const died = subjects.filter((s) => s.ended && s.minutes === time).length
    survivors *= (risk - died) / risk
    variance += died / (risk * (risk - died))
    const spread = survivors > 0 ? (1.96 * Math.sqrt(variance)) / Math.abs(Math.log(survivors)) : 0
    const lower = survivors > 0 ? survivors ** Math.exp(spread) : 0
    const upper = survivors > 0 ? survivors ** Math.exp(-spread) : 1
    const reached = (share: number) => share <= 1 - q + 1e-9
    if (reached(survivors)) found.value = Math.min(found.value, time)
    if (reached(lower)) found.low = Math.min(found.low, time)
    if (reached(upper)) found.high = Math.min(found.high, time)
  }
  return { value: found.value / 1440, low: found.low / 1440, high: found.high / 1440 }
}

describe('open requests counted', () => {
  test('the remission times of Freireich (1963) have medians of 23 weeks (13 to open end) and 8 weeks (4 to 11)', async () => {
    const ended = (weeks: number[]) => weeks.map((w) => ({ minutes: w * 7 * 1440, ended: true }))
    const open = (weeks: number[]) => weeks.map((w) => ({ minutes: w * 7 * 1440, ended: false }))
    const treated = [
      ...ended([6, 6, 6, 7, 10, 13, 16, 22, 23]),
      ...open([6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]),
    ]
    const control = ended([1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23])
    await take('leukaemia', [
      header,
      ...subjectRows('leukaemia', 'treated', treated),
      ...subjectRows('leukaemia', 'control', control),
    ])
    const median = await kpiBy(store.db, 'time_to_outcome_all_median', 'district', ask('leukaemia'))
    const p90 = await kpiBy(store.db, 'time_to_outcome_all_p90', 'district', ask('leukaemia'))
    const of = (answer: typeof median, arm: string) => answer.rows.find(({ value }) => value === arm)?.stat
    expect(of(median, 'treated')).toMatchObject({ value: 23 * 7, n: 21, interval: null, status: 'ok' })
    expect(of(median, 'control')).toMatchObject({ value: 8 * 7, n: 21, interval: [4 * 7, 11 * 7] })
    expect(of(p90, 'treated')).toMatchObject({ value: null, status: 'not_reached', n: 21 })
    expect(of(p90, 'control')).toMatchObject({ value: 17 * 7 })
    expect(kaplanMeier(treated, 0.5)).toEqual({ value: 161, low: 91, high: Infinity })
  })

  test('random groups with ties and open cases have the quantiles and limits of the plain computation', async () => {
    const subject = fc.record({
      minutes: fc.integer({ min: 1, max: 40 }).map((m) => m * 60),
      ended: fc.boolean(),
    })
    const groups = fc.sample(fc.array(subject, { minLength: 1, maxLength: 60, size: 'max' }), {
      numRuns: 40,
      seed: 11,
    })
    await take('survival', [
      header,
      lastEvent('survival'),
      ...groups.flatMap((group, index) => subjectRows('survival', `g${index}`, group)),
    ])
    for (const [id, q] of [
      ['time_to_outcome_all_median', 0.5],
      ['time_to_outcome_all_p90', 0.9],
    ] as const) {
      const { rows } = await kpiBy(store.db, id, 'district', ask('survival'))
      for (const [index, group] of groups.entries()) {
        const stat = rows.find(({ value }) => value === `g${index}`)?.stat
        const plain = kaplanMeier(group, q)
        expect(stat?.n).toBe(group.length)
        expect(stat?.status).toBe(plain.value === Infinity ? 'not_reached' : 'ok')
        if (plain.value !== Infinity) expect(stat?.value).toBeCloseTo(plain.value, 9)
        expect(stat?.interval?.map((days) => Math.round(days * 1440)) ?? null).toEqual(
          plain.high === Infinity || plain.low === Infinity
            ? null
            : [Math.round(plain.low * 1440), Math.round(plain.high * 1440)],
        )
      }
    }
  })
})

/** Chance that k to m of n lie below the q-quantile: what the interval between two order statistics covers. */
function coverageOfRanks(n: number, q: number, low: number, high: number): number {
  let sum = 0
  let chance = (1 - q) ** n
  for (let k = 0; k <= n; k += 1) {
    if (k >= low && k < high) sum += chance
    chance *= ((n - k) / (k + 1)) * (q / (1 - q))
  }
  return sum
}

test('quantiles of closed requests are R type 7, and their intervals cover 95 % by the binomial distribution', async () => {
  const minutes = fc.uniqueArray(fc.integer({ min: 1, max: 100_000 }), {
    minLength: 1,
    maxLength: 90,
    size: 'max',
  })
  const groups = fc.sample(minutes, { numRuns: 40, seed: 5 })
  await take('times', [
    header,
    ...groups.flatMap((group, index) =>
      subjectRows(
        'times',
        `g${index}`,
        group.map((m) => ({ minutes: m, ended: true })),
      ),
    ),
  ])
  let checked = 0
  for (const [id, q] of [
    ['time_to_outcome_median', 0.5],
    ['time_to_outcome_p90', 0.9],
  ] as const) {
    const { rows } = await kpiBy(store.db, id, 'district', ask('times'))
    for (const [index, group] of groups.entries()) {
      const stat = rows.find(({ value }) => value === `g${index}`)?.stat
      const sorted = [...group].sort((a, b) => a - b)
      const n = sorted.length
      const h = (n - 1) * q
      const [below = 0, above = below] = [sorted[Math.floor(h)], sorted[Math.ceil(h)]]
      expect((stat?.value ?? Number.NaN) * 1440).toBeCloseTo(below + (h - Math.floor(h)) * (above - below), 6)
      expect(stat?.n).toBe(n)
      if (!stat?.interval) {
        // only where no two order statistics of the sample can be that far apart
        expect(coverageOfRanks(n, q, 1, n)).toBeLessThan(0.997)
        continue
      }
      checked += 1
      const [low = 0, high = 0] = stat.interval.map((d) => sorted.indexOf(Math.round(d * 1440)) + 1)
      expect(low).toBeGreaterThan(0)
      expect(coverageOfRanks(n, q, low, high)).toBeGreaterThan(0.945)
      expect(coverageOfRanks(n, q, low, high)).toBeLessThan(0.999)
    }
  }
  expect(checked).toBeGreaterThan(30)
})

type Clock = '' | 'start' | 'pause' | 'resume' | 'stop'
type Event = { minute: number; clock: Clock; due: number | null }
type Case = { district: string; events: Event[] }

/** What becomes of a case, told event by event. */
function story({ events }: Case) {
  const sorted = events.map((e, seq) => ({ ...e, seq })).sort((a, b) => a.minute - b.minute || a.seq - b.seq)
  const firstStart = sorted.find(({ clock }) => clock === 'start')
  const started = (firstStart ?? sorted[0])?.minute ?? 0
  let state: 'running' | 'paused' | 'stopped' = 'running'
  let since = 0
  let paused = 0
  let closed: number | null = null
  let firstClosed: number | null = null
  let reopened: number | null = null
  const counting = firstStart ? sorted.slice(sorted.indexOf(firstStart)) : sorted
  for (const { minute, clock } of counting) {
    if (clock === 'start' || clock === 'resume') {
      if (state !== 'running') paused += minute - since
      if (state === 'stopped') reopened ??= minute
      state = 'running'
      closed = null
    }
    if (clock === 'pause' && state !== 'stopped') {
      if (state === 'paused') paused += minute - since
      ;[state, since] = ['paused', minute]
    }
    if (clock === 'stop' && state !== 'stopped') {
      if (state === 'paused') paused += minute - since
      ;[state, since, closed] = ['stopped', minute, minute]
      firstClosed ??= minute
    }
  }
  // a pause that still runs has taken nothing off yet since it was last told
  const promised = sorted.filter(({ due }) => due !== null).map(({ due }) => due ?? 0)
  const [first = started + 3 * 1440, last = first] = [promised[0], promised.at(-1)]
  return {
    started,
    closed,
    firstClosed,
    reopened,
    paused,
    standsStill: state === 'paused' ? since : null,
    due: first,
    extended: last !== first ? last : first + paused,
  }
}

const clocks: fc.Arbitrary<Clock> = fc.constantFrom('', 'start', 'pause', 'resume', 'stop', 'stop')
const oneCase: fc.Arbitrary<Case> = fc.record({
  district: fc.constantFrom('north', 'south', ''),
  events: fc.array(
    fc.record({
      minute: fc.integer({ min: 0, max: 120 * 24 }).map((hours) => hours * 60),
      clock: clocks,
      due: fc.oneof(
        { weight: 5, arbitrary: fc.constant(null) },
        { weight: 1, arbitrary: fc.integer({ min: 0, max: 200_000 }) },
      ),
    }),
    { minLength: 1, maxLength: 8 },
  ),
})
const zero = Date.UTC(2026, 0, 1)
const columns = 'case_id,event_id,service,district,activity,time,clock,due_at,seq,recorded_at,deleted'
const eventRow = (
  id: number,
  { district, events }: Case,
  place: number,
  recorded: number,
  deleted = false,
): string => {
  const { minute, clock, due } = events[place] ?? { minute: 0, clock: '', due: null }
  const dueAt = due === null ? '' : at(zero + due * 60_000)
  return `C${id},E${place},clocks,${district},A${place % 3},${at(zero + minute * 60_000)},${clock},${dueAt},${place},${at(zero + recorded * day)},${deleted}`
}
const rowsOf = (id: number, one: Case, recorded: number): string[] =>
  one.events.map((_, place) => eventRow(id, one, place, recorded))

describe('random cases', () => {
  const cases = fc.sample(oneCase, { numRuns: 400, seed: 3 })
  const derived = (source: string) =>
    Promise.all(
      ['cases', 'stage_visits'].map((table) =>
        store.rows<Record<string, unknown>>(
          `SELECT * EXCEPT (source) FROM ${table} WHERE source = {source: String} ORDER BY ALL`,
          { source },
        ),
      ),
    )
  beforeAll(async () => {
    await take('whole', [columns, ...cases.flatMap((one, id) => rowsOf(id, one, 200))])
  })

  test('have the clock that is told event by event', async () => {
    const minute = (column: string) =>
      `if(${column} IS NULL, NULL, (toUnixTimestamp64Micro(assumeNotNull(${column})) - ${zero * 1000}) / 6e7)`
    const held = await store.rows<ReturnType<typeof story> & { id: number }>(
      `SELECT toUInt32(substring(case_id, 2)) AS id, ${minute('toNullable(started_at)')} AS started, ${minute('closed_at')} AS closed,
         ${minute('first_closed_at')} AS firstClosed, ${minute('reopened_at')} AS reopened, paused_us / 6e7 AS paused,
         ${minute('paused_since')} AS standsStill, ${minute('due_at')} AS due, ${minute('extended_due_at')} AS extended
       FROM cases WHERE source = 'whole' ORDER BY id`,
    )
    expect(held).toEqual(cases.map((one, id) => ({ id, ...story(one) })))
  })

  test('loaded in halves, out of order, wrong at first and corrected, are as if loaded at once', async () => {
    const all = cases.flatMap((one, id) => one.events.map((_, place) => ({ id, one, place })))
    const pick = fc.sample(fc.integer({ min: 0, max: 9 }), { numRuns: all.length, seed: 8 })
    const wrong = ({ one, id, place }: (typeof all)[number]) => {
      const shifted = {
        district: 'wrong',
        events: one.events.map((e) => ({ ...e, minute: e.minute + 50_000 })),
      }
      return eventRow(id, shifted, place, 100)
    }
    const right = ({ one, id, place }: (typeof all)[number]) => eventRow(id, one, place, 200)
    const part = (wanted: (kind: number) => boolean) => all.filter((_, index) => wanted(pick[index] ?? 0))
    // 0 to 2: wrong first; 3: withdrawn first, then told again; 9: an older version comes last
    await take(
      'parts-1',
      [
        columns,
        ...part((k) => k <= 2).map(wrong),
        ...part((k) => k >= 6)
          .reverse()
          .map(right),
      ],
      'parts',
    )
    const withdrawn = part((k) => k === 3).map(({ one, id, place }) => eventRow(id, one, place, 150, true))
    await take(
      'parts-2',
      [columns, ...withdrawn, ...part((k) => k <= 2 || k === 4 || k === 5).map(right)],
      'parts',
    )
    await take(
      'parts-3',
      [columns, ...part((k) => k === 3).map(right), ...part((k) => k === 9).map(wrong)],
      'parts',
    )
    expect(await derived('parts')).toEqual(await derived('whole'))
  })

  test('are counted by day as they stand in the table of cases', async () => {
    const counted = await store.rows(
      `SELECT toString(day) AS day, district, sum(received) AS received, sum(closed) AS closed, sum(due) AS due, sum(on_time) AS on_time,
         sum(on_time_strict) AS strict, sum(first_closed) AS first_closed, sum(reopened) AS reopened
       FROM daily_cases WHERE service = 'clocks' GROUP BY day, district HAVING received + closed + first_closed > 0 ORDER BY day, district`,
    )
    type Row = {
      district: string
      started: string
      closed: string
      first: string
      on: number
      strict: number
      again: number
      due: number
    }
    const held = await store.rows<Row>(
      `SELECT district, toString(toDate(started_at, 'Europe/London')) AS started, ifNull(toString(toDate(closed_at, 'Europe/London')), '') AS closed,
         ifNull(toString(toDate(first_closed_at, 'Europe/London')), '') AS first, due_at IS NOT NULL AS due,
         ifNull(closed_at <= extended_due_at, 0) AS on, ifNull(closed_at <= due_at, 0) AS strict,
         ifNull(dateDiff('second', first_closed_at, reopened_at) <= 20 * 86400, 0) AS again
       FROM cases WHERE service = 'clocks'`,
    )
    const direct = new Map<string, Record<string, number>>()
    const add = (on: string, district: string, what: string, by: number) => {
      const none = { received: 0, closed: 0, due: 0, on_time: 0, strict: 0, first_closed: 0, reopened: 0 }
      const row: Record<string, number> = direct.get(`${on}|${district}`) ?? none
      direct.set(`${on}|${district}`, { ...row, [what]: (row[what] ?? 0) + by })
    }
    for (const row of held) {
      add(row.started, row.district, 'received', 1)
      if (row.closed)
        for (const [what, by] of [
          ['closed', 1],
          ['due', row.due],
          ['on_time', row.on],
          ['strict', row.strict],
        ] as const)
          add(row.closed, row.district, what, by)
      if (row.first) {
        add(row.first, row.district, 'first_closed', 1)
        add(row.first, row.district, 'reopened', row.again)
      }
    }
    const wanted = [...direct].map(([key, row]) => {
      const [on = '', district = ''] = key.split('|')
      return { day: on, district, ...row }
    })
    const order = (a: { day?: unknown; district?: unknown }, b: { day?: unknown; district?: unknown }) =>
      `${a.day}|${a.district}` < `${b.day}|${b.district}` ? -1 : 1
    expect(counted.map((row) => row as Record<string, unknown>).sort(order)).toEqual(wanted.sort(order))
  })

  test('add up over districts, and what is open is what came less what went', async () => {
    const chosen = filters.parse({
      service: 'clocks',
      compare: 'none',
      from: '2026-01-01',
      until: '2026-05-01',
    })
    for (const id of ['requests_received', 'requests_closed', 'backlog'] as const) {
      const { rows, total } = await kpiBy(store.db, id, 'district', chosen)
      expect(rows.reduce((sum, { stat }) => sum + (stat.value ?? 0), 0)).toBe(total.value)
    }
    const [received, closed, open] = await Promise.all(
      (['requests_received', 'requests_closed', 'backlog'] as const).map((id) =>
        kpiSeries(store.db, id, 'week', chosen),
      ),
    )
    let balance = 0
    for (const [index, point] of (open?.points ?? []).entries()) {
      balance += (received?.points[index]?.stat.value ?? 0) - (closed?.points[index]?.stat.value ?? 0)
      expect(point.stat.value, point.from).toBe(balance)
    }
    const { kpis } = await kpiAnswer(store.db, chosen)
    const value = (id: string) => kpis.find((kpi) => kpi.id === id)?.stat
    expect(value('backlog')?.value).toBe(value('backlog_age_median')?.n)
    expect(value('requests_closed')?.value).toBe(value('time_to_outcome_median')?.n)
    expect(value('requests_received')?.value).toBe(value('time_to_outcome_all_median')?.n)
  })
})
