import { type ParentProps, Show } from 'solid-js'
import { useMeta } from '../filters.ts'
import { Empty } from './States.tsx'

/** Shows a page of figures once there is data; before that, how to bring some in. */
export function NeedsData(props: ParentProps) {
  const meta = useMeta()
  return (
    <Show
      when={meta()?.held}
      fallback={
        <Empty title="No data has been loaded yet.">
          <p>
            <a href="/data#load-your-own">How to load your own data</a>
          </p>
        </Empty>
      }
    >
      {props.children}
    </Show>
  )
}
