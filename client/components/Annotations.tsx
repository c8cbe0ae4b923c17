import { createMemo, For, Show } from 'solid-js'
import type { Numbered } from '../../server/charts/marks.ts'
import { addDays } from '../../server/words/days.ts'
import { formatDay } from '../../server/words/format.ts'
import { type Annotations, useAnswer } from '../api.ts'
import { useMeta } from '../filters.ts'
import './annotations.css'

/** What was done and when, of one service and of all together, numbered by day. A service that is not given has none. */
export function useAnnotations(service: () => string | undefined) {
  const answer = useAnswer<Annotations>(() => {
    const id = service()
    return id === undefined ? null : `/api/v1/annotations?service=${encodeURIComponent(id)}`
  })
  const numbered = createMemo((): Numbered[] =>
    service() === undefined
      ? []
      : (answer.data()?.annotations ?? []).map((one, index) => ({ ...one, number: index + 1 })),
  )
  return { answer, numbered }
}

/** "12 May 2026", or "1 April 2026 to 14 April 2026". */
export function whenWords({ day, until }: Pick<Numbered, 'day' | 'until'>): string {
  const last = until === null ? day : addDays(until, -1)
  return last === day ? formatDay(day) : `${formatDay(day)} to ${formatDay(last)}`
}

/** One annotation in words: when, what, where, who. */
export function AnnotationWords(props: { one: Numbered }) {
  const meta = useMeta()
  const service = () => meta()?.services.find(({ id }) => id === props.one.service)?.name ?? props.one.service
  const about = () =>
    [
      props.one.stage && `stage ${props.one.stage}`,
      props.one.service === '' ? 'all services' : '',
      props.one.author && `noted by ${props.one.author}`,
    ]
      .filter(Boolean)
      .join(', ')
  return (
    <>
      <strong>{whenWords(props.one)}</strong>: <span title={service()}>{props.one.text}</span>
      <Show when={about()}>{(words) => <span class="muted"> ({words()})</span>}</Show>
    </>
  )
}

/** The words behind the numbered lines of a chart. */
export function MarkList(props: { annotations: readonly Numbered[] }) {
  return (
    <Show when={props.annotations.length > 0}>
      <div class="marks">
        <p>What was done</p>
        <ol>
          <For each={props.annotations}>
            {(one) => (
              <li value={one.number}>
                <AnnotationWords one={one} />
              </li>
            )}
          </For>
        </ol>
      </div>
    </Show>
  )
}
