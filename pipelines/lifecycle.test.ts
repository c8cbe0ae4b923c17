import { expect, test } from 'vitest'
import { load } from './load.ts'
import { loadMapping } from './mapping.ts'
import { useStore } from './testStore.ts'

const store = useStore()

const events = [
  ['Review', 'start', '09:00'],
  ['Site visit', 'start', '09:30'],
  ['Review', 'suspend', '10:00'],
  ['Site visit', 'complete', '10:15'],
  ['Review', 'resume', '12:00'],
  ['Review', 'complete', '13:00'],
] as const

test('suspended activities of a log stop the clock of the case, within and beside others', async () => {
  const xes = events
    .map(
      ([name, lifecycle, at]) => `<event><string key="concept:name" value="${name}"/>
        <string key="lifecycle:transition" value="${lifecycle}"/><date key="time:timestamp" value="2026-01-05T${at}:00Z"/></event>`,
    )
    .join('')
  const csv = events.map(([name, lifecycle, at]) => `C1,${name},${lifecycle},2026-01-05T${at}:00Z`).join('\n')
  const files = {
    xes: await store.file(
      'log.xes',
      `<log><trace><string key="concept:name" value="C1"/>${xes}</trace></log>`,
    ),
    'csv-log': await store.file(
      'log.csv',
      `case:concept:name,concept:name,lifecycle:transition,time:timestamp\n${csv}\n`,
    ),
  }
  for (const [name, file] of Object.entries(files)) {
    const result = await load(store.db, { file, mapping: await loadMapping(name), source: name })
    expect(result).toMatchObject({ read: 6, accepted: 6 })
    expect(
      await store.rows(
        `SELECT paused_us / 3.6e9 AS paused_hours, visits, toString(started_at) AS started, toString(closed_at) AS closed FROM cases WHERE source = '${name}'`,
      ),
    ).toEqual([
      {
        ...{ paused_hours: 2, visits: 2 },
        ...{ started: '2026-01-05 09:00:00.000000', closed: '2026-01-05 13:00:00.000000' },
      },
    ])
  }
})
