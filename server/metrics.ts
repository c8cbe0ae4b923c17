import { statfs } from 'node:fs/promises'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Intake } from '../pipelines/sources/intake.ts'
import { readLastBackup } from './backup/lastBackup.ts'
import type { AnswerCache } from './cache.ts'
import type { StatusDesk } from './status/routes.ts'

type Measured = { cache: AnswerCache; status?: StatusDesk | undefined; intake?: Intake | undefined }

/**
 * What Prometheus reads: requests by route pattern (never by address, which may carry ids), the process, and what people are woken for
 * (`operation/alerts.yml`). What is not known has no value, rather than a wrong one.
 */
export function createMetrics({ cache, status, intake }: Measured) {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const requests = new Histogram({
    name: 'clearway_http_request_seconds',
    help: 'Time to answer a request, in seconds, by method, route and status.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.06, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers: [registry],
  })
  const gauge = (name: string, help: string, collect: (this: Gauge) => void | Promise<void>) =>
    new Gauge({ name, help, registers: [registry], collect })
  gauge('clearway_answer_cache_bytes', 'Bytes of answers kept in memory.', function () {
    this.set(cache.bytes)
  })
  const feedback = new Counter({
    name: 'clearway_feedback_total',
    help: 'Visits of the feedback form by how they ended: shown, accepted, or why they were refused.',
    labelNames: ['result'],
    registers: [registry],
  })
  if (status) ofStatus(registry, gauge, status)
  if (intake) ofIntake(registry, intake)
  return {
    feedback: (result: string) => feedback.inc({ result }),
    observe: (method: string, route: string, status: number, seconds: number) =>
      requests.observe({ method, route, status }, seconds),
    text: async () => {
      await status?.look()
      return registry.metrics()
    },
    contentType: registry.contentType,
  }
}

type MakeGauge = (name: string, help: string, collect: (this: Gauge) => void | Promise<void>) => Gauge

function ofStatus(registry: Registry, gauge: MakeGauge, { watch, known, dataDir }: StatusDesk): void {
  gauge('clearway_store_up', 'Whether the store answers: 1 or 0.', function () {
    this.set(Number(watch.seen().store.answers !== false))
  })
  gauge('clearway_data_disk_free_bytes', 'Room on the disk of the data folder.', async function () {
    const { bavail, bsize } = await statfs(dataDir)
    this.set(bavail * bsize)
  })
  gauge(
    'clearway_last_backup_timestamp_seconds',
    'When the last backup was made; 0 where none ever was.',
    async function () {
      const last = await readLastBackup(dataDir)
      this.set(last ? Date.parse(last.made_at) / 1000 : 0)
    },
  )
  new Gauge({
    name: 'clearway_part_well',
    help: 'Whether what the service needs is well: 1 or 0. Parts are disk, sign_in, tables.',
    labelNames: ['part', 'name'],
    registers: [registry],
    collect() {
      this.reset()
      for (const { part, name, well } of watch.seen().parts) this.set({ part, name }, Number(well))
    },
  })
  new Gauge({
    name: 'clearway_source_last_delivery_timestamp_seconds',
    help: 'When a source delivered last, as the store said when it was asked last.',
    labelNames: ['source', 'stream'],
    registers: [registry],
    collect() {
      this.reset()
      for (const { source, stream, loaded_at } of known()?.feeds ?? [])
        if (loaded_at) this.set({ source, stream }, Date.parse(loaded_at) / 1000)
    },
  })
  new Gauge({
    name: 'clearway_source_late',
    help: 'Whether a source has not delivered when it was due: 1 or 0.',
    labelNames: ['source', 'stream'],
    registers: [registry],
    collect() {
      this.reset()
      for (const { source, stream, state } of known()?.feeds ?? [])
        this.set({ source, stream }, Number(state === 'late' || state === 'silent'))
    },
  })
  new Gauge({
    name: 'clearway_reports',
    help: 'Reports of schedules of the last 30 days whose hour is over, by what became of them.',
    labelNames: ['result'],
    registers: [registry],
    collect() {
      const reports = known()?.reports
      if (reports)
        for (const result of ['due', 'on_time', 'waiting', 'failed', 'undelivered'] as const)
          this.set({ result }, reports[result])
    },
  })
}

function ofIntake(registry: Registry, intake: Intake): void {
  new Gauge({
    name: 'clearway_intake_waiting',
    help: 'Files, bodies or messages that are not loaded yet, by source.',
    labelNames: ['source'],
    registers: [registry],
    collect() {
      for (const { name, waiting } of intake.sources()) this.set({ source: name }, waiting)
    },
  })
  new Gauge({
    name: 'clearway_intake_troubled',
    help: 'Whether the last delivery of a source failed: 1 or 0.',
    labelNames: ['source'],
    registers: [registry],
    collect() {
      for (const { name, state } of intake.sources()) this.set({ source: name }, Number(state === 'troubled'))
    },
  })
}
