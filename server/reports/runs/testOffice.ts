import { createHash } from 'node:crypto'
import type { Db } from '../../../sql/db.ts'
import { listRuns, type RunRow } from '../../../sql/reportRuns.ts'
import { schedule as scheduleSchema } from '../../../sql/reportSchedules.ts'
import { keepSchedule } from '../../../sql/scheduleVersions.ts'
import type { MadeReport, ReportRequest } from '../content.ts'
import { openings } from '../delivery/openings.ts'
import type { Parcel, Postman, Receipt } from '../parcel.ts'
import { disk, type Look, oneAtATime, type ReportsDesk } from './desk.ts'

export type ScheduleInput = Parameters<typeof scheduleSchema.parse>[0] & object

const hash = (value: unknown) => createHash('sha256').update(JSON.stringify(value)).digest('hex')

/** For tests: a postman whose outbox and receipts outlive the server, and receivers that keep a log. */
export function testPostman() {
  const outbox = new Map<string, Parcel>()
  const told = new Map<string, Receipt>()
  const it = {
    /** What receivers got, in order. */
    received: [] as { key: string; to: string; sha256: string }[],
    posts: 0,
    outcome: (_parcel: Parcel): Pick<Receipt, 'outcome' | 'not_before'> & { reason?: string } => ({
      outcome: 'delivered',
    }),
    /** Brings everything that lies in the outbox. */
    bring(at: Date) {
      for (const parcel of outbox.values()) {
        const { outcome, reason = '', not_before } = it.outcome(parcel)
        const { key, attempt, file, destination } = parcel
        if (outcome === 'delivered')
          it.received.push({ key, sha256: file.sha256, to: JSON.stringify(destination) })
        told.set(key, {
          key,
          attempt,
          outcome,
          reason,
          at: at.toISOString(),
          ...(not_before && { not_before }),
          proof: `proof of ${key.slice(0, 4)}`,
        })
        outbox.delete(key)
      }
    },
    postman: {
      post: async (parcels) => {
        it.posts += 1
        for (const parcel of parcels)
          if (!outbox.has(parcel.key) && !told.has(parcel.key)) outbox.set(parcel.key, parcel)
      },
      receipts: async () => [...told.values()],
      underWay: async () => [...outbox.keys()],
      settle: async (keys) => {
        for (const key of keys) told.delete(key)
      },
      waitForReceipt: (stop) =>
        new Promise((resolve) => stop.addEventListener('abort', () => resolve(), { once: true })),
      close: async () => {},
    } satisfies Postman,
  }
  return it
}

/** For tests: a desk with a clock that is set by hand, data that is fresh until told otherwise, and reports that are made at once. */
export function testOffice(db: () => Db) {
  const post = testPostman()
  const it = {
    now: new Date('2026-07-01T05:00:00Z'),
    version: 2,
    stale: false,
    missing: 0,
    sampleUntil: null as string | null,
    loadedAt: '2099-01-01T00:00:00Z',
    /** Beside the register. */
    feeds: [] as Look['feeds'],
    made: [] as ReportRequest[],
    make: async (request: ReportRequest): Promise<MadeReport> => {
      it.made.push(request)
      const sha256 = hash([request, it.version])
      const message = { subject: 'A report', html: '<p>A report</p>', text: 'A report', head: [] }
      const file = { path: '/dev/null', name: 'report.csv', media_type: 'text/csv', bytes: 1, sha256 }
      const figures_sha256 = hash([request.filters.service, it.version])
      const about = { as_of: '2026-06-30T22:00:00Z', data_version: String(it.version), figures_sha256 }
      return { request, title: 'A report', message, file, ...about }
    },
    post,
    desk: (change: Partial<ReportsDesk> = {}): ReportsDesk => ({
      db: db(),
      calendars: () => [],
      zone: async () => 'Europe/London',
      now: () => it.now,
      disk,
      look: async () => it.look(),
      make: (request) => it.make(request),
      postman: post.postman,
      delivery: openings({ webhook: { privateHosts: [] }, sftp: { passwordHosts: [] } }),
      link: () => null,
      ...change,
    }),
    look: (): Look => ({
      version: String(it.version),
      final: true,
      sampleUntil: it.sampleUntil,
      departments: new Map([
        ['permits', 'planning'],
        ['counter', 'desks'],
      ]),
      missing: () =>
        it.missing === 0
          ? []
          : [{ source: 'register', stream: 'case_events', services: ['permits'], complete: 1 - it.missing }],
      feeds: [
        {
          ...{ source: 'register', stream: 'case_events', services: ['permits', 'counter'] },
          state: it.stale ? 'late' : 'fresh',
          due_at: '2026-06-30T06:00:00.000Z',
          loaded_at: it.loadedAt,
        },
        ...it.feeds,
      ],
    }),
    /** Moves the clock. */
    at(moment: string) {
      it.now = new Date(moment)
    },
    async keep(...schedules: ScheduleInput[]) {
      for (const given of schedules)
        await oneAtATime({ db: db() }, () => keepSchedule(db(), scheduleSchema.parse(given), 'test', it.now))
    },
    runs: (asked: { schedule?: string; state?: string } = {}): Promise<RunRow[]> =>
      listRuns(db(), { ...asked, limit: 10_000 }),
    async states(schedule = '') {
      const counts: Record<string, number> = {}
      for (const { state } of await it.runs({ schedule })) counts[state] = (counts[state] ?? 0) + 1
      return counts
    },
  }
  return it
}

/** A schedule of every day at seven to one mailbox. */
export const daily = (id: string, change: Record<string, unknown> = {}) => ({
  ...{ id, name: id, report: 'department-brief', formats: ['csv'], period: 'yesterday' },
  when: { kind: 'cron', cron: '0 7 * * *' },
  recipients: [{ destination: { kind: 'email', to: `${id}@city.example` } }],
  ...change,
})
