import { beforeAll, expect, test } from 'vitest'
import { ingest } from '../../pipelines/ingest.ts'
import { useStore } from '../../pipelines/testStore.ts'
import { applyConfig } from '../../sql/applyConfig.ts'
import { configSchema } from '../../sql/config.ts'
import type { Filters } from '../../sql/filters.ts'
import type { Paper } from './document.ts'
import { compose } from './make.ts'

/** What a report of one department says of the others: nothing, whatever their sources did. */

const store = useStore()
const config = configSchema.parse({
  jurisdiction: { name: 'Test City', time_zone: 'Europe/London' },
  departments: [
    { id: 'planning', name: 'Planning' },
    { id: 'leisure', name: 'Leisure Office' },
  ],
  services: [
    { id: 'permits', name: 'Building permits', department: 'planning' },
    { id: 'pools', name: 'Swimming pools', department: 'leisure' },
  ],
})
const head = 'case_id,event_id,service,activity,lifecycle,time,clock,district,team'
/** Cases of a service, day by day from a day of May until the middle of June, but for a week without any. */
const cases = (service: string, days: number, hole: number) =>
  [
    head,
    ...Array.from({ length: days * 8 }, (_, at) => {
      const day = new Date(Date.UTC(2026, 4, 1 + Math.floor(at / 8))).toISOString().slice(0, 10)
      const row = (activity: string, hour: string, clock: string) =>
        `${service}-${at},${service}-${at}-${activity},${service},${activity},complete,${day}T${hour}:00:00Z,${clock},${service}-town,${service}-team`
      const isHole = at >= hole * 8 && at < (hole + 7) * 8
      return isHole ? [] : [row('Apply', '08', 'start'), row(`Decide ${service}`, '17', 'stop')]
    }).flat(),
    '',
  ].join('\n')
const paper: Pick<Paper, 'chartSvg'> = { chartSvg: () => '<svg xmlns="http://www.w3.org/2000/svg"/>' }

beforeAll(async () => {
  await applyConfig(store.db, config)
  for (const [service, days, hole] of [
    ['permits', 60, 99],
    ['pools', 45, 33],
  ] as const)
    await ingest(store.db, await store.file(`${service}.csv`, cases(service, days, hole)), {
      mapping: 'clearway',
      source: `${service}-register`,
    })
})

const none: Pick<Filters, 'service' | 'department' | 'district' | 'channel' | 'team'> = {
  service: [],
  department: [],
  district: [],
  channel: [],
  team: [],
}
test.each([
  ['department-brief', { department: ['planning'] }],
  ['waiting-list', { department: ['planning'] }],
  ['service-report', { service: ['permits'] }],
])(
  'a %s of %j names nothing of others, and says what is wrong with the data where it is sent although',
  async (report, chosen) => {
    const told = async (filters: Partial<typeof none>, marks: string[] = []) => {
      const period = { from: '2026-06-01', until: '2026-07-01', compare: 'previous' } as const
      const { document, tables } = await compose(
        { db: store.db, config, address: '', paper: paper as Paper },
        { report, format: 'xlsx', filters: { ...none, ...filters, ...period }, options: {}, marks },
      )
      return { all: JSON.stringify([document, tables]), head: document.head }
    }
    const mark = 'the case events of “permits-register” are late'
    const own = await told(chosen, [mark])
    expect(own.all).toMatch(/permits/)
    expect(own.all).not.toMatch(/pool|leisure/i)
    expect(own.head).toContainEqual({ label: 'Sent although', value: mark })
    const other = await told('service' in chosen ? { service: ['pools'] } : {})
    expect(other.all).toMatch(/pool/i)
    expect(other.head.map(({ label }) => label)).not.toContain('Sent although')
  },
)
