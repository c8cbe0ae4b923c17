import { statusShapes } from '../../server/words/statusShapes.ts'
import type { Status } from '../../server/words/words.ts'
import { statusWords } from '../../server/words/words.ts'

/** A status as shape and word: colour alone never says it. */
export function StatusBadge(props: { status: Status; word?: string }) {
  return (
    <span class={`badge ${props.status}`}>
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path d={statusShapes[props.status]} />
      </svg>
      {props.word ?? statusWords[props.status]}
    </span>
  )
}
