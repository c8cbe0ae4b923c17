import { certaintyWords } from '../../server/words/words.ts'

/** How sure a finding is: in words, and by how many standard errors it differs from chance. */
export function Confidence(props: { errors: number }) {
  return (
    <>
      <strong>{certaintyWords(props.errors)}</strong>{' '}
      <span class="muted">(the change measures {props.errors.toFixed(1)} standard errors)</span>
    </>
  )
}
