import { For, Show } from 'solid-js'
import { useAnswer } from '../api.ts'
import { purpose, purposeWords, sayPurpose } from '../purpose.ts'

type Purposes = { purposes: string[]; must_say: boolean }

/** What single cases may be opened for, and whether whoever looks has to say it still. */
export function usePurposes() {
  const answer = useAnswer<Purposes>(() => '/api/v1/privacy/purposes')
  const isLacking = () => {
    const data = answer.data()
    return data?.must_say === true && !data.purposes.includes(purpose())
  }
  return { answer, isLacking }
}

/** A choice of purposes; the one that is said holds for this tab. */
export function PurposeForm(props: { purposes: string[]; button: string }) {
  let chosen!: HTMLSelectElement
  return (
    <form
      class="filter-row"
      onSubmit={(event) => {
        event.preventDefault()
        sayPurpose(chosen.value)
      }}
    >
      <label class="field">
        <span>I open them for</span>
        <select ref={chosen} required>
          <For each={props.purposes}>{(id) => <option value={id}>{purposeWords(id)}</option>}</For>
        </select>
      </label>
      <button type="submit" class="button">
        {props.button}
      </button>
    </form>
  )
}

/** In front of reports that show single cases: asks what for, where that has to be said. */
export function PurposeFirst(props: { what: string }) {
  const { answer, isLacking } = usePurposes()
  return (
    <Show when={isLacking() && answer.data()}>
      {(data) => (
        <div class="notice">
          <p>
            {props.what} shows single cases, which can lead to people. Say what you open them for: it is
            written down, and you are asked once.
          </p>
          <PurposeForm purposes={data().purposes} button="Say so" />
        </div>
      )}
    </Show>
  )
}
