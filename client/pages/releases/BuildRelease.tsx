import { createSignal, For, Show } from 'solid-js'
import { formatMoment } from '../../../server/words/format.ts'
import type { Release, ReleaseInFull } from '../../api.ts'
import type { Act } from '../Releases.tsx'

/** Makes a draft of a month or of a correction. */
export function BuildRelease(props: { releases: Release[]; zone: string; act: Act; hasKey: boolean }) {
  const [correct, setCorrect] = createSignal('')
  const [month, setMonth] = createSignal('')
  const [reason, setReason] = createSignal('')
  const [at, setAt] = createSignal('')
  const [loosen, setLoosen] = createSignal('')
  const [said, setSaid] = createSignal<{ text: string; failed: boolean } | null>(null)
  const [busy, setBusy] = createSignal(false)
  const correctable = () => props.releases.filter(({ public_since }) => public_since !== null)
  const build = async () => {
    setBusy(true)
    setSaid(null)
    const given = {
      ...(correct() ? { correct: correct(), reason: reason() } : month().trim() && { month: month().trim() }),
      ...(at().trim() && { at: at().trim() }),
      ...(loosen().trim() && { loosen: loosen().trim() }),
    }
    try {
      const { id, published_at } = await props.act<ReleaseInFull>('', given)
      const minute = formatMoment(published_at, props.zone)
      setSaid({ text: `The draft ${id} is made; its minute is ${minute}.`, failed: false })
    } catch (error) {
      setSaid({ text: error instanceof Error ? error.message : 'The reason is not known.', failed: true })
    }
    setBusy(false)
  }
  return (
    <section class="section" aria-labelledby="build">
      <h2 id="build">Build a release</h2>
      <p class="prose">
        A draft is made from the data as it is now. A draft of the same month is replaced. Nobody outside sees
        it.
      </p>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void build()
        }}
      >
        <div class="filter-row">
          <Show when={correctable().length > 0}>
            <label class="field">
              <span>What</span>
              <select onChange={(event) => setCorrect(event.currentTarget.value)}>
                <option value="">A month</option>
                <For each={correctable()}>
                  {({ id }) => (
                    <option value={id} selected={correct() === id}>
                      A correction of {id}
                    </option>
                  )}
                </For>
              </select>
            </label>
          </Show>
          <Show
            when={correct()}
            fallback={
              <label class="field">
                <span>Month (empty: the last whole one)</span>
                <input
                  placeholder="2026-06"
                  value={month()}
                  onInput={(event) => setMonth(event.currentTarget.value)}
                />
              </label>
            }
          >
            <label class="field">
              <span>Why it is corrected</span>
              <input
                value={reason()}
                maxlength={400}
                onInput={(event) => setReason(event.currentTarget.value)}
              />
            </label>
          </Show>
          <label class="field">
            <span>Becomes public (empty: as the calendar says)</span>
            <input
              placeholder="2026-08-14T09:30"
              value={at()}
              onInput={(event) => setAt(event.currentTarget.value)}
            />
          </label>
          <label class="field">
            <span>Why small numbers are kept back less, if so</span>
            <input
              value={loosen()}
              maxlength={400}
              onInput={(event) => setLoosen(event.currentTarget.value)}
            />
          </label>
        </div>
        <p class="controls">
          <button type="submit" class="button" disabled={busy() || !props.hasKey}>
            Build the draft
          </button>
        </p>
      </form>
      <p role="status" class="source-said" classList={{ notice: said()?.failed ?? false }}>
        {busy() ? 'Reading all figures and making all files; this can take a minute …' : said()?.text}
      </p>
    </section>
  )
}
