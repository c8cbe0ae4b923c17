import { beforeAll, describe, expect, test } from 'vitest'
import { Random } from '../../fixtures/city/random.ts'
import { load } from '../../pipelines/load.ts'
import { loadMapping } from '../../pipelines/mapping.ts'
import { useStore } from '../../pipelines/testStore.ts'
import { applyConfig } from '../../sql/applyConfig.ts'
import { type Config, configSchema } from '../../sql/config.ts'
import { filters } from '../../sql/filters.ts'
import { kpiAnswer, kpiBy } from '../../sql/kpiFigures.ts'
import type { KpiId } from '../../sql/kpis.ts'
import { flatten } from '../openData/columns.ts'
import { cellId, cellsOf } from './cells.ts'
import { disclose } from './disclose.ts'
import { freeze } from './freeze.ts'
import { type Frozen, readFrozen } from './frozen.ts'
import { compareReleases, publishedFigures, revisionSize } from './ledger.ts'
import { measureOf } from './measures.ts'
import type { Figure, Published, ReleaseHead } from './published.ts'
import { ReleaseError } from './releaseError.ts'
import { emptyTables } from './tables.ts'

const store = useStore()
const mapping = await loadMapping('clearway')

const config: Config = configSchema.parse({
  jurisdiction: { name: 'Town', time_zone: 'UTC' },
  districts: ['north', 'south', 'island'].map((id) => ({ id, name: id })),
  channels: [
    { id: 'online', name: 'Online', digital: true },
    { id: 'counter', name: 'Counter' },
  ],
  services: ['permits', 'repairs', 'helpline'].map((id) => ({
    id,
    name: id,
    standards: [
      {
        valid_from: '2024-01-01',
        value: id === 'helpline' ? 10 : 20,
        unit: id === 'helpline' ? 'minutes' : 'days',
        target: 0.8,
      },
    ],
  })),
  outcomes: [
    { codes: { granted: 'intended', refused: 'refused', withdrawn: 'withdrawn', twice: 'duplicate' } },
  ],
  costs: [{ service: 'permits', from: '2026-01-01', until: '2026-07-01', amount: 600_000, currency: 'EUR' }],
  publication: {
    comments: [{ service: 'permits', day: '2026-07-01', by: 'Permits', text: 'We hire.' }],
  },
})

const day = 86_400_000
const iso = (moment: number) => new Date(Math.round(moment)).toISOString()

/** Half a year of a town: on the island live few, and three a quarter ask for a permit. */
function town() {
  const random = new Random('town')
  const events: string[] = []
  const outcomes: string[] = []
  const waits: string[] = []
  const begin = Date.parse('2026-01-01T00:00:00Z')
  for (const [service, district, a_day] of [
    ['permits', 'north', 4],
    ['permits', 'south', 3],
    ['permits', 'island', 3 / 90],
    ['repairs', 'north', 5],
    ['repairs', 'south', 2],
    ['repairs', 'island', 0.4],
  ] as const) {
    const n = Math.round(a_day * 181)
    for (let index = 0; index < n; index += 1) {
      const id = `${service}-${district}-${index}`
      const channel = random.chance(0.6) ? 'online' : 'counter'
      const from = begin + ((index + 0.5) / a_day) * day
      const until = from + random.exponential(14) * day
      const end = random.pick([
        ['granted', 0.7],
        ['refused', 0.12],
        ['withdrawn', 0.12],
        ['twice', 0.06],
      ] as const)
      const row = (activity: string, moment: number, clock: string, outcome = '') =>
        `${id},${service},${district},${channel},${activity},${iso(moment)},${clock},${outcome}`
      events.push(row('Ask', from, 'start'))
      if (until > begin + 181 * day) continue
      events.push(row('Decide', until, 'stop', end))
      const rating = random.chance(0.4) ? String(Math.ceil(random.between(0, 5))) : ''
      if (service === 'permits')
        outcomes.push(`${id},${service},${district},${channel},${iso(until)},true,${rating},${rating}`)
    }
  }
  for (let index = 0; index < 181 * 12; index += 1) {
    const moment = begin + (index / 12) * day
    const minutes = random.exponential(5)
    waits.push(
      `w${index},helpline,${random.pick([
        ['north', 0.6],
        ['south', 0.395],
        ['island', 0.005],
      ] as const)},counter,${iso(moment)},${Math.round(minutes * 60)},wait,${minutes > 14 ? 'abandoned' : 'served'}`,
    )
  }
  return {
    events: ['case_id,service,district,channel,activity,time,clock,outcome', ...events].join('\n'),
    outcomes: ['outcome_id,service,district,channel,at,offered,rating,ease', ...outcomes].join('\n'),
    waits: ['wait_id,service,district,channel,asked_at,wait,kind,status', ...waits].join('\n'),
  }
}

const headOf = (id: string, more: Partial<ReleaseHead> = {}): ReleaseHead => ({
  id,
  title: `Service performance, ${id}`,
  period: { from: '2026-06-01', until: '2026-07-01' },
  version: 1,
  as_of: '2026-07-08T06:00:00.000Z',
  published_at: '2026-07-15T08:30:00.000Z',
  corrects: null,
  reason: '',
  next: null,
  made_with: 'test',
  ...more,
})
const build = async (id: string, earlier: string[], more: Partial<Parameters<typeof freeze>[1]> = {}) => {
  await freeze(store.db, { id, month: '2026-06', config, head: headOf(id), earlier, ...more })
  return disclose(store.db, id)
}

let first: Published
let frozen: Frozen
const { events, outcomes, waits } = town()
beforeAll(async () => {
  await applyConfig(store.db, config)
  await load(store.db, { file: await store.file('events.csv', events), mapping })
  await load(store.db, { file: await store.file('outcomes.csv', outcomes), mapping })
  await load(store.db, { file: await store.file('waits.csv', waits), mapping })
  first = await build('2026-06', [])
  frozen = await readFrozen(store.db, '2026-06')
}, 240_000)

const figure = (of: Published, table: string, at: Record<string, string>, measure: string): Figure => {
  const row = of.tables
    .find(({ id }) => id === table)
    ?.rows.find((one) => Object.entries(at).every(([id, value]) => one.at[id as 'service'] === value))
  const found = row?.figures[measure]
  if (!found) throw new Error(`no ${measure} at ${JSON.stringify(at)} in ${table}`)
  return found
}
const all = { service: 'all', district: 'all', channel: 'all' }
const profile = () => ({ name: 'standard', k: 8, base: 5, zeros_tell: false })

describe('what is frozen', () => {
  test('equals what the dashboard answers for the same months, quarters, services, districts and channels', async () => {
    const june = { from: '2026-06-01', until: '2026-07-01', compare: 'none' }
    const quarter = { from: '2026-04-01', until: '2026-07-01', compare: 'none' }
    const ids = first.measures.map(({ id }) => id)
    for (const [chosen, at] of [
      [june, { ...all, period: '2026-06' }],
      [
        { ...june, service: 'repairs' },
        { ...all, service: 'repairs', period: '2026-06' },
      ],
      [
        { ...quarter, service: 'permits' },
        { ...all, service: 'permits', period: '2026-Q2' },
      ],
      [
        { ...quarter, service: 'permits', district: 'south' },
        { ...all, service: 'permits', district: 'south', period: '2026-Q2' },
      ],
      [
        { ...quarter, service: 'helpline', channel: 'counter' },
        { ...all, service: 'helpline', channel: 'counter', period: '2026-Q2' },
      ],
    ] as const) {
      const { kpis } = await kpiAnswer(store.db, filters.parse(chosen))
      for (const { id, stat } of kpis) {
        if (!ids.includes(id)) continue
        const one = measureOf(id)
        const what = `${id} at ${JSON.stringify(at)}`
        if (one.kind === 'count') expect(frozen.count(id, at), what).toBe(stat.value ?? 0)
        if (
          one.kind === 'share' &&
          one.denominator in { ...stat, closed_with_promise: 1, waits_promised: 1, ratings: 1 }
        ) {
          expect(frozen.count(one.numerator, at), what).toBe(stat.numerator ?? 0)
          expect(frozen.count(one.denominator, at), what).toBe(stat.denominator ?? 0)
        }
        const time = frozen.time(id, at)
        if (one.kind === 'time' && time) {
          expect((time.value ?? 0) / (stat.unit === 'days' ? 86_400 : 60), what).toBeCloseTo(
            stat.value ?? 0,
            9,
          )
          expect(time.n, what).toBe(stat.n)
        }
      }
    }
    const { rows } = await kpiBy(
      store.db,
      'backlog' as KpiId,
      'district',
      filters.parse({ ...quarter, service: 'repairs' }),
    )
    for (const { value, stat } of rows)
      expect(
        frozen.count('backlog', { ...all, service: 'repairs', district: value, period: '2026-Q2' }),
      ).toBe(stat.value)
  })

  test('adds up: districts and ways in to the service, services to all, months to the quarter, and what was open, came and went', () => {
    const { cells, sums } = cellsOf(frozen, emptyTables(frozen), profile, new Map())
    const value = new Map(cells.map((cell) => [cell.id, cell.value]))
    for (const { total, parts, less = [] } of sums) {
      const sum = (ids: readonly string[]) => ids.reduce((all, id) => all + (value.get(id) ?? Number.NaN), 0)
      expect(sum(parts) - sum(less), total).toBe(value.get(total))
    }
    const of = (count: string, at: Partial<typeof all> & { period: string }) => {
      const id = cellId(count, { ...all, ...at })
      return sums
        .filter(({ total }) => total === id)
        .map(({ parts, less = [] }) => parts.length + less.length)
    }
    // districts, ways in, months, with a promise and without, and how they ended
    expect(of('requests_closed', { service: 'permits', period: '2026-Q2' }).sort()).toEqual([
      2, 2, 3, 3, 3, 7,
    ])
    expect(of('requests_received', { period: '2026-06' })).toContain(2)
    expect(of('backlog', { service: 'permits', period: '2026-06' })).toContain(3)
    expect(of('backlog', { service: 'permits', district: 'island', period: '2026-Q2' })).toContain(3)
    expect(of('ratings', { service: 'permits', period: '2026-Q1' })).toContain(3)
  })

  test('guards the rest of a share where it is small, and nowhere else: no figure tells it', () => {
    const { cells } = cellsOf(frozen, emptyTables(frozen), profile, new Map())
    const rests = cells.filter(({ id }) => id.startsWith('closed_with_promise without closed_on_time|'))
    for (const { id, value, profile: own } of rests) {
      expect(own.k, id).toBe(value < profile().k ? profile().k : 1)
    }
    const small = rests.filter(({ value, profile: own }) => value < own.k)
    expect([small.length > 5, rests.length - small.length > 5]).toEqual([true, true])
  })
})

describe('what is published', () => {
  test('holds no exact count: counts are rounded, and shares are made of the rounded ones', () => {
    let shares = 0
    for (const { id, rows } of first.tables)
      for (const { at, figures } of rows)
        for (const [measure, { value, marks }] of Object.entries(figures)) {
          const what = `${id} ${JSON.stringify(at)} ${measure}`
          const one = measureOf(measure)
          expect(value === null, what).toBe(marks.some((mark) => ['c', 'x', 'z'].includes(mark)))
          if (value === null) continue
          if (one.kind === 'count') expect(value % 5, what).toBe(0)
          if (one.kind !== 'share') continue
          shares += 1
          const [part, of] = [figures[one.numerator]?.value ?? null, figures[one.denominator]?.value ?? null]
          if (part !== null && of !== null)
            expect(value, what).toBe(Number((Math.min(part, of) / of).toFixed(3)))
        }
    expect(shares).toBeGreaterThan(50)
  })

  test('hides the three who live on the island, and all that would tell of them', () => {
    const island = { service: 'permits', district: 'island', period: '2026-Q2' }
    expect(frozen.count('requests_received', { ...all, ...island })).toBe(3)
    for (const measure of ['requests_received', 'on_time_rate', 'time_to_outcome_median'])
      expect(figure(first, 'services_by_district', island, measure)).toMatchObject({
        value: null,
        marks: ['c'],
      })
    const others = ['north', 'south', 'all'].map((district) =>
      figure(first, 'services_by_district', { ...island, district }, 'requests_received'),
    )
    expect(others.some(({ value }) => value === null)).toBe(true)
    expect(first.hidden.cells).toBeGreaterThan(0)
    expect(first.hidden.cells).toBe(first.hidden.by_table.reduce((sum, { cells }) => sum + cells, 0))
  })

  test('tells what is not there by its reason, and money by rounded numbers', () => {
    const q2 = { service: 'helpline', period: '2026-Q2' }
    expect(figure(first, 'services_by_quarter', q2, 'requests_received').marks).toEqual(['z'])
    expect(figure(first, 'services_by_quarter', q2, 'satisfied_share').marks).toEqual(['x'])
    expect(first.missing).toContainEqual(
      expect.objectContaining({ service: 'repairs', what: expect.stringMatching(/how people found it/) }),
    )
    const permits = { service: 'permits', period: '2026-Q2' }
    const cost = figure(first, 'govuk_kpis', permits, 'cost_per_transaction')
    const completed = figure(first, 'govuk_kpis', permits, 'completed').value ?? 0
    expect(cost.value).toBeCloseTo((600_000 * 91) / 181 / completed, 2)
    expect(first.measures.find(({ id }) => id === 'cost_per_transaction')?.label).toMatch(/\(EUR\)/)
    expect(figure(first, 'service_standards', permits, 'standard_target').value).toBe(0.8)
  })

  test('stands in the ledger, figure by figure', async () => {
    const figures = await publishedFigures(store.db, '2026-06')
    const published = first.tables.flatMap(({ rows }) => rows.flatMap((row) => Object.values(row.figures)))
    expect(figures).toHaveLength(published.length)
    const [one] = figures.filter(
      ({ table, measure, at }) =>
        table === 'services_by_month' &&
        measure === 'backlog' &&
        at.service === 'repairs' &&
        at.period === '2026-05',
    )
    expect(one).toMatchObject(
      figure(first, 'services_by_month', { service: 'repairs', period: '2026-05' }, 'backlog'),
    )
  })
})

/** Rows of a file that was loaded, by their columns. */
function rowsOf(csv: string) {
  const [head = [], ...rows] = csv.split('\n').map((line) => line.split(','))
  return rows.map((row) => Object.fromEntries(head.map((name, index) => [name, row[index] ?? ''])))
}

describe('the layouts, counted by hand from what was loaded', () => {
  const q2 = ({ time = '', at = '', asked_at = '' }) => (time || at || asked_at) >= '2026-04'
  const permits = rowsOf(events).filter(({ service }) => service === 'permits')
  const [begun, ended] = ['start', 'stop'].map((clock) => permits.filter((row) => row.clock === clock)) as [
    typeof permits,
    typeof permits,
  ]
  const answered = rowsOf(outcomes).filter(q2)
  const helped = rowsOf(waits).filter(q2)
  const to5 = (rows: readonly unknown[]) => 5 * Math.round(rows.length / 5)
  const share = (part: number, of: number) => Number((part / of).toFixed(3))
  const days = (case_id: string | undefined, until: number) =>
    (until - Date.parse(begun.find((row) => row.case_id === case_id)?.time ?? '')) / day
  const told = (table: string, at: Record<string, string>) => {
    const row = first.tables
      .find(({ id }) => id === table)
      ?.rows.find((one) => Object.entries(at).every(([id, value]) => one.at[id as 'service'] === value))
    return Object.fromEntries(Object.entries(row?.figures ?? {}).map(([id, { value }]) => [id, value]))
  }

  test('how requests ended, and what people answered', () => {
    const at = { service: 'permits', period: '2026-Q2' }
    const closed = ended.filter(q2)
    const ways = [
      ['all', 'granted', 'refused', 'withdrawn', 'twice'],
      ['all', 'intended', 'refused', 'withdrawn', 'duplicate'],
    ] as const
    for (const [index, way] of ways[0].entries())
      expect(told('outcomes', { ...at, outcome: ways[1][index] ?? '' }), way).toEqual({
        requests_closed: to5(closed.filter(({ outcome }) => way === 'all' || outcome === way)),
      })
    for (const [answer, points] of Object.entries({ satisfied: '45', neither: '3', dissatisfied: '12' }))
      expect(told('satisfaction', { ...at, answer }), answer).toEqual({
        ratings: to5(answered.filter(({ rating }) => rating && points.includes(rating))),
      })
  })

  test('the four key figures of GOV.UK', () => {
    const closed = ended.filter(q2)
    const completed = to5(closed.filter(({ outcome }) => outcome === 'granted' || outcome === 'refused'))
    const orGivenUp = to5(closed.filter(({ outcome }) => outcome !== 'twice'))
    const [ratings, satisfied] = [0, 3].map((above) =>
      to5(answered.filter((one) => Number(one.rating) > above)),
    ) as [number, number]
    const received = begun.filter(q2)
    const online = to5(received.filter(({ channel }) => channel === 'online'))
    expect(told('govuk_kpis', { service: 'permits', period: '2026-Q2' })).toEqual({
      cost_per_transaction: Number(((600_000 * 91) / 181 / completed).toFixed(2)),
      completed,
      satisfied_share: share(satisfied, ratings),
      ratings,
      completion_rate: share(completed, orGivenUp),
      completed_or_given_up: orGivenUp,
      digital_take_up: share(online, to5(received)),
      received_known: to5(received),
      data_known: 1,
    })
  })

  test('customer experience by channel, and its drivers, as OMB A-11 section 280 has them', () => {
    const online = answered.filter(({ channel }) => channel === 'online')
    const given = (rows: typeof online, above = 0) => rows.filter(({ rating }) => Number(rating) > above)
    const shown = told('omb_a11_280', { service: 'permits', channel: 'online', period: '2026-Q2' })
    expect(shown).toEqual({
      customers: to5(online),
      feedback_offered: to5(online),
      feedback_given: to5(given(online)),
      response_rate: share(to5(given(online)), to5(online)),
      ratings: to5(given(online)),
      satisfied: to5(given(online, 3)),
      satisfied_share: share(to5(given(online, 3)), to5(given(online))),
    })
    const drivers = told('omb_a11_280_drivers', { service: 'permits', period: '2026-Q2' })
    expect(drivers).toMatchObject({
      feedback_given: to5(given(answered)),
      driver_ease_told: to5(given(answered)),
      driver_ease_positive: to5(given(answered, 3)),
      driver_ease: share(to5(given(answered, 3)), to5(given(answered))),
      // nobody was asked
      driver_trust_told: 0,
      driver_trust: null,
    })
    expect(Object.keys(drivers)).toHaveLength(1 + 3 * 7)
  })

  test('the waiting list as the NHS has it', () => {
    const until = Date.parse('2026-05-01')
    const closedBefore = new Set(
      ended.filter(({ time = '' }) => time < '2026-05').map(({ case_id }) => case_id),
    )
    const ages = begun
      .filter(({ time = '', case_id }) => time < '2026-05' && !closedBefore.has(case_id))
      .map(({ case_id }) => days(case_id, until))
      .sort((a, b) => a - b)
    const inTime = ages.filter((age) => age <= 20)
    const shown = told('waiting_list', { service: 'permits', period: '2026-04' })
    expect(shown).toEqual({
      backlog: to5(ages),
      open_with_promise: to5(ages),
      open_in_time: to5(inTime),
      within_standard_share: share(to5(inTime), to5(ages)),
      backlog_age_median: expect.closeTo(ages[Math.floor(ages.length / 2)] ?? 0, 0),
      backlog_age_p92: expect.closeTo(ages[Math.floor(ages.length * 0.92)] ?? 0, 0),
      open_over_52_weeks: 0,
      data_known: 1,
    })
  })

  test('service standards as Canada has them, with the promise and whether its target was met', () => {
    const closed = ended.filter(q2)
    const onTime = closed.filter(({ case_id, time = '' }) => days(case_id, Date.parse(time)) <= 20)
    const none = { waits_in_time: null, waits_promised: null, wait_in_time_rate: null }
    const at = { service: 'permits', period: '2026-Q2' }
    expect(told('service_standards', at)).toEqual({
      standard_target: 0.8,
      closed_on_time: to5(onTime),
      closed_with_promise: to5(closed),
      on_time_rate: share(to5(onTime), to5(closed)),
      ...none,
      data_known: 1,
    })
    const inTime = helped.filter(({ wait }) => Number(wait) <= 600)
    expect(told('service_standards', { ...at, service: 'helpline' })).toMatchObject({
      standard_target: 0.8,
      waits_in_time: to5(inTime),
      waits_promised: to5(helped),
      wait_in_time_rate: share(to5(inTime), to5(helped)),
    })
    const table = first.tables.find(({ id }) => id === 'service_standards')
    if (!table) throw new Error('no table')
    const { columns, rows } = flatten(table, first)
    const cell = (service: string, name: string) =>
      rows.find((row) => row[0] === service && row.includes('2026-Q2'))?.[
        columns.findIndex((one) => one.name === name)
      ]
    const promise = (service: string) =>
      ['promised', 'promised_unit', 'target_met'].map((name) => cell(service, name))
    expect(share(to5(onTime), to5(closed))).toBeLessThan(0.8)
    expect(promise('permits')).toEqual([20, 'days', 'no'])
    expect(promise('helpline')).toEqual([10, 'minutes', 'yes'])
  })
})

describe('a release stays what it was', () => {
  test('made again after corrections it is the same to the letter; the correction says what it said before', async () => {
    const late = Array.from(
      { length: 40 },
      (_, index) => `late-${index},repairs,north,online,Ask,2026-06-1${index % 10}T09:00:00Z,start,`,
    )
    const file = await store.file(
      'late.csv',
      ['case_id,service,district,channel,activity,time,clock,outcome', ...late].join('\n'),
    )
    await load(store.db, { file, mapping })
    const corrected = await build('2026-06.2', ['2026-06'], {
      head: headOf('2026-06.2', { version: 2, corrects: '2026-06', reason: 'Forty came late.' }),
    })
    expect(JSON.stringify(await disclose(store.db, '2026-06'))).toBe(JSON.stringify(first))
    expect(first.notice?.kept).toContainEqual({ what: 'What you wrote in your own words', days: null })

    const june = { service: 'repairs', period: '2026-06' }
    const before = figure(first, 'services_by_month', june, 'requests_received').value
    const now = figure(corrected, 'services_by_month', june, 'requests_received')
    expect(now).toMatchObject({ value: (before ?? 0) + 40, was: before })
    expect(now.marks).toContain('r')
    const revision = {
      table: 'services_by_month',
      at: june,
      measure: 'requests_received',
      before: { release: '2026-06', value: before },
      now: { value: now.value },
    }
    expect(corrected.revisions).toContainEqual(
      expect.objectContaining({
        ...revision,
        before: expect.objectContaining(revision.before),
        now: expect.objectContaining(revision.now),
      }),
    )
    expect(
      figure(corrected, 'services_by_month', { ...june, period: '2026-04' }, 'requests_received').marks,
    ).toEqual([])

    const compared = await compareReleases(store.db, '2026-06', '2026-06.2')
    expect(compared).toHaveLength(corrected.revisions.length)
    const size = (await revisionSize(store.db, ['2026-06', '2026-06.2'])).find(
      ({ measure }) => measure === 'requests_received',
    )
    expect(size).toMatchObject({
      label: 'Requests received',
      revised: compared.filter(({ measure }) => measure === 'requests_received').length,
      median: 0,
    })
  })

  test('a quarter that was told is not told again by districts of the same names and other borders', async () => {
    const drawn = (edge: number): Config => ({
      ...config,
      districts: config.districts.map((one, at) => ({
        ...one,
        shape: [[0, edge, 9, 9].map((x, y): [number, number] => [x + 10 * at, y])],
      })),
    })
    await build('2026-06.7', ['2026-06'], { config: drawn(2) })
    const earlier = ['2026-06', '2026-06.7']
    await build('2026-06.8', earlier, { config: drawn(2) })
    await build('2026-06.8', earlier)
    await expect(build('2026-06.8', earlier, { config: drawn(3) })).rejects.toThrow(
      /2026-Q\d.* would be told by other borders of island, north, south than before\. .* an id of its own/,
    )
  })

  test('what is public is not frozen again, and what must be told cannot be left out', async () => {
    await expect(build('2026-06', ['2026-06'])).rejects.toThrow(/is public and stays as it is/)
    await expect(build('2026-07', [], { month: '2026-07' })).rejects.toThrow(/2026-07 is not over/)
    await expect(disclose(store.db, '2025-01')).rejects.toThrow(ReleaseError)
    const leaving = (leave_out: string[]) =>
      build('2026-06.3', ['2026-06'], {
        config: { ...config, publication: { ...config.publication, leave_out } },
      })
    await expect(leaving(['backlog', 'wait_p90', 'satisfied'])).rejects.toThrow(
      /names backlog, satisfied: these measures must be published/,
    )
    await expect(leaving(['happiness'])).rejects.toThrow(/names happiness, which is not published anyway/)
  })
})
