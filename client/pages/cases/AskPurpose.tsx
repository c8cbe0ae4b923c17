import { For, type JSX, Show } from 'solid-js'
import { useAnswer } from '../../api.ts'
import { PageHead } from '../../components/PageHead.tsx'
import { Loaded } from '../../components/States.tsx'
import { purpose, purposeWords, sayPurpose } from '../../purpose.ts'

type Purposes = { purposes: string[]; must_say: boolean }

/** Shows single cases to those who said once in this tab what for, where they have to. */
export function AskPurpose(props: { children: JSX.Element }) {
  const answer = useAnswer<Purposes>(() => '/api/v1/privacy/purposes')
  // who may not see cases is told so by the page itself
  return (
    <Show when={!answer.error()} fallback={props.children}>
      <Loaded answer={answer} what="What cases may be opened for" height={700}>
        {(data) => (
          <Show when={data().must_say && !data().purposes.includes(purpose())} fallback={props.children}>
            <Choice purposes={data().purposes} />
          </Show>
        )}
      </Loaded>
    </Show>
  )
}

function Choice(props: { purposes: string[] }) {
  let chosen!: HTMLSelectElement
  return (
    <>
      <PageHead name="Cases" title="What do you open single cases for?">
        Cases can lead to people. What you say is written down with what you open; you are asked once.
      </PageHead>
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
          Open the cases
        </button>
      </form>
    </>
  )
}
