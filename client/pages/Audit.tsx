import { useSearchParams } from '@solidjs/router'
import { createEffect, createMemo, createSignal, For, on, Show } from 'solid-js'
import { auditTitle, faultSentence } from '../../server/words/deeds.ts'
import { formatCount, formatMoment } from '../../server/words/format.ts'
import { type Audit as AuditAnswer, type AuditState, useAnswer } from '../api.ts'
import { PageHead } from '../components/PageHead.tsx'
import { Loaded } from '../components/States.tsx'
import { csvOf, useMeta } from '../filters.ts'
import { Choice, type Chosen, chosenKeys, searchOf } from './audit/Choice.tsx'
import { Entries } from './audit/Entries.tsx'

/** Who did what, when and what for, for those who look after that. */
export default function Audit() {
  const meta = useMeta()
  const zone = () => meta()?.jurisdiction.time_zone ?? 'UTC'
  const [search, setSearch] = useSearchParams<Chosen & Record<string, string>>()
  const chosen = createMemo((): Chosen => {
    const given: Chosen = {}
    for (const key of chosenKeys) if (search[key]) given[key] = search[key]
    return given
  })
  const address = createMemo(() => {
    const asked = searchOf(chosen()).toString()
    return `/api/v1/audit${asked && `?${asked}`}`
  })
  // Where each page that was opened begins; another question starts with its first page.
  const [starts, setStarts] = createSignal<string[]>([])
  createEffect(on(address, () => setStarts([]), { defer: true }))
  const state = useAnswer<AuditState>(() => '/api/v1/audit/state')
  const answer = useAnswer<AuditAnswer>(() => {
    const cursor = starts().at(-1)
    return cursor ? `${address()}${address().includes('?') ? '&' : '?'}cursor=${cursor}` : address()
  })
  return (
    <>
      <PageHead name="Audit" title={state.data() && auditTitle(state.data() as AuditState)} answer>
        Who did what, when and what for. Entries are only added, and each carries a mark of the one before it,
        so that a change of any of them shows.
      </PageHead>
      <Show
        when={answer.data()}
        fallback={<Loaded answer={answer} what="The audit" height={400} children={() => null} />}
      >
        <Show when={state.data()}>{(now) => <State state={now()} zone={zone()} />}</Show>
        <Choice chosen={chosen()} choose={(wanted) => setSearch(wanted, { scroll: false })} />
        <Loaded answer={answer} what="The audit" height={400}>
          {(data) => (
            <>
              <Entries
                entries={data().entries}
                zone={zone()}
                narrowed={Object.keys(chosen()).length > 0}
                names={(id) => meta()?.services.find((one) => one.id === id)?.name ?? id}
              />
              <div class="controls pager">
                <Show when={starts().length > 0}>
                  <button type="button" class="button" onClick={() => setStarts(starts().slice(0, -1))}>
                    Newer entries
                  </button>
                </Show>
                <Show when={data().next_cursor}>
                  {(next) => (
                    <button type="button" class="button" onClick={() => setStarts([...starts(), next()])}>
                      Older entries
                    </button>
                  )}
                </Show>
                <a class="button" href={csvOf(address())} download="clearway-audit.csv" target="_self">
                  Download all as CSV
                </a>
                <a
                  class="button"
                  href={csvOf(address()).replace(/csv$/, 'ndjson')}
                  download="clearway-audit.ndjson"
                  target="_self"
                >
                  as NDJSON
                </a>
              </div>
            </>
          )}
        </Loaded>
      </Show>
    </>
  )
}

/** Whether the audit can be trusted, and what is wrong where it cannot. */
function State(props: { state: AuditState; zone: string }) {
  return (
    <Show
      when={props.state.whole}
      fallback={
        <div class="notice is-error" role="alert">
          <p>
            <strong>Somebody changed the audit, or the disk is damaged.</strong> Keep a copy of the data
            folder as it is, and tell whoever answers for security.
          </p>
          <ul>
            <For each={props.state.faults}>{(fault) => <li>{faultSentence(fault)}</li>}</For>
          </ul>
        </div>
      }
    >
      <p class="muted">
        Every entry was checked at {formatMoment(props.state.checked_at, props.zone)}.
        <Show when={props.state.emptied > 0}>
          {' '}
          {formatCount(props.state.emptied)} no longer say with what: a person was erased.
        </Show>{' '}
        <code>clearway audit verify --head FILE</code> also tells when the newest entries are cut off.
      </p>
    </Show>
  )
}
