import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import { ingest } from '../../pipelines/ingest.ts'
import { useStore } from '../../pipelines/testStore.ts'
import { applyConfig } from '../../sql/applyConfig.ts'
import { configSchema } from '../../sql/config.ts'
import type { Db } from '../../sql/db.ts'
import type { ReportFormat } from '../../sql/reportIds.ts'
import { createApp } from '../app.ts'
import type { ReportRequest } from './content.ts'

/** For tests of reports: a year of a city with eight services, most of them slower since spring, and text that programs might run. */

export const june = { from: '2026-06-01', until: '2026-07-01' }
export const nasty = [
  '=cmd|x',
  '+1',
  '-7',
  '@SUM(A1)',
  '\tTab',
  'two\nlines',
  '"=1+1',
  "' =2",
  '＝3',
  'plain',
  '<b> & c',
  'ü "q", x',
]
const [firstDay, lastDay] = ['2025-07-01', '2026-07-05']
const requests = ['permits', 'repairs', 'housing', 'licences', 'trees', 'parking', 'records']
const slowerFrom: Record<string, string> = { permits: '2026-04-06', trees: '9' }
const names: Record<string, string> = { permits: 'Building permits', counter: 'Citizen services counter' }

export const config = configSchema.parse({
  jurisdiction: { name: 'Test City', time_zone: 'Europe/London' },
  feedback: { address: 'https://clearway.city.example' },
  departments: [{ id: 'planning', name: 'Planning and the environment' }],
  services: [...requests, 'counter'].map((id) => ({
    id,
    name: names[id] ?? `Applications for ${id} of residents`,
    department: 'planning',
    standards: [
      {
        valid_from: '2025-01-01',
        value: id === 'counter' ? 10 : 5,
        unit: id === 'counter' ? 'minutes' : 'days',
        target: 0.8,
      },
    ],
  })),
  outcomes: [{ codes: { granted: 'intended', refused: 'refused' } }],
})

const cell = (text: string) => `"${text.replaceAll('"', '""')}"`
const csv = (head: string, rows: string[][]) =>
  [head, ...rows.map((row) => row.map(cell).join(',')), ''].join('\n')
const hour = 3_600_000
const at = (time: number) => new Date(time).toISOString()

/** Case by case: applied, checked, sometimes applied again, and decided unless the data ends before. */
function events(): string[][] {
  const rows: string[][] = []
  const one = (id: string, number: number, service: string, day: number) => {
    const noise = (number * 7919) % 97
    const long = at(day) >= (slowerFrom[service] ?? '2026-05-29') ? 60 : 0
    const steps = [
      ['Apply', 8, 'start'],
      ['Check', 11 + noise / 10, ''],
      ...(number % 4 === 0 ? [['Apply', 22.5, '']] : []),
      ['Decide', 40.25 + noise + long, 'stop'],
    ] as [string, number, string][]
    for (const [step, [activity, hours, clock]] of steps.entries()) {
      const time = at(day + hours * hour + step * 125)
      if (time.slice(0, 10) <= lastDay)
        rows.push([
          ...[id, `${number} ${step}`, service, activity, 'complete', time, clock, at(day + 128 * hour)],
          ...[noise % 3 === 0 ? 'north' : 'south', number % 5 === 0 ? 'web' : 'phone'],
          ...[number % 2 === 0 ? 'desk' : '@desk'],
          clock === 'stop' ? (noise % 4 === 0 ? 'refused' : 'granted') : '',
        ])
    }
  }
  for (const [index, id] of nasty.entries())
    one(id, 90_000 + index, 'permits', Date.parse('2026-06-01') + index * 24 * hour)
  let number = 0
  for (let day = Date.parse(firstDay); at(day).slice(0, 10) <= lastDay; day += 24 * hour)
    for (const service of ['permits', 'permits', ...requests]) one(`case ${++number}`, number, service, day)
  return rows
}
const answers = () =>
  Array.from({ length: 320 }, (_, index) => {
    const time = at(Date.parse('2026-05-01T10:00:00Z') + index * 5 * hour)
    const rating = index % 7 === 0 ? '' : String(5 - (index % 3))
    return [`answer ${index}`, index % 4 === 0 ? 'counter' : 'permits', time, 'true', rating, 'north', 'web']
  })
const waits = () =>
  Array.from({ length: 540 }, (_, index) => {
    const time = at(Date.parse('2026-05-01T09:00:00Z') + index * 3 * hour)
    return [
      `wait ${index}`,
      'counter',
      time,
      String(120 + ((index * 7919) % 900) + (time >= '2026-06' ? 240 : 0)),
      'south',
      'desk',
    ]
  })

/** What is asked for: of each report the same filters that the API is asked with. */
const chosen: Record<string, Partial<Record<'service' | 'district', string>>> = {
  'service-report': { service: 'permits' },
  'waiting-list': { district: 'north' },
  table: { service: 'permits' },
}
export const filtersOf = (report: string): Record<string, string> => chosen[report] ?? {}
export const request = (
  report: string,
  format: ReportFormat,
  options: ReportRequest['options'] = {},
): ReportRequest => {
  const { service, district } = chosen[report] ?? {}
  return {
    ...{ report, format, options },
    filters: {
      ...{ ...june, compare: 'previous', department: [], channel: [], team: [] },
      ...{ service: service ? [service] : [], district: district ? [district] : [] },
    },
  }
}

export function useCity() {
  const store = useStore()
  const city = { store, dir: '', db: undefined as unknown as Db, ask }
  let app: ReturnType<typeof createApp>
  beforeAll(async () => {
    city.dir = await mkdtemp(join(tmpdir(), 'clearway-reports-'))
    await applyConfig(store.db, config)
    const eventHead =
      'case_id,event_id,service,activity,lifecycle,time,clock,due_at,district,channel,team,outcome'
    for (const [name, text, stream] of [
      ['events.csv', csv(eventHead, events()), 'case_events'],
      ['answers.csv', csv('outcome_id,service,at,offered,rating,district,channel', answers()), 'outcomes'],
      ['waits.csv', csv('wait_id,service,asked_at,wait,district,team', waits()), 'wait_times'],
    ] as const)
      await ingest(store.db, await store.file(name, text), { mapping: 'clearway', source: 'desk', stream })
    city.db = { ...store.db, dataDir: city.dir } as Db
    app = createApp({ db: city.db, versionAge: 0 })
  }, 180_000)
  afterAll(() => rm(city.dir, { recursive: true, force: true }))

  /** What the API answers on this machine. */
  async function ask(path: string, query: Record<string, string> = {}): Promise<Response> {
    const answer = await app.request(
      `http://localhost/api/v1${path}?${new URLSearchParams(query)}`,
      {},
      { incoming: { socket: { remoteAddress: '127.0.0.1' } } },
    )
    expect(answer.status, path).toBe(200)
    return answer
  }
  return city
}
