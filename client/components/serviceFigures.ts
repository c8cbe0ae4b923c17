import { createMemo } from 'solid-js'
import { type ServiceFigures, withStatus } from '../../server/words/words.ts'
import type { KpiId } from '../../sql/kpis.ts'
import { type Answer, type By, useAnswer } from '../api.ts'
import { useFilters, useMeta } from '../filters.ts'

const wanted = [
  'requests_received',
  'requests_closed',
  'backlog',
  'time_to_outcome_median',
  'on_time_rate',
  'wait_in_time_rate',
  'wait_median',
  'satisfied_share',
] as const satisfies KpiId[]

/** The figures of every service side by side: one question a KPI, however many services there are. */
export function useServiceFigures() {
  const meta = useMeta()
  const { api, period } = useFilters()
  const answers = wanted.map((id): [KpiId, Answer<By>] => [
    id,
    useAnswer<By>(() => (meta()?.held ? api(`/kpis/${id}/by/service`) : null)),
  ])
  const services = createMemo(() => {
    const known = meta()?.services ?? []
    const figures = known.flatMap((service): ServiceFigures[] => {
      const rows: ServiceFigures['rows'] = {}
      for (const [id, answer] of answers) {
        const row = answer.data()?.rows.find(({ value }) => value === service.id)
        if (row) rows[id] = row
      }
      return Object.keys(rows).length > 0 ? [{ service, rows }] : []
    })
    return withStatus(figures, period())
  })
  return {
    services,
    /** What the period misses; the same for every figure. */
    missing: () => answers[0]?.[1].data()?.missing,
    pending: () => answers.some(([, answer]) => answer.pending()),
    stale: () => answers.some(([, answer]) => answer.stale()),
    error: () => answers.find(([, answer]) => answer.error())?.[1],
  }
}
