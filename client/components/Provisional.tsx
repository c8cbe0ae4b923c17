import { Show } from 'solid-js'
import { provisionalWords } from '../../server/words/provisional.ts'
import type { Kpis } from '../api.ts'
import { useMeta } from '../filters.ts'

/** Says which figures of a page may still change, and leads to what is missing. Nothing when all is there. */
export function Provisional(props: { missing: Kpis['missing'] | undefined }) {
  const meta = useMeta()
  return (
    <Show when={provisionalWords(props.missing ?? [], meta()?.services ?? [])}>
      {(words) => (
        <p class="notice">
          {words()} Figures with them may still change. <a href="/data#fresh">See what is missing</a>
        </p>
      )}
    </Show>
  )
}
