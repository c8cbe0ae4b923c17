import { createEffect, type JSX, onMount, Show } from 'solid-js'
import { useMeta } from '../filters.ts'

let visits = 0

/** The heading of a page. After a change of page the focus moves here, so that keyboards and screen readers follow. */
export function PageHead(props: {
  /** Short name for the tab. */
  name: string
  /** The heading; the name until it is known. */
  title?: string
  /** The heading is a sentence that depends on the data: its place is kept. */
  answer?: boolean
  children?: JSX.Element
}) {
  const meta = useMeta()
  let heading!: HTMLHeadingElement
  createEffect(() => {
    const place = meta()?.jurisdiction.name
    document.title = `${props.name} · ${place ? `${place} · ` : ''}Clearway`
  })
  onMount(() => {
    if (visits++ > 0 && !location.hash) heading.focus({ preventScroll: true })
  })
  return (
    <div class="page-head" classList={{ 'is-answer': props.answer ?? false }}>
      <h1 ref={heading} tabindex="-1">
        {props.title ?? props.name}
      </h1>
      <Show when={props.children}>
        <p class="lede">{props.children}</p>
      </Show>
    </div>
  )
}
