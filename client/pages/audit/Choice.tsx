import { createEffect, createSignal, For, on } from 'solid-js'
import { addDays, isDay } from '../../../server/words/days.ts'
import { deedWords } from '../../../server/words/deeds.ts'

/** What the address of the page chooses: `first` and `last` are days that count. */
export const chosenKeys = ['text', 'deed', 'actor', 'first', 'last'] as const
export type Chosen = { [key in (typeof chosenKeys)[number]]?: string }

/** The same as the API asks for it. */
export function searchOf({ text, deed, actor, first, last }: Chosen): URLSearchParams {
  const search = new URLSearchParams()
  if (text) search.set('search', text)
  if (deed && deed in deedWords) search.set('deed', deed)
  if (actor) search.set('actor', actor)
  if (first && isDay(first)) search.set('from', first)
  if (last && isDay(last)) search.set('until', addDays(last, 1))
  return search
}

const deedsByName = Object.entries(deedWords).sort(([, a], [, b]) => (a.label < b.label ? -1 : 1))

/** What to look for. It counts when it is sent, so that typing asks nothing. */
export function Choice(props: {
  chosen: Chosen
  choose: (wanted: Record<(typeof chosenKeys)[number], string>) => void
}) {
  const [typed, setTyped] = createSignal<Chosen>(props.chosen)
  createEffect(on(() => props.chosen, setTyped))
  const type = (key: keyof Chosen) => (event: { currentTarget: { value: string } }) =>
    setTyped({ ...typed(), [key]: event.currentTarget.value })
  const send = (wanted: Chosen) =>
    props.choose({ text: '', deed: '', actor: '', first: '', last: '', ...wanted })
  return (
    <form
      class="filter-row"
      aria-label="What to look for"
      onSubmit={(event) => {
        event.preventDefault()
        send(typed())
      }}
    >
      <label class="field">
        <span>Words</span>
        <input type="search" maxlength="200" value={typed().text ?? ''} onInput={type('text')} />
      </label>
      <label class="field">
        <span>Who</span>
        <input type="text" maxlength="200" value={typed().actor ?? ''} onInput={type('actor')} />
      </label>
      <label class="field">
        <span>What was done</span>
        <select onChange={type('deed')}>
          <option value="">Anything</option>
          <For each={deedsByName}>
            {([id, { label }]) => (
              <option value={id} selected={typed().deed === id}>
                {label}
              </option>
            )}
          </For>
        </select>
      </label>
      <label class="field">
        <span>First day</span>
        <input type="date" value={typed().first ?? ''} onInput={type('first')} />
      </label>
      <label class="field">
        <span>Last day</span>
        <input type="date" value={typed().last ?? ''} onInput={type('last')} />
      </label>
      <div class="controls">
        <button type="submit" class="button">
          Search
        </button>
        <button type="button" class="button" onClick={() => send({})}>
          Show everything
        </button>
      </div>
    </form>
  )
}
