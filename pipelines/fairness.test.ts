import { expect, test } from 'vitest'
import { Random } from '../fixtures/city/random.ts'
import { applyConfig } from '../sql/applyConfig.ts'
import { configSchema } from '../sql/config.ts'
import { type FairnessKpi, fairness, type Reference } from '../sql/fairness.ts'
import { filters } from '../sql/filters.ts'
import { load } from './load.ts'
import { loadMapping } from './mapping.ts'
import { useStore } from './testStore.ts'

const store = useStore()
const mapping = await loadMapping('clearway')
const config = configSchema.parse({
  jurisdiction: { name: 'Town', time_zone: 'UTC' },
  channels: [
    { id: 'online', name: 'Online', digital: true },
    { id: 'phone', name: 'Phone' },
  ],
  services: [
    { id: 'permits', name: 'Permits', standards: [{ ...promise(), value: 20 }] },
    { id: 'repairs', name: 'Repairs', standards: [{ ...promise(), value: 6 }] },
  ],
})
function promise() {
  return { valid_from: '2024-01-01', unit: 'days', target: 0.8, basis: '' } as const
}

type Made = { service: string; district: string; channel: string; check: number; work: number }

/**
 * The harbour asks for slow permits, the hill for quick repairs; each of them is served faster in the harbour. The south waits two days longer
 * for the work on repairs.
 */
function town(): Made[] {
  const random = new Random('fair')
  const made: Made[] = []
  const add = (service: string, district: string, n: number, check: number, work: number) => {
    for (let one = 0; one < n; one += 1)
      made.push({
        ...{ service, district, channel: random.chance(0.5) ? 'online' : 'phone' },
        check: check * random.between(0.5, 1.5),
        work: work * random.between(0.5, 1.5),
      })
  }
  add('permits', 'harbour', 240, 5, 8)
  add('repairs', 'harbour', 40, 1, 2)
  add('permits', 'hill', 60, 5, 11)
  add('repairs', 'hill', 300, 1, 3)
  add('permits', 'south', 60, 5, 10.5)
  add('repairs', 'south', 200, 1, 5)
  add('repairs', 'island', 12, 1, 3)
  return made
}
const made = town()
const day = 86_400_000
const began = Date.parse('2026-05-01T00:00:00Z')
const at = (days: number) => new Date(Math.round(began + days * day)).toISOString()
const csv = [
  'case_id,service,district,channel,activity,time,clock',
  ...made.flatMap(({ service, district, channel, check, work }, index) => {
    const own = (activity: string, days: number, clock: string) =>
      `${index},${service},${district},${channel},${activity},${at(days)},${clock}`
    return [own('Ask', 0, 'start'), own('Check', check, ''), own('Decide', check + work, 'stop')]
  }),
].join('\n')

const median = (values: readonly number[]) => {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = (sorted.length - 1) / 2
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) / 2
}
const took = (of: (one: Made) => boolean) => made.filter(of).map(({ check, work }) => check + work)
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

const ask = async (kpi: FairnessKpi, against: Reference = 'rest', chosen = {}) => {
  const answer = await fairness(
    store.db,
    kpi,
    against,
    filters.parse({ from: '2026-05-01', until: '2026-06-01', ...chosen }),
  )
  const of = (dimension: string, value: string) => {
    const row = answer.groupings
      .find((one) => one.dimension === dimension)
      ?.rows.find((one) => one.value === value)
    if (!row) throw new Error(`no ${dimension} ${value}`)
    return row
  }
  return { answer, of }
}

test('a district that looks slow for its mix of services is told as it is and at the same mix: both, with the turn', async () => {
  await applyConfig(store.db, config)
  await load(store.db, { file: await store.file('town.csv', csv), mapping })
  const { answer, of } = await ask('time_to_outcome_median')
  const harbour = of('district', 'harbour')
  const own = (one: Made) => one.district === 'harbour'
  const others = (one: Made) => one.district !== 'harbour'
  expect(harbour.stat).toMatchObject({ n: 280, status: 'ok', definition: 'time_to_outcome_median@1' })
  expect(harbour.stat.value).toBeCloseTo(median(took(own)), 6)
  expect(harbour.reference_stat.value).toBeCloseTo(median(took(others)), 6)
  expect(harbour.raw?.absolute).toBeGreaterThan(5)
  const byService = (service: string) =>
    median(took((one) => own(one) && one.service === service)) -
    median(took((one) => others(one) && one.service === service))
  const [permits, repairs] = [360, 552]
  expect(harbour.adjusted?.absolute).toBeCloseTo(
    (permits * byService('permits') + repairs * byService('repairs')) / (permits + repairs),
    6,
  )
  expect(harbour).toMatchObject({ clear: true, verdict: 'better', compared: 1 })
  expect(harbour.adjusted?.interval[1]).toBeLessThan(0)

  const south = of('district', 'south')
  expect(south).toMatchObject({ clear: true, verdict: 'worse' })
  // by evidence: the surest first; who is too few stands last, without a figure
  const rows = answer.groupings[0]?.rows ?? []
  expect(rows.map(({ value }) => value).at(-1)).toBe('island')
  expect(rows.at(-1)).toMatchObject({
    stat: { n: 12, status: 'too_few', value: null },
    adjusted: null,
    verdict: 'not_compared',
  })
  const evidence = rows.map(({ adjusted }) => Math.abs(adjusted?.errors ?? 0))
  expect(evidence).toEqual(evidence.toSorted((a, b) => b - a))
  // which way people asked makes no difference here
  expect(of('channel', 'online')).toMatchObject({ digital: true, clear: false, verdict: 'no_clear_gap' })
  expect(of('access', 'other').stat.n).toBe(made.filter(({ channel }) => channel === 'phone').length)
})

test('the stages of a gap and the mix add up to the gap, and the slow stage stands first', async () => {
  const { of } = await ask('time_to_outcome_median')
  const { arises } = of('district', 'south')
  if (!arises) throw new Error('no hours')
  const own = (one: Made) => one.district === 'south'
  expect(arises.gap_hours).toBeCloseTo(24 * (mean(took(own)) - mean(took((one) => !own(one)))), 4)
  expect(arises.mix_hours + arises.stages.reduce((sum, { hours }) => sum + hours, 0)).toBeCloseTo(
    arises.gap_hours,
    9,
  )
  const work = (of: (one: Made) => boolean) => mean(made.filter(of).map((one) => one.work))
  const repairs = (one: Made) => one.service === 'repairs'
  const expected = work((one) => own(one) && repairs(one)) - work((one) => !own(one) && repairs(one))
  expect(arises.stages[0]).toMatchObject({ service: 'repairs', stage: 'Decide' })
  expect(arises.stages[0]?.hours).toBeCloseTo((24 * expected * 552) / 912, 4)
})

test('promises kept are compared the same way, also with the best district, and of one service the kinds of its cases are the mix', async () => {
  const { of } = await ask('on_time_rate', 'best')
  const south = of('district', 'south')
  const kept = ({ service, check, work }: Made) => check + work <= (service === 'permits' ? 20 : 6)
  const shareIn = (district: string, service?: string) => {
    const own = made.filter((one) => one.district === district && (!service || one.service === service))
    return own.filter(kept).length / own.length
  }
  const best = ['harbour', 'hill', 'south'].toSorted((a, b) => shareIn(b) - shareIn(a))[0] ?? ''
  expect(south.reference).toBe(best)
  expect(south.raw?.absolute).toBeCloseTo(shareIn('south') - shareIn(best), 12)
  const byService = (service: string) => shareIn('south', service) - shareIn(best, service)
  expect(south.adjusted?.absolute).toBeCloseTo(
    (360 * byService('permits') + 552 * byService('repairs')) / 912,
    12,
  )
  expect(of('district', best)).toMatchObject({ reference: null, adjusted: null, verdict: 'not_compared' })

  const one = await ask('time_to_outcome_median', 'rest', { service: 'permits' })
  expect(one.answer.mix).toBe('subtype')
  expect(one.of('district', 'harbour').raw?.absolute).toBeCloseTo(
    one.of('district', 'harbour').adjusted?.absolute ?? 0,
    9,
  )
})
