import { createMemo } from 'solid-js'
import { figuresOfServices, sideBySide } from '../../server/words/services.ts'
import { withStatus } from '../../server/words/words.ts'
import type { KpiId } from '../../sql/kpis.ts'
import { type Answer, type By, useAnswer } from '../api.ts'
import { useFilters, useMeta } from '../filters.ts'

/** The figures of every service side by side: one question a KPI, however many services there are. */
export function useServiceFigures() {
  const meta = useMeta()
  const { api, period } = useFilters()
  const answers = sideBySide.map((id): [KpiId, Answer<By>] => [
    id,
    useAnswer<By>(() => (meta()?.held ? api(`/kpis/${id}/by/service`) : null)),
  ])
  const services = createMemo(() =>
    withStatus(
      figuresOfServices(
        meta()?.services ?? [],
        answers.map(([id, answer]) => [id, answer.data()] as const),
      ),
      period(),
    ),
  )
  return {
    services,
    /** What the period misses; the same for every figure. */
    missing: () => answers[0]?.[1].data()?.missing,
    pending: () => answers.some(([, answer]) => answer.pending()),
    stale: () => answers.some(([, answer]) => answer.stale()),
    error: () => answers.find(([, answer]) => answer.error())?.[1],
  }
}
