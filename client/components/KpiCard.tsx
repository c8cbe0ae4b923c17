import { Show } from 'solid-js'
import { cardBadge, cardNotes } from '../../server/words/card.ts'
import { formatParts, missingWords } from '../../server/words/format.ts'
import type { KpiDefinition, KpiFigure, Kpis } from '../api.ts'
import { StatusBadge } from './StatusBadge.tsx'

/** One figure as a contract: what, how much, out of how many, against what, and whether the change is real. */
export function KpiCard(props: {
  figure: KpiFigure
  kpi: KpiDefinition
  comparePeriod: Kpis['compare_period']
}) {
  const stat = () => props.figure.stat
  const value = () => (stat().status === 'ok' ? stat().value : null)
  const badge = () => cardBadge(props.figure)
  return (
    <li class="card">
      <h3>{props.kpi.label}</h3>
      <Show
        when={value() !== null}
        fallback={
          <p class="kpi is-missing">
            {missingWords[stat().status === 'ok' ? 'not_applicable' : (stat().status as 'hidden')]}
          </p>
        }
      >
        <p class="kpi">
          {formatParts(value() ?? 0, stat().unit).number}{' '}
          <small>{formatParts(value() ?? 0, stat().unit).unit}</small>
        </p>
        <p>
          <StatusBadge status={badge().status} word={badge().word} />
        </p>
      </Show>
      <p class="muted">{cardNotes(props.figure, props.kpi, props.comparePeriod).join(' ')}</p>
      <p class="more">
        <a href={`/glossary#kpi-${props.kpi.id}`} aria-label={`How “${props.kpi.label}” is measured`}>
          How this is measured
        </a>
      </p>
    </li>
  )
}
