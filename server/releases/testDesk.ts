import { makePublished } from '../../fixtures/published/make.ts'
import { type ConfigInput, configSchema } from '../../sql/config.ts'
import type { Db } from '../../sql/db.ts'
import type { Desk, Makers } from './desk.ts'
import { disk } from './disk.ts'
import type { Published, ReleaseHead } from './published.ts'

/** For tests: makers of small made releases, a clock that is set by hand, and a configuration to change. */
export function testDesk(db: () => Db) {
  const frozen = new Map<string, { head: ReleaseHead; seed: number }>()
  const it = {
    now: new Date('2026-07-08T06:00:00Z'),
    seed: 1,
    k: 8,
    calendar: [{ month: '2026-06', at: '2026-07-15T09:30' }] as NonNullable<
      NonNullable<ConfigInput['publication']>['calendar']
    >,
    /** How often figures were read. */
    frozen: 0,
  }
  const published = (id: string): Published => {
    const { head, seed } = frozen.get(id) ?? { head: makePublished().release, seed: 0 }
    const made = makePublished(seed)
    return {
      ...made,
      release: head,
      services: made.services.map((service) => ({ ...service, profile: { ...service.profile, k: it.k } })),
      revisions: head.corrects
        ? [
            {
              table: 'services_by_month',
              at: { service: 'all', period: '2026-06' },
              measure: 'backlog',
              before: { release: head.corrects, value: 100, marks: [] },
              now: { value: 105, marks: ['r'] },
            },
          ]
        : [],
    }
  }
  const makers: Makers = {
    freeze: async (_db, { id, head }) => {
      it.frozen++
      frozen.set(id, { head, seed: it.seed })
    },
    make: async (_db, id) => {
      const made = published(id)
      const files = [
        { path: 'index.html', body: `<h1>${made.release.title}, ${id}</h1>` },
        { path: 'style.css', body: 'p { margin: 0 }' },
        { path: 'data/services_by_month.json', body: JSON.stringify(made.tables[0]) },
      ]
      return { published: made, files }
    },
    siteFiles: async (site) => [
      { path: 'calendar.html', body: JSON.stringify(site.calendar) },
      {
        path: 'releases.html',
        body: site.releases.map(({ head, state }) => `${head.id} ${state}`).join('\n'),
      },
    ],
    compare: async (_db, _before, now) => published(now).revisions,
    revisionSize: async () => [],
  }
  const desk = (change: Partial<Desk> = {}): Desk => ({
    db: db(),
    config: () =>
      configSchema.parse({
        jurisdiction: { name: 'Test City', time_zone: 'Europe/London' },
        publication: { calendar: it.calendar },
      }),
    secret: undefined,
    makers: async () => makers,
    now: () => it.now,
    disk,
    ...change,
  })
  return Object.assign(it, { desk })
}
