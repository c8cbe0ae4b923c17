import { Show } from 'solid-js'
import {
  formatCount,
  formatInterval,
  formatParts,
  missingReasons,
  missingWords,
} from '../../server/words/format.ts'
import { changeWords, countedWords, statusWords, targetWords } from '../../server/words/words.ts'
import type { KpiDefinition, KpiFigure, Kpis } from '../api.ts'
import { StatusBadge } from './StatusBadge.tsx'

const upOrDown = { better: 'on', worse: 'off', changed: 'none', no_clear_change: 'none' } as const
const changeBadge = {
  better: 'Better',
  worse: 'Worse',
  changed: 'Changed',
  no_clear_change: 'No clear change',
}

/** One figure as a contract: what, how much, out of how many, against what, and whether the change is real. */
export function KpiCard(props: {
  figure: KpiFigure
  kpi: KpiDefinition
  comparePeriod: Kpis['compare_period']
}) {
  const stat = () => props.figure.stat
  const value = () => (stat().status === 'ok' ? stat().value : null)
  const counted = () => countedWords[props.kpi.id] ?? 'requests'
  const basis = () => {
    const { numerator, denominator, n, unit } = stat()
    if (unit === 'count') return ''
    if (unit === 'share' && denominator !== null)
      return `${numerator === null ? '' : `${formatCount(numerator)} of `}${formatCount(denominator)} ${counted()}`
    return `from ${formatCount(n)} ${counted()}`
  }
  return (
    <li class="card">
      <h3>{props.kpi.label}</h3>
      <Show
        when={value() !== null}
        fallback={
          <>
            <p class="kpi is-missing">
              {missingWords[stat().status === 'ok' ? 'not_applicable' : (stat().status as 'hidden')]}
            </p>
            <p class="muted">
              {missingReasons[stat().status === 'ok' ? 'not_applicable' : (stat().status as 'hidden')]}
            </p>
          </>
        }
      >
        <p class="kpi">
          {formatParts(value() ?? 0, stat().unit).number}{' '}
          <small>{formatParts(value() ?? 0, stat().unit).unit}</small>
        </p>
        <p>
          <Show
            when={props.figure.target !== null && props.figure.status !== 'none'}
            fallback={<ChangeBadge figure={props.figure} />}
          >
            <StatusBadge status={props.figure.status} word={statusWords[props.figure.status]} />
          </Show>
        </p>
        <p class="muted">
          <Show when={props.figure.target}>
            {(target) => <>{targetWords(target(), stat(), props.kpi.better)} </>}
          </Show>
          {changeWords(props.figure.change, stat(), props.comparePeriod)}{' '}
          <Show when={formatInterval(stat())}>{(words) => <>{words()}. </>}</Show>
          <Show when={stat().complete < 0.995}>
            So far: the data covers {Math.floor(stat().complete * 100)}% of the period.{' '}
          </Show>
          <Show when={basis()}>
            <span>{capital(basis())}.</span>
          </Show>
        </p>
      </Show>
      <p class="more">
        <a href={`/glossary#kpi-${props.kpi.id}`} aria-label={`How “${props.kpi.label}” is measured`}>
          How this is measured
        </a>
      </p>
    </li>
  )
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

function ChangeBadge(props: { figure: KpiFigure }) {
  return (
    <Show
      when={props.figure.change.verdict !== 'no_comparable_data' ? props.figure.change.verdict : null}
      fallback={<StatusBadge status="none" word="No comparison" />}
    >
      {(verdict) => <StatusBadge status={upOrDown[verdict()]} word={changeBadge[verdict()]} />}
    </Show>
  )
}
