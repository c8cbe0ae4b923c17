import { useSearchParams } from '@solidjs/router'
import { createSignal, For, Show } from 'solid-js'
import { formatMoment, formatPeriod } from '../../../server/words/format.ts'
import { type ReportVerified, useAnswer } from '../../api.ts'
import { Loaded } from '../../components/States.tsx'
import { StatusBadge } from '../../components/StatusBadge.tsx'
import { formatNames } from './words.ts'

const isChecksum = (text: string) => /^[0-9a-f]{16,64}$/i.test(text)

/** Whether a report somebody holds in hand is one that was sent from here, unchanged. */
export function Verify(props: { zone: string }) {
  const [search] = useSearchParams<{ verify?: string }>()
  const [typed, setTyped] = createSignal(search.verify ?? '')
  const [asked, setAsked] = createSignal(isChecksum(search.verify ?? '') ? (search.verify ?? '') : '')
  const [said, setSaid] = createSignal('')
  const answer = useAnswer<ReportVerified>(() => (asked() ? `/api/v1/reports/verify/${asked()}` : null))
  const ask = (text: string) => {
    const checksum = text.trim().replace(/\s/g, '')
    setSaid(isChecksum(checksum) ? '' : 'A checksum has 16 to 64 signs, 0 to 9 and a to f.')
    setAsked(isChecksum(checksum) ? checksum.toLowerCase() : '')
  }
  const read = async (file: File | undefined) => {
    if (!file) return
    setSaid(`Reading ${file.name} …`)
    if (!crypto.subtle)
      return setSaid(
        'This browser reckons checksums on secure pages only: type the one that stands on the report.',
      )
    const hash = await crypto.subtle.digest('SHA-256', await file.arrayBuffer())
    const checksum = [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
    setTyped(checksum)
    ask(checksum)
  }
  return (
    <section class="section" aria-labelledby="verify">
      <h2 id="verify">Is this report ours, and unchanged?</h2>
      <p class="prose muted">
        Choose the file: it stays on this device, only its checksum is asked for. Or type the checksum that
        stands on the report.
      </p>
      <form
        class="filter-row"
        onSubmit={(event) => {
          event.preventDefault()
          ask(typed())
        }}
      >
        <label class="field">
          <span>The file</span>
          <input type="file" onChange={(event) => void read(event.currentTarget.files?.[0])} />
        </label>
        <label class="field">
          <span>Or its checksum</span>
          <input
            spellcheck={false}
            autocomplete="off"
            value={typed()}
            onInput={(event) => setTyped(event.currentTarget.value)}
          />
        </label>
        <p class="controls">
          <button type="submit" class="button">
            Verify
          </button>
        </p>
      </form>
      <p role="status">{said()}</p>
      <Show when={asked()}>
        <Loaded answer={answer} what="The answer" height={80}>
          {(data) => (
            <Show
              when={data().found.length > 0}
              fallback={
                <div class="notice is-error">
                  <p>
                    <strong>Not known here.</strong> No report with this checksum was made here: it was
                    changed, or it comes from elsewhere.
                  </p>
                </div>
              }
            >
              <ul class="findings">
                <For each={data().found}>
                  {(found) => (
                    <li>
                      <StatusBadge status="on" word="Ours, unchanged" />
                      <p>
                        {found.title} of {formatPeriod(found.period)},{' '}
                        {formatNames[found.format as keyof typeof formatNames] ?? found.format}, made on{' '}
                        {formatMoment(found.made_at, props.zone)}
                        {found.as_of ? ` from data as of ${formatMoment(found.as_of, props.zone)}` : ''},
                        delivered {['to nobody', 'once'][found.delivered] ?? `${found.delivered} times`}.
                      </p>
                    </li>
                  )}
                </For>
              </ul>
            </Show>
          )}
        </Loaded>
      </Show>
    </section>
  )
}
