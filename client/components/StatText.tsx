import { Show } from 'solid-js'
import { formatCount, formatStat, missingReasons } from '../../server/words/format.ts'
import type { Stat } from '../../sql/stat.ts'

/** A figure in a table cell: never a bare number. A missing one says why; one of another kind of service is a dash. */
export function StatText(props: { stat: Stat | undefined; counted?: string }) {
  const foreign = () => !props.stat || ['not_collected', 'not_applicable'].includes(props.stat.status)
  return (
    <Show
      when={!foreign() && props.stat}
      fallback={
        <span class="muted">
          <span aria-hidden="true">–</span>
          <span class="visually-hidden">does not apply</span>
        </span>
      }
    >
      {(stat) => (
        <Show
          when={stat().status === 'ok'}
          fallback={
            <span class="muted" title={missingReasons[stat().status as 'too_few']}>
              {formatStat(stat())}
            </span>
          }
        >
          <span class="nowrap">{formatStat(stat())}</span>
          <Show when={props.counted}>
            <span class="muted nowrap">
              of {formatCount(stat().denominator ?? stat().n)} {props.counted}
            </span>
          </Show>
        </Show>
      )}
    </Show>
  )
}
