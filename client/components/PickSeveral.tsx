import { createUniqueId, For, Show } from 'solid-js'
import { andList } from '../../server/words/words.ts'

/** Adds one value after the other; `all` takes them away again. */
export function PickSeveral(props: {
  label: string
  all: string
  choices: readonly { id: string; name: string }[]
  chosen: string[]
  onChange: (chosen: string[]) => void
}) {
  const id = createUniqueId()
  const name = (one: string) => props.choices.find((choice) => choice.id === one)?.name ?? one
  const kept = '\u0000'
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      <select
        id={id}
        onChange={(event) => {
          const value = event.currentTarget.value
          event.currentTarget.value = props.chosen.length > 0 ? kept : ''
          if (value !== kept) props.onChange(value ? [...new Set([...props.chosen, value])] : [])
        }}
      >
        <Show when={props.chosen.length > 0}>
          <option value={kept} selected>
            {andList(props.chosen.map(name))}
          </option>
        </Show>
        <option value="" selected={props.chosen.length === 0}>
          {props.all}
        </option>
        <For each={props.choices.filter((choice) => !props.chosen.includes(choice.id))}>
          {(choice) => (
            <option value={choice.id}>{props.chosen.length > 0 ? `and ${choice.name}` : choice.name}</option>
          )}
        </For>
      </select>
    </div>
  )
}
