import { createUniqueId, type JSX, Show } from 'solid-js'

/** A button whose deed cannot be taken back: it asks before it does it. Escape means no. */
export function Confirm(props: {
  label: string
  /** What the deed is done to, for those who hear the button alone. */
  about?: string
  /** What is asked, as a heading. */
  question: string
  yes: string
  no: string
  onYes: () => void
  disabled?: boolean
  children: JSX.Element
}) {
  const id = createUniqueId()
  let dialog!: HTMLDialogElement
  return (
    <>
      <button type="button" class="button" disabled={props.disabled} onClick={() => dialog.showModal()}>
        {props.label}
        <Show when={props.about}>{(about) => <span class="visually-hidden"> {about()}</span>}</Show>
      </button>
      <dialog ref={dialog} class="dialog" aria-labelledby={id}>
        <h3 id={id}>{props.question}</h3>
        <p>{props.children}</p>
        <form method="dialog" class="controls">
          <button type="submit" class="button">
            {props.no}
          </button>
          <button type="submit" class="button is-grave" onClick={() => props.onYes()}>
            {props.yes}
          </button>
        </form>
      </dialog>
    </>
  )
}
