import { expect, test } from 'vitest'
import { applyConfig } from '../sql/applyConfig.ts'
import { bottlenecks } from '../sql/bottlenecks.ts'
import { configSchema } from '../sql/config.ts'
import { filters } from '../sql/filters.ts'
import { stage } from '../sql/stage.ts'
import { load } from './load.ts'
import { loadMapping } from './mapping.ts'
import { useStore } from './testStore.ts'

const store = useStore()

test('the weeks and hours of a stage are those of its place: clocks went forward on 29 March', async () => {
  const config = {
    jurisdiction: { name: 'Town', time_zone: 'Europe/London' },
    departments: [{ id: 'planning', name: 'Planning' }],
    services: [{ id: 'permits', name: 'Permits', department: 'planning' }],
  }
  await applyConfig(store.db, configSchema.parse(config))
  const events = [
    ['A', 'Received', 'complete', '2026-03-23T09:00:00Z'],
    ['A', 'Review', 'start', '2026-03-30T08:30:00Z'],
    ['A', 'Review', 'complete', '2026-03-30T09:30:00Z'],
    ['B', 'Received', 'complete', '2026-03-24T10:00:00Z'],
    ['B', 'Review', 'complete', '2026-03-30T12:00:00Z'],
    ['C', 'Received', 'complete', '2026-03-25T11:00:00Z'],
    ['C', 'Review', 'complete', '2026-03-31T12:00:00Z'],
    ['C', 'Review', 'complete', '2026-04-01T12:00:00Z'],
  ]
  const rows = events.map(
    ([case_id, activity, lifecycle, time], index) =>
      `e${index},${case_id},permits,${activity},${lifecycle},${time}`,
  )
  const text = ['event_id,case_id,service,activity,lifecycle,time', ...rows].join('\n')
  const file = await store.file('events.csv', `${text}\n`)
  const loaded = await load(store.db, { file, mapping: await loadMapping('clearway'), source: 'desk' })
  expect(loaded).toMatchObject({ accepted: 8, rejected: 0 })

  const asked = filters.parse({ from: '2026-03-01', until: '2026-04-01', compare: 'none' })
  const march = await stage(store.db, 'permits', 'Review', asked)
  expect(march.hours).toEqual([
    { weekday: 1, hour: 9, came: 1, went: 0 },
    { weekday: 1, hour: 10, came: 0, went: 1 },
    { weekday: 1, hour: 13, came: 0, went: 1 },
    { weekday: 2, hour: 10, came: 1, went: 0 },
    { weekday: 2, hour: 13, came: 1, went: 1 },
    { weekday: 3, hour: 11, came: 1, went: 0 },
  ])
  expect(march.weeks.map(({ from, complete, n }) => ({ from, complete, n }))).toEqual([
    { from: '2026-03-30', complete: false, n: 3 },
  ])

  // of one of the three it is told when the work began: waits of 167.5, 146 and 145 hours, the last two with the work
  const listed = await bottlenecks(store.db, asked)
  expect(listed.stages).toMatchObject([{ stage: 'Review', n: 3, starts_told: 1, wait_hours: 458.5 }])

  // stays of 168.5, 146, 145 and 24 hours; two of the four visits ended on one day: 2 of 12 pairs
  const { weeks } = await stage(store.db, 'permits', 'Review', { ...asked, until: '2026-04-06' })
  expect(weeks).toEqual([
    {
      ...{ from: '2026-03-30', until: '2026-04-06', complete: false, n: 4, starts_told: 1 },
      ...{ mean_hours: 120.875, median_hours: 145.5, p90_hours: expect.closeTo(161.05, 9), touch_hours: 1 },
      ...{ again_share: 0.25, paused_share: 0, same_day_share: expect.closeTo(1 / 6, 12) },
    },
  ])
})
