import { createSignal, onCleanup, Show } from 'solid-js'
import { fetchFile } from '../../api.ts'

/** Makes the report now, as a recipient would get it, and shows it; nothing is sent. */
export function PreviewButton(props: { about: string; asked: () => object; disabled?: boolean }) {
  const [busy, setBusy] = createSignal(false)
  const [made, setMade] = createSignal<{ url: string; name: string; shown: boolean } | null>(null)
  const [failed, setFailed] = createSignal('')
  const forget = () => {
    const old = made()
    if (old) URL.revokeObjectURL(old.url)
    setMade(null)
  }
  onCleanup(forget)
  const look = async () => {
    setBusy(true)
    setFailed('')
    forget()
    try {
      const { blob, name } = await fetchFile('/api/v1/reports/preview', props.asked())
      const shown = /^application\/pdf|^text\/html/.test(blob.type)
      setMade({ url: URL.createObjectURL(blob), name, shown })
    } catch (error) {
      setFailed(error instanceof Error ? error.message : 'The reason is not known.')
    }
    setBusy(false)
  }
  return (
    <>
      <button type="button" class="button" disabled={busy() || props.disabled} onClick={() => void look()}>
        {busy() ? 'Making it …' : 'Preview'}
        <span class="visually-hidden"> ({props.about})</span>
      </button>
      <Show when={made()}>
        {(file) => (
          <span class="links">
            <Show when={file().shown}>
              <a href={file().url} target="_blank" rel="noreferrer">
                Open the preview
                <span class="visually-hidden"> ({props.about})</span>
              </a>
            </Show>
            <a href={file().url} download={file().name} target="_self">
              Save {file().shown ? 'it' : file().name}
              <span class="visually-hidden"> ({props.about})</span>
            </a>
          </span>
        )}
      </Show>
      <span class="visually-hidden" role="status">
        {made() ? `The preview of ${props.about} is made.` : ''}
      </span>
      <Show when={failed()}>
        <p class="notice is-error" role="alert">
          {failed()}
        </p>
      </Show>
    </>
  )
}
