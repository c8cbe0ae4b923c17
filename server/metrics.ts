import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { AnswerCache } from './cache.ts'

/** What Prometheus reads: requests by route pattern (never by address, which may carry ids), and the process. */
export function createMetrics(cache: AnswerCache) {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const requests = new Histogram({
    name: 'clearway_http_request_seconds',
    help: 'Time to answer a request, in seconds, by method, route and status.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.06, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers: [registry],
  })
  new Gauge({
    name: 'clearway_answer_cache_bytes',
    help: 'Bytes of answers kept in memory.',
    registers: [registry],
    collect() {
      this.set(cache.bytes)
    },
  })
  const feedback = new Counter({
    name: 'clearway_feedback_total',
    help: 'Visits of the feedback form by how they ended: shown, accepted, or why they were refused.',
    labelNames: ['result'],
    registers: [registry],
  })
  return {
    feedback: (result: string) => feedback.inc({ result }),
    observe: (method: string, route: string, status: number, seconds: number) =>
      requests.observe({ method, route, status }, seconds),
    text: () => registry.metrics(),
    contentType: registry.contentType,
  }
}
