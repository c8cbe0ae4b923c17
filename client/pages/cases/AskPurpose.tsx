import { type JSX, Show } from 'solid-js'
import { PageHead } from '../../components/PageHead.tsx'
import { PurposeForm, usePurposes } from '../../components/PurposeForm.tsx'
import { Loaded } from '../../components/States.tsx'

/** Shows single cases to those who said once in this tab what for, where they have to. */
export function AskPurpose(props: { children: JSX.Element }) {
  const { answer, isLacking } = usePurposes()
  // who may not see cases is told so by the page itself
  return (
    <Show when={!answer.error()} fallback={props.children}>
      <Loaded answer={answer} what="What cases may be opened for" height={700}>
        {(data) => (
          <Show when={isLacking()} fallback={props.children}>
            <PageHead name="Cases" title="What do you open single cases for?">
              Cases can lead to people. What you say is written down with what you open; you are asked once.
            </PageHead>
            <PurposeForm purposes={data().purposes} button="Open the cases" />
          </Show>
        )}
      </Loaded>
    </Show>
  )
}
