import { createSignal, createUniqueId, For, Show } from 'solid-js'
import { formatCount, formatDay, formatPeriod, formatStat } from '../../../server/words/format.ts'
import { type CommentsAnswer, type ThemesAnswer, useAnswer } from '../../api.ts'
import { DataTable } from '../../components/DataTable.tsx'
import { Loaded } from '../../components/States.tsx'
import { useFilters } from '../../filters.ts'

/** What people wrote about, and their words for those who may read them. Nothing where too few wrote. */
export function Voices() {
  const { api } = useFilters()
  const answer = useAnswer<ThemesAnswer>(() => api('/satisfaction/themes', { compare: 'none' }))
  const told = () => {
    const data = answer.data()
    return data?.comments == null
      ? undefined
      : { ...data, themes: data.themes.filter(({ comments }) => comments !== null) }
  }
  return (
    <Show when={told()}>
      {(data) => (
        <section class="section" id="voices">
          <h2>What people write about</h2>
          <p class="prose">
            {formatCount(data().comments ?? 0)} comments in {formatPeriod(data().period)}. A comment may be
            about several things; what fewer than {data().fewest} people wrote about is not told. Names,
            addresses and numbers are taken out before a comment is stored.
          </p>
          <DataTable
            caption={`Themes of the comments, ${formatPeriod(data().period)}`}
            rows={data().themes}
            columns={[
              { label: 'About', cell: (row) => row.label, sort: (row) => row.label },
              {
                label: 'Comments',
                number: true,
                cell: (row) => formatCount(row.comments ?? 0),
                sort: (row) => row.comments,
              },
              {
                label: 'Of all',
                number: true,
                cell: (row) => formatStat(row.share),
                sort: (row) => row.share.value,
              },
              {
                label: 'Satisfied',
                number: true,
                cell: (row) => formatStat(row.satisfied),
                sort: (row) => row.satisfied.value,
              },
            ]}
          />
          <Words />
        </section>
      )}
    </Show>
  )
}

/** The comments, once it is said what they are read for: that is written down. */
function Words() {
  const { api } = useFilters()
  const [purpose, setPurpose] = createSignal('')
  const id = createUniqueId()
  const answer = useAnswer<CommentsAnswer>(() =>
    purpose() === '' ? null : `${api('/comments')}&purpose=${encodeURIComponent(purpose())}`,
  )
  const submit = (event: SubmitEvent & { currentTarget: HTMLFormElement }) => {
    event.preventDefault()
    setPurpose(String(new FormData(event.currentTarget).get('purpose') ?? '').trim())
  }
  return (
    <>
      <h3>In their own words</h3>
      <form class="controls" onSubmit={submit}>
        <div class="field">
          <label for={id}>What do you read them for? It is written down with who reads.</label>
          <input id={id} name="purpose" required minlength={3} maxlength={200} autocomplete="off" />
        </div>
        <button type="submit" class="button">
          Show comments
        </button>
      </form>
      <Show when={purpose() !== ''}>
        <Loaded answer={answer} what="Comments" height={200}>
          {(data) => (
            <ul class="plain" aria-label="Comments, the newest first">
              <For each={data().comments} fallback={<li>Nobody wrote in this period.</li>}>
                {(row) => (
                  <li>
                    <p class="prose">{row.comment}</p>
                    <p class="muted">
                      {formatDay(row.answered_at.slice(0, 10))}
                      {row.rating === null ? '' : `, rated ${row.rating} of 5`}
                    </p>
                  </li>
                )}
              </For>
            </ul>
          )}
        </Loaded>
      </Show>
    </>
  )
}
