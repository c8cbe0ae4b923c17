import { type JSX, Show } from 'solid-js'
import type { Answer } from '../api.ts'
import { ApiError } from '../api.ts'

/** Holds the place of something that is on its way. `height` in pixels. */
export function Skeleton(props: { height: number; label?: string }) {
  return (
    <div aria-busy="true">
      <span class="visually-hidden">{props.label ?? 'Loading'}</span>
      <span class="skeleton" style={{ height: `${props.height}px` }} />
    </div>
  )
}

/** Says why there is nothing and what to do next. */
export function Empty(props: { title: string; children?: JSX.Element }) {
  return (
    <div class="notice">
      <p>
        <strong>{props.title}</strong>
      </p>
      {props.children}
    </div>
  )
}

/** Says what failed, how to try again, and the id that finds it in the log. */
export function ErrorNotice(props: { what: string; error: unknown; retry?: () => void; older?: boolean }) {
  return (
    <div class="notice is-error" role="alert">
      <p>
        <strong>{props.what} could not be loaded.</strong>{' '}
        {props.error instanceof Error ? props.error.message : 'The reason is not known.'}
        {props.older ? ' The last figures are still shown.' : ''}
      </p>
      <Show when={props.error instanceof ApiError && props.error.requestId}>
        {(id) => <p class="muted">Request {id()}</p>}
      </Show>
      <Show when={props.retry}>
        {(retry) => (
          <p>
            <button type="button" class="button" onClick={() => retry()()}>
              Try again
            </button>
          </p>
        )}
      </Show>
    </div>
  )
}

/** An answer in its four states: on its way, here, here but older, failed. */
export function Loaded<T>(props: {
  answer: Answer<T>
  what: string
  height: number
  children: (data: () => T) => JSX.Element
}) {
  return (
    <>
      <Show when={props.answer.error()}>
        {(error) => (
          <ErrorNotice
            what={props.what}
            error={error()}
            retry={props.answer.retry}
            older={props.answer.data() !== undefined}
          />
        )}
      </Show>
      <Show
        when={props.answer.data() !== undefined}
        fallback={
          <Show when={!props.answer.error()}>
            <Skeleton height={props.height} label={`${props.what}: loading`} />
          </Show>
        }
      >
        <div classList={{ 'is-stale': props.answer.stale() }} aria-busy={props.answer.stale()}>
          {props.children(() => props.answer.data() as T)}
        </div>
      </Show>
    </>
  )
}
