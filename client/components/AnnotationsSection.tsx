import { createSignal, createUniqueId, For, type JSX, Show } from 'solid-js'
import { addDays } from '../../server/words/days.ts'
import { type Annotation, ApiError, remove, send, useRefresh } from '../api.ts'
import { AnnotationWords, useAnnotations, whenWords } from './Annotations.tsx'
import { Confirm } from './Confirm.tsx'
import { Loaded } from './States.tsx'

const address = '/api/v1/annotations'
const reasonOf = (error: unknown) =>
  error instanceof ApiError ? error.message : 'Something went wrong; nothing was changed.'

/** What was done for a service and when: all of it, with a way to add and to take away. */
export function AnnotationsSection(props: { service: string }) {
  const { answer, numbered } = useAnnotations(() => props.service)
  const refresh = useRefresh()
  const [said, setSaid] = createSignal('')
  const [wrong, setWrong] = createSignal('')
  let heading!: HTMLHeadingElement
  const tell = async (deed: () => Promise<unknown>, done: string): Promise<boolean> => {
    setSaid('')
    setWrong('')
    try {
      await deed()
      refresh(address)
      setSaid(done)
      return true
    } catch (error) {
      setWrong(reasonOf(error))
      return false
    }
  }
  const takeAway = (one: Annotation) =>
    tell(() => remove(`${address}/${one.id}`), `Deleted: ${one.text}`).then((gone) => {
      // the button that had the focus is gone
      if (gone) heading.focus()
    })
  return (
    <section class="section" aria-labelledby="annotations">
      <h2 id="annotations" ref={heading} tabindex="-1">
        What was done, and when
      </h2>
      <p class="muted">
        Notes stand as numbered lines on every chart over time of this service, so that everybody can see what
        came before a change.
      </p>
      <Loaded answer={answer} what="The notes" height={60}>
        {() => (
          <Show when={numbered().length > 0} fallback={<p>Nothing has been noted yet.</p>}>
            <ol class="notes">
              <For each={numbered()}>
                {(one) => (
                  <li value={one.number}>
                    <div>
                      <p>
                        <AnnotationWords one={one} />
                      </p>
                      <Show
                        when={!one.declared}
                        fallback={<p class="muted">Declared in the configuration.</p>}
                      >
                        <Confirm
                          label="Delete"
                          about={`the note of ${whenWords(one)}`}
                          question="Delete this note?"
                          yes="Delete it"
                          no="Keep it"
                          onYes={() => void takeAway(one)}
                        >
                          {whenWords(one)}: {one.text}
                        </Confirm>
                      </Show>
                    </div>
                  </li>
                )}
              </For>
            </ol>
          </Show>
        )}
      </Loaded>
      <AddForm
        add={(body) =>
          tell(
            () =>
              send(address, {
                headers: { 'content-type': 'application/json' },
                body: JSON.stringify({ service: props.service, ...body }),
              }),
            'Noted. It stands on the charts now.',
          )
        }
      />
      <p role="status">{said()}</p>
      <Show when={wrong()}>
        {(reason) => (
          <p class="notice is-error" role="alert">
            {reason()}
          </p>
        )}
      </Show>
    </section>
  )
}

type Body = { day: string; until: string | null; text: string; author: string }

function AddForm(props: { add: (body: Body) => Promise<boolean> }) {
  const [busy, setBusy] = createSignal(false)
  let form!: HTMLFormElement
  let lastDay!: HTMLInputElement
  const submit = async (event: SubmitEvent) => {
    event.preventDefault()
    const given = new FormData(form)
    const value = (name: string) => String(given.get(name) ?? '').trim()
    const [day, last] = [value('day'), value('last')]
    lastDay.setCustomValidity(last && last < day ? 'The last day must not be before the first.' : '')
    if (busy() || !form.reportValidity()) return
    setBusy(true)
    const body = { day, until: last ? addDays(last, 1) : null, text: value('text'), author: value('author') }
    if (await props.add(body)) form.reset()
    setBusy(false)
  }
  return (
    <form class="note-form" ref={form} onSubmit={(event) => void submit(event)}>
      <h3>Add a note</h3>
      <div class="filter-row">
        <Field label="Day it began">{(id) => <input id={id} name="day" type="date" required />}</Field>
        <Field label="Last day (if it ended)">
          {(id) => (
            <input
              id={id}
              name="last"
              type="date"
              ref={lastDay}
              onInput={(event) => event.currentTarget.setCustomValidity('')}
            />
          )}
        </Field>
        <Field label="Noted by (if you like)">
          {(id) => <input id={id} name="author" maxlength="100" autocomplete="off" />}
        </Field>
      </div>
      <Field label="What was done (no names of residents)">
        {(id) => <input id={id} name="text" maxlength="280" required autocomplete="off" />}
      </Field>
      <button type="submit" class="button" disabled={busy()}>
        Add the note
      </button>
    </form>
  )
}

function Field(props: { label: string; children: (id: string) => JSX.Element }) {
  const id = createUniqueId()
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      {props.children(id)}
    </div>
  )
}
