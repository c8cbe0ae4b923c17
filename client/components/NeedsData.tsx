import { type ParentProps, Show } from 'solid-js'
import { useMeta } from '../filters.ts'
import { PageHead } from './PageHead.tsx'
import { Empty } from './States.tsx'

/** Shows a page of figures once there is data; before that, how to bring some in. */
export function NeedsData(props: ParentProps) {
  const meta = useMeta()
  return (
    <Show
      when={meta()?.held}
      fallback={
        <>
          <PageHead name="No data has been loaded yet" />
          <Empty title="There is nothing to show so far.">
            <p>
              <a href="/data#load-your-own">How to load your own data</a>
            </p>
          </Empty>
        </>
      }
    >
      {props.children}
    </Show>
  )
}
