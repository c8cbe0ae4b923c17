import { Show } from 'solid-js'
import type { Stat } from '../../sql/stat.ts'
import { formatCount, formatInterval, formatStat, missingReasons } from '../format.ts'

/** A figure in a table cell: never a bare number. A missing one says why. */
export function StatText(props: {
  stat: Stat | undefined
  interval?: boolean
  counted?: string
  quiet?: boolean
}) {
  return (
    <Show when={props.stat} fallback={<span class="muted">Does not apply</span>}>
      {(stat) => {
        const missing = () => {
          const { status } = stat()
          return status === 'ok' ? null : missingReasons[status]
        }
        return (
          <>
            <span
              classList={{ nowrap: !missing(), muted: Boolean(props.quiet && missing()) }}
              title={missing() ?? undefined}
            >
              {formatStat(stat())}
            </span>
            <Show when={props.counted && stat().status === 'ok'}>
              <span class="muted nowrap">
                of {formatCount(stat().denominator ?? stat().n)} {props.counted}
              </span>
            </Show>
            <Show when={props.interval && formatInterval(stat())}>
              {(words) => <span class="muted nowrap">{words().replace('95% range ', '')}</span>}
            </Show>
          </>
        )
      }}
    </Show>
  )
}
