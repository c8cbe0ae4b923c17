import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadCity, withDb } from '../../fixtures/bench/cityStore.ts'
import type { Seen } from '../../fixtures/disclosure/folder.ts'
import { attack, learn, type Outside, truth } from '../../fixtures/disclosure/outsider.ts'
import { ingest } from '../../pipelines/ingest.ts'
import { type Config, configSchema } from '../../sql/config.ts'
import buildOnce from '../buildOnce.ts'
import type { Desk } from './desk.ts'
import { disk } from './disk.ts'
import { readFrozen } from './frozen.ts'
import { makersOf } from './makers.ts'
import { makePublic, publicFolder } from './testPublic.ts'

const outsideOf = ({ channels }: Config): Outside => ({
  told: {
    digital: channels.filter(({ digital }) => digital).map(({ id }) => id),
    queues: ['citizen-services'],
    // promises in working days, or one for each kind, say nothing of a single case; that of the counters was 15 minutes before April 2025
    promise: (service, period) =>
      service === 'housing-list'
        ? { value: 365, leeway: 1 }
        : service === 'citizen-services'
          ? { value: period < '2025-04' || period === '2025-Q1' ? 15 : 10, leeway: 0 }
          : null,
  },
  // what is told of all services is told as carefully as of the most careful one
  k: (service) => (['all', 'housing-list'].includes(service) ? 11 : 8),
})

/** Repairs that were asked for in June and told of in July. */
const late = (count: number) =>
  [
    'case_id,service,district,channel,activity,time,clock',
    ...Array.from({ length: count }, (_, index) => {
      const day = String(3 + (index % 25)).padStart(2, '0')
      return `late-${index},street-repairs,west,post,Reported,2026-06-${day}T10:00:00Z,start`
    }),
  ].join('\n')

test('of the sample city, in three releases of which the last corrects the second, an outsider finds out no hidden count', async () => {
  buildOnce()
  const dir = await mkdtemp(join(tmpdir(), 'clearway-attack-'))
  try {
    const config = configSchema.parse(await loadCity(dir, join(dir, 'data'), {}, 1))
    const outside = outsideOf(config)
    await withDb(join(dir, 'data'), async (db) => {
      let now = new Date('2026-07-08T06:00:00Z')
      const desk: Desk = {
        db,
        config: () => ({ ...config, publication: { ...config.publication, calendar: [] } }),
        secret: undefined,
        makers: async () => makersOf({} as Parameters<typeof makersOf>[0]),
        now: () => now,
        disk,
      }
      const release = async (asked: Parameters<typeof makePublic>[1]) => {
        const id = await makePublic(desk, asked)
        now = new Date(now.getTime() + 60_000)
        return id
      }
      const releases = [await release({ month: '2026-05' }), await release({ month: '2026-06' })]
      const file = join(dir, 'late.csv')
      await writeFile(file, late(12))
      await ingest(db, file, { mapping: 'clearway', stream: 'case_events', source: 'crm-311' })
      releases.push(await release({ correct: '2026-06', reason: 'Some repairs were told of late.' }))
      const folder = await publicFolder(desk, releases)
      const attacked = async (id: string, known?: Map<string, Seen>) =>
        attack(outside, folder, await readFrozen(db, id), id, known)
      for (const id of releases) {
        const { found, relations, wrong, exposed } = await attacked(id)
        expect(found.size).toBeGreaterThan(300)
        expect(relations.length).toBeGreaterThan(5_000)
        // also that who asked online, alone or with help, is who asked digitally
        expect(
          relations.some(({ of }) => of.length === 3 && of[0]?.key.startsWith('received_digital|')),
        ).toBe(true)
        expect({ id, wrong, exposed }).toEqual({ id, wrong: [], exposed: [] })
      }
      for (const order of [releases, releases.toReversed()]) {
        const known = new Map<string, Seen>()
        for (const id of order) {
          expect((await attacked(id, known)).exposed, id).toEqual([])
          learn(outside, folder, id, known)
        }
      }
      // what somebody tells of a hidden count is found out
      const [id = ''] = releases
      const [key = ''] = (await attacked(id)).found.keys()
      const exactly = truth(await readFrozen(db, id), key)
      const told = new Map([[key, { low: exactly, high: exactly, hidden: false }]])
      expect((await attacked(id, told)).exposed).not.toEqual([])
    })
  } finally {
    await rm(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
  }
}, 600_000)
