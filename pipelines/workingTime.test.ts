import { expect, test } from 'vitest'
import { applyConfig } from '../sql/applyConfig.ts'
import { type Config, configSchema } from '../sql/config.ts'
import { load } from './load.ts'
import { loadMapping } from './mapping.ts'
import { useStore } from './testStore.ts'

const store = useStore()
const minute = 60_000
const zones = ['Europe/London', 'America/New_York', 'Australia/Adelaide']
const [first, last] = ['2025-01-01', '2026-02-28']

function configOf(zone: string): Config {
  const year = { from: first, until: last }
  const holidays = ['2025-01-01', '2025-03-31', '2025-04-07', '2025-11-03', '2025-12-25'].map((day) => ({
    day,
    name: 'holiday',
  }))
  return configSchema.parse({
    jurisdiction: { name: 'Town', time_zone: zone },
    calendars: [
      { ...year, id: 'whole-days', holidays },
      { ...year, id: 'every-day', working_weekdays: [1, 2, 3, 4, 5, 6, 7] },
      {
        ...year,
        id: 'counter',
        holidays,
        working_weekdays: [1, 2, 3, 4, 5, 6],
        hours: [
          { weekdays: [1, 2, 3, 4, 5], opens: '09:00', closes: '12:30', valid_until: '2025-06-10' },
          { weekdays: [1, 2, 3, 4, 5], opens: '13:30', closes: '17:00', valid_until: '2025-06-10' },
          { weekdays: [1, 3, 5], opens: '08:15', closes: '18:45', valid_from: '2025-06-10' },
          { weekdays: [6], opens: '10:00', closes: '13:00' },
          { weekdays: [6], opens: '12:00', closes: '24:00' },
        ],
      },
    ],
    services: ['whole-days', 'every-day', 'counter'].map((id) => ({ id, name: id, calendar: id })),
  })
}

/** Minutes of UTC since `first` less a day, each worked or not: told by the clock on the wall, hour by hour. */
function workedMinutes(calendar: Config['calendars'][number], zone: string) {
  const begin = Date.parse(`${first}T00:00:00Z`) - 86_400_000
  const flags = new Uint8Array((Date.parse(`${last}T00:00:00Z`) - begin) / minute + 3 * 1_440)
  const wall = new Intl.DateTimeFormat('en-CA', {
    ...{ timeZone: zone, hourCycle: 'h23', weekday: 'short' },
    ...{ year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' },
  })
  const weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']
  // the offset of every zone here is a multiple of half an hour
  for (let start = 0; start < flags.length; start += 30) {
    const part = Object.fromEntries(
      wall.formatToParts(begin + start * minute).map(({ type, value }) => [type, value]),
    )
    const day = `${part.year}-${part.month}-${part.day}`
    const weekday = weekdays.indexOf(part.weekday ?? '') + 1
    if (day < first || day > last || !calendar.working_weekdays.includes(weekday)) continue
    if (calendar.holidays.some((holiday) => holiday.day === day)) continue
    const hours = calendar.hours.filter(
      (each) => each.weekdays.includes(weekday) && each.valid_from <= day && day < each.valid_until,
    )
    for (let place = start; place < start + 30; place++) {
      const now = Number(part.hour) * 60 + Number(part.minute) + place - start
      const open = ({ opens, closes }: { opens: string; closes: string }) =>
        minutesOf(opens) <= now && now < minutesOf(closes)
      flags[place] = Number(calendar.hours.length === 0 || hours.some(open))
    }
  }
  return (from: number, to: number): number => {
    let worked = 0
    for (let at = from; at < to; at += minute) worked += flags[(at - begin) / minute] ?? 0
    return worked
  }
}
const minutesOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3))

test('working time equals a count minute by minute over 10,000 random intervals, in three time zones, with holidays and both changes of clocks', async () => {
  let state = 7
  const draw = (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
  const begin = Date.parse('2025-01-03T00:00:00Z')
  const cases = Array.from({ length: 3_334 }, (_, index) => {
    const asked = begin + draw(400 * 1_440) * minute
    const begun = asked + draw(draw(12) === 0 ? 9 * 1_440 : 900) * minute
    return {
      id: `c${index}`,
      service: ['whole-days', 'every-day', 'counter'][index % 3] ?? '',
      asked,
      begun,
      done: begun + draw(2_880) * minute,
    }
  })
  const iso = (at: number) => new Date(at).toISOString()
  const rows = cases.flatMap(({ id, service, asked, begun, done }) => [
    `${id},${service},Ask,complete,${iso(asked)}`,
    `${id},${service},Work,start,${iso(begun)}`,
    `${id},${service},Work,complete,${iso(done)}`,
  ])
  await applyConfig(store.db, configOf(zones[0] ?? ''))
  const file = await store.file('cases.csv', `case_id,service,activity,lifecycle,time\n${rows.join('\n')}\n`)
  await load(store.db, { file, mapping: await loadMapping('clearway') })
  let compared = 0
  for (const zone of zones) {
    const config = configOf(zone)
    await applyConfig(store.db, config)
    const clocks = new Map(config.calendars.map((calendar) => [calendar.id, workedMinutes(calendar, zone)]))
    const found = await store.rows<{ case_id: string; wait: number; touch: number }>(
      `SELECT case_id, wait_worked_us / 60e6 AS wait, touch_worked_us / 60e6 AS touch FROM stage_visits WHERE activity = 'Work'`,
    )
    const byId = new Map(found.map((row) => [row.case_id, row]))
    const wrong = cases.filter(({ id, service, asked, begun, done }) => {
      const worked = clocks.get(service)
      compared += 2
      return byId.get(id)?.wait !== worked?.(asked, begun) || byId.get(id)?.touch !== worked?.(begun, done)
    })
    expect(wrong.slice(0, 3), zone).toEqual([])
  }
  expect(compared).toBeGreaterThan(10_000)
}, 180_000)

test('pauses are no working time, and are told apart by whom they wait for', async () => {
  const rows = [
    'p1,counter,Ask,complete,2025-05-05T08:00:00Z,start,',
    'p1,counter,Question,suspend,2025-05-06T09:00:00Z,pause,Waiting for applicant',
    'p1,counter,Answer,resume,2025-05-07T09:00:00Z,resume,',
    'p1,counter,Work,start,2025-05-07T10:00:00Z,,',
    'p1,counter,Question,suspend,2025-05-07T10:30:00Z,pause,police report',
    'p1,counter,Answer,resume,2025-05-07T11:00:00Z,resume,',
    'p1,counter,Work,complete,2025-05-07T12:30:00Z,,',
  ]
  await applyConfig(store.db, configOf('UTC'))
  const file = await store.file(
    'pauses.csv',
    `case_id,service,activity,lifecycle,time,clock,reason\n${rows.join('\n')}\n`,
  )
  await load(store.db, { file, mapping: await loadMapping('clearway') })
  const hours = (column: string) => `${column} / 3.6e9 AS ${column}`
  const columns = [
    'wait_worked_us',
    'touch_worked_us',
    'paused_us',
    'paused_applicant_us',
    'paused_third_us',
  ].map(hours)
  const [visit] = await store.rows(
    `SELECT ${columns} FROM stage_visits WHERE case_id = 'p1' AND activity = 'Work'`,
  )
  // Monday 9 to 12:30 and 13:30 to 17, Tuesday none of it from 9 on, Wednesday 9 to 10; then 10 to 10:30 and 11 to 12:30
  expect(visit).toEqual({
    wait_worked_us: 8,
    touch_worked_us: 2,
    paused_us: 24.5,
    paused_applicant_us: 24,
    paused_third_us: 0.5,
  })
})

test('an open case stands where its last activity ended, and in what was begun since', async () => {
  const rows = [
    'o1,counter,Ask,complete,2025-05-05T08:00:00Z,start',
    'o2,counter,Ask,complete,2025-05-05T08:00:00Z,start',
    'o2,counter,Work,start,2025-05-06T08:00:00Z,',
  ]
  await applyConfig(store.db, configOf('UTC'))
  const file = await store.file(
    'open.csv',
    `case_id,service,activity,lifecycle,time,clock\n${rows.join('\n')}\n`,
  )
  await load(store.db, { file, mapping: await loadMapping('clearway') })
  const open = () =>
    store.rows(
      `SELECT case_id, from_activity, activity, entered_at, started_at FROM open_visits WHERE case_id LIKE 'o%' ORDER BY case_id`,
    )
  expect(await open()).toEqual([
    {
      case_id: 'o1',
      from_activity: 'Ask',
      activity: '',
      entered_at: '2025-05-05T08:00:00.000000Z',
      started_at: null,
    },
    {
      case_id: 'o2',
      from_activity: 'Ask',
      activity: 'Work',
      entered_at: '2025-05-05T08:00:00.000000Z',
      started_at: '2025-05-06T08:00:00.000000Z',
    },
  ])
  const closing = await store.file(
    'closing.csv',
    'case_id,service,activity,lifecycle,time,clock\no2,counter,Work,complete,2025-05-07T08:00:00Z,stop\n',
  )
  await load(store.db, { file: closing, mapping: await loadMapping('clearway'), source: 'open' })
  expect(await open()).toMatchObject([{ case_id: 'o1' }])
})
