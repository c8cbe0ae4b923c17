import { describe, expect, test } from 'vitest'
import { applyConfig } from '../sql/applyConfig.ts'
import { noteArrivals } from '../sql/arrivals.ts'
import { configSchema } from '../sql/config.ts'
import { filters } from '../sql/filters.ts'
import { freshness } from '../sql/freshness.ts'
import { kpiAnswer } from '../sql/kpiFigures.ts'
import { type LoadRequest, load } from './load.ts'
import { loadMapping } from './mapping.ts'
import { useStore } from './testStore.ts'

/** Deliveries as they come to a city: history first, then a file each morning, with rows that arrive late. */

const day = 86_400_000
const monday = Date.parse('2026-01-05T00:00:00Z')
const isoDay = (moment: number): string => new Date(moment).toISOString().slice(0, 10)
const weekend = (moment: number): boolean => [0, 6].includes(new Date(moment).getUTCDay())
const mapping = await loadMapping('clearway')

const config = configSchema.parse({
  jurisdiction: { name: 'Town', time_zone: 'UTC' },
  calendars: [
    {
      ...{ id: 'office', from: '2025-01-01', until: '2026-12-31' },
      holidays: [{ day: '2026-01-14', name: 'Town day' }],
    },
  ],
  services: [
    { id: 'permits', name: 'Building permits', calendar: 'office' },
    { id: 'counter', name: 'Service desk' },
  ],
  expected: [{ source: 'archive', stream: 'outcomes', every_hours: 168 }],
})

type Wait = { id: string; service: string; at: number }
const text = (waits: readonly Wait[]): string =>
  `wait_id,service,asked_at,wait,status\n${waits
    .map(({ id, service, at }) => `${id},${service},${new Date(at).toISOString()},300,served\n`)
    .join('')}`

/** 40 waits of a day at noon; 24 are told the next morning, 10 on the second and 6 on the fourth. */
const delays = [...Array(24).fill(1), ...Array(10).fill(2), ...Array(6).fill(4)] as number[]
const waitsOf = (moment: number, service: string): Wait[] =>
  delays.map((_, index) => ({ id: `${isoDay(moment)}-${index}`, service, at: moment + day / 2 }))

describe('a register that delivers each morning', () => {
  const store = useStore()
  const take = async (name: string, waits: readonly Wait[], request: Partial<LoadRequest>) =>
    load(store.db, { file: await store.file(name, text(waits)), mapping, stream: 'wait_times', ...request })
  const feedOf = async (source: string, now: number) => {
    const { feeds } = await freshness(store.db, new Date(now))
    const feed = feeds.find((each) => each.source === source)
    if (!feed) throw new Error(`There is no feed of ${source}.`)
    return feed
  }
  /** Eleven weeks at once, then 17 mornings; nothing was recorded from Tuesday to Thursday of the second week. */
  const began = monday - 70 * day
  const first = monday + 7 * day
  const last = monday + 24 * day + day / 4
  const silent = (moment: number): boolean =>
    moment >= Date.parse('2026-01-20') && moment <= Date.parse('2026-01-22')
  const happened = (moment: number): boolean =>
    !weekend(moment) && !silent(moment) && isoDay(moment) !== '2026-01-14'

  test('is known by its delay, its gap and what is still to come', async () => {
    await applyConfig(store.db, config)
    const history: Wait[] = []
    for (let at = began; at < first; at += day) if (happened(at)) history.push(...waitsOf(at, 'permits'))
    await take('history.csv', history, { source: 'register', now: new Date(first + day / 4) })
    await take(
      'history-desk.csv',
      history.map((wait) => ({ ...wait, service: 'counter' })),
      {
        source: 'desk',
        now: new Date(first + day / 4),
      },
    )
    for (let morning = first + day; morning < last; morning += day) {
      const arrived = [1, 2, 4].flatMap((age) => {
        const of = morning - age * day
        return of >= first && happened(of)
          ? waitsOf(of, 'permits').filter((_, index) => delays[index] === age)
          : []
      })
      if (arrived.length > 0)
        await take(`${isoDay(morning)}.csv`, arrived, {
          source: 'register',
          now: new Date(morning + day / 4),
        })
    }
    const feed = await feedOf('register', last + 3_600_000 * 3)
    expect(feed).toMatchObject({
      stream: 'wait_times',
      services: ['permits'],
      first_time: '2025-10-27T12:00:00.000000Z',
      last_time: '2026-01-28T12:00:00.000000Z',
      loaded_at: '2026-01-29T06:00:00.000Z',
      expected: { every_hours: 24, rows_per_day: 40, basis: 'learned' },
      state: 'fresh',
      due_at: '2026-01-30T06:00:00.000Z',
      gaps: [{ from: '2026-01-20', until: '2026-01-23', days: 3, expected_rows: 120 }],
    })
    const shares = feed.delay?.curve.map(({ share }) => share) ?? []
    for (const [age, share] of [0, 0.6, 0.85, 0.85, 1].entries()) expect(shares[age]).toBeCloseTo(share, 9)
    expect(feed.delay).toMatchObject({ median_hours: 18.5, p90_hours: 90.5 })
    const at = (iso: string) => feed.days.find((each) => each.day === iso)
    expect(feed.days).toHaveLength(28)
    expect(at('2026-01-28')).toMatchObject({ rows: 24, state: 'filling', complete: expect.closeTo(0.6, 9) })
    expect(at('2026-01-26')).toMatchObject({ rows: 34, state: 'filling', complete: expect.closeTo(0.85, 9) })
    expect(at('2026-01-23')).toMatchObject({ rows: 40, state: 'complete', complete: 1 })
    expect(at('2026-01-21')).toMatchObject({ rows: 0, state: 'gap', complete: 0 })
    for (const closed of ['2026-01-14', '2026-01-17', '2026-01-25'])
      expect(at(closed), closed).toMatchObject({ rows: 0, state: 'closed', expected: null })
    expect(at('2026-01-23')?.expected?.[0]).toBeGreaterThan(5)
    expect(feed.says).toBe(
      'The last waits of Building permits came 3 hours ago, as expected. The 3 days before that are about 77 % complete. Nothing came from 20 to 22 January.',
    )
  }, 240_000)

  test('makes the figures of those days provisional, and says whose they are', async () => {
    const wait = async (from: string, until: string, service: string[] = ['permits']) => {
      const asked = { from, until, service, compare: 'none' }
      const { kpis, missing } = await kpiAnswer(store.db, filters.parse(asked))
      return { stat: kpis.find(({ id }) => id === 'wait_median')?.stat, missing }
    }
    // 26, 27, 28 January are known to 85, 85 and 60 %
    const week = await wait('2026-01-26', '2026-01-29')
    expect(week.stat?.complete).toBeCloseTo((0.85 + 0.85 + 0.6) / 3, 9)
    expect(week.missing).toMatchObject([
      { source: 'register', stream: 'wait_times', services: ['permits'], complete: week.stat?.complete },
    ])
    expect((await wait('2026-01-19', '2026-01-26')).stat?.complete).toBeCloseTo(4 / 7, 9)
    expect(await wait('2025-11-01', '2025-12-01')).toMatchObject({ stat: { complete: 1 }, missing: [] })
  })

  test('is late after a day and a half, silent after three, and fresh again with the next file', async () => {
    const states = await Promise.all(
      [30, 40, 80].map(async (hours) => (await feedOf('register', last + hours * 3_600_000)).state),
    )
    expect(states).toEqual(['fresh', 'late', 'silent'])
    const late = await feedOf('register', last + 80 * 3_600_000)
    expect(late.says).toContain('though they come every day: the next were due on 30 January at 06:00.')
    expect(late.days.at(-3)).toMatchObject({ day: '2026-01-30', state: 'gap', complete: 0 })
    const morning = last + 4 * day
    await take('after.csv', waitsOf(Date.parse('2026-01-30'), 'permits'), {
      source: 'register',
      now: new Date(morning),
    })
    expect((await feedOf('register', morning + 3_600_000)).state).toBe('fresh')
  })

  test('tells nothing of a source whose history came at once, and asks for one that never came', async () => {
    const desk = await feedOf('desk', last)
    expect(desk).toMatchObject({ expected: null, state: 'unknown', due_at: null, delay: null, gaps: [] })
    expect(desk.days.every(({ complete }) => complete === null)).toBe(true)
    const asked = filters.parse({ from: '2025-11-01', until: '2025-12-01', service: ['counter'] })
    const { kpis, missing } = await kpiAnswer(store.db, asked)
    expect(kpis.find(({ id }) => id === 'wait_median')?.stat.complete).toBe(1)
    expect(missing).toEqual([])
    expect(await feedOf('archive', last)).toMatchObject({
      ...{ rows: 0, loaded_at: null, state: 'silent', days: [] },
      says: 'No outcomes of “archive” have come yet, though they are expected every week.',
    })
  })
})

describe('arrivals', () => {
  const store = useStore()
  const header = 'wait_id,service,asked_at,wait,status,version,deleted\n'
  const row = (id: string, service: string, at: string, version: number, deleted = '') =>
    `${id},${service},${at}T12:00:00Z,300,served,${version},${deleted}\n`
  const files = [
    row('A', 'permits', '2026-03-02', 1) +
      row('B', 'permits', '2026-03-02', 1) +
      row('C', 'counter', '2026-03-03', 1),
    // moved to another day, confirmed, moved to another service, withdrawn without having been there, new
    row('A', 'permits', '2026-03-04', 2) +
      row('B', 'permits', '2026-03-02', 2) +
      row('C', 'permits', '2026-03-03', 2),
    row('B', 'permits', '2026-03-02', 3, 'true') +
      row('X', 'permits', '2026-03-02', 1, 'true') +
      row('D', 'counter', '2026-03-05', 1),
    // an older version that comes late, and one that brings a withdrawn row back
    row('A', 'permits', '2026-03-01', 1) + row('B', 'permits', '2026-03-06', 4),
  ]
  const byDay = (from: string) =>
    store.rows(
      `SELECT toString(service) AS service, toString(day) AS day, toInt64(n) AS rows FROM (${from}) WHERE n != 0 ORDER BY service, day`,
    )
  const held = () =>
    byDay(
      `SELECT service, toDate32(asked_at, {zone: String}) AS day, count() AS n FROM wait_times FINAL GROUP BY service, day`.replace(
        '{zone: String}',
        `(SELECT any(time_zone) FROM jurisdiction FINAL)`,
      ),
    )
  const counted = () => byDay('SELECT service, day, sum(rows) AS n FROM arrivals GROUP BY service, day')

  test('add up to the rows held after corrections, moves and withdrawals, in days of whatever zone', async () => {
    await applyConfig(store.db, config)
    for (const [index, rows] of files.entries()) {
      const file = await store.file(`part-${index}.csv`, header + rows)
      await load(store.db, { file, mapping, source: 'moving', stream: 'wait_times' })
      expect(await counted(), `after file ${index}`).toEqual(await held())
    }
    expect(await counted()).toHaveLength(4)
    const { jurisdiction, ...rest } = config
    await applyConfig(store.db, { ...rest, jurisdiction: { ...jurisdiction, time_zone: 'Pacific/Auckland' } })
    const moved = await counted()
    expect(moved).toEqual(await held())
    expect(moved).toContainEqual({ service: 'permits', day: '2026-03-07', rows: 1 })
  }, 240_000)

  test('of a load are noted once, also when two processes do it at the same moment', async () => {
    await store.db.command({ query: 'CREATE TABLE brought AS wait_times' })
    await store.db.command({
      query: `INSERT INTO brought (source, wait_id, service, asked_at, load_no, version)
              SELECT 'twice', toString(number), 'permits', '2026-03-02 12:00:00', 900, 1 FROM numbers(30)`,
    })
    const entry = {
      stream: 'wait_times' as const,
      load_id: 'twice',
      load_no: 900,
      started_at: '2026-03-03T06:00:00.000Z',
    }
    const counts = { accepted: 30, duplicates: 0, corrected: 0, facts: 30 }
    const note = () => noteArrivals(store.db, { ...entry, ...counts }, 'brought')
    await Promise.all([note(), note(), note()])
    await note()
    expect(
      await store.rows(
        `SELECT toString(arrived_at) AS at, waited_h, rows FROM arrivals WHERE source = 'twice'`,
      ),
    ).toEqual([{ at: '2026-03-03 06:00:00', waited_h: 18, rows: 30 }])
  })
})
