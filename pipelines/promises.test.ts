import { expect, test } from 'vitest'
import { applyConfig } from '../sql/applyConfig.ts'
import { type ConfigInput, configSchema } from '../sql/config.ts'
import { filters } from '../sql/filters.ts'
import { kpiAnswer } from '../sql/kpiFigures.ts'
import { load } from './load.ts'
import { loadMapping } from './mapping.ts'
import { useStore } from './testStore.ts'

const store = useStore()
type Standards = NonNullable<NonNullable<ConfigInput['services']>[number]['standards']>
const config = (standards: Standards, holidays: { day: string; name: string }[] = []) =>
  configSchema.parse({
    jurisdiction: { name: 'Promises', time_zone: 'UTC' },
    calendars: [{ id: 'office', holidays, from: '2026-01-01', until: '2026-12-31' }],
    services: [{ id: 'permits', name: 'Permits', calendar: 'office', standards }],
  })
const onTime = async () => {
  const { kpis } = await kpiAnswer(store.db, filters.parse({ service: 'permits', compare: 'none' }))
  const { numerator, denominator } = kpis.find(({ id }) => id === 'on_time_rate')?.stat ?? {}
  return [numerator, denominator]
}

test('a promise or a holiday that the configuration no longer names does not count any longer', async () => {
  const file = await store.file(
    'permits.csv',
    `case_id,service,activity,time,clock
A,permits,Applied,2026-02-02T09:00:00Z,start
A,permits,Decided,2026-02-04T09:00:00Z,stop
`,
  )
  await load(store.db, { file, mapping: await loadMapping('clearway') })
  const oneDay = { value: 1, unit: 'working_days' as const, target: 0.8 }
  await applyConfig(store.db, config([{ ...oneDay, valid_from: '2026-01-01' }]))
  expect(await onTime()).toEqual([0, 1])
  await applyConfig(
    store.db,
    config([{ ...oneDay, valid_from: '2026-01-01' }], [{ day: '2026-02-03', name: 'Holiday' }]),
  )
  expect(await onTime()).toEqual([1, 1])
  await applyConfig(store.db, config([{ ...oneDay, valid_from: '2026-01-01' }]))
  expect(await onTime()).toEqual([0, 1])
  // the promise is corrected to begin after the case did
  await applyConfig(store.db, config([{ ...oneDay, valid_from: '2026-03-01' }]))
  expect(await onTime()).toEqual([0, 0])
})

test('a promise in working days needs a calendar that is declared', () => {
  const standards: Standards = [{ valid_from: '2026-01-01', value: 1, unit: 'working_days', target: 0.8 }]
  const without = (calendar: string) =>
    configSchema.safeParse({
      jurisdiction: { name: 'x', time_zone: 'UTC' },
      services: [{ id: 'permits', name: 'Permits', calendar, standards }],
    })
  expect(without('').error?.issues[0]?.message).toContain('name the calendar')
  expect(without('office').error?.issues[0]?.message).toContain('"office", which is not declared')
})
