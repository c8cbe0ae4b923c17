import { useSearchParams } from '@solidjs/router'
import { createMemo, createSignal, For, Show } from 'solid-js'
import type { Answer, Load, Loads } from '../../api.ts'
import { type Column, DataTable } from '../../components/DataTable.tsx'
import { LoadState, streamWords } from '../../components/LoadState.tsx'
import { Empty, Loaded } from '../../components/States.tsx'
import { formatCount, formatMoment } from '../../format.ts'
import { loadName } from './words.ts'

/** How many loads are asked for: the most the API gives. */
export const mostLoads = 1000
const firstShown = 50

const filters = [
  { id: 'all', label: 'All loads', takes: () => true, none: 'Nothing has been loaded yet.' },
  {
    id: 'rejected',
    label: 'With rejected rows',
    takes: (load: Load) => load.rejected > 0,
    none: 'No load has rejected rows: everything fitted.',
  },
  {
    id: 'failed',
    label: 'Failed or cancelled',
    takes: ({ state }: Load) => state === 'failed' || state === 'cancelled',
    none: 'No load has failed.',
  },
]

/** What came in and what did not: every load with its sums. */
export function Ledger(props: { answer: Answer<Loads>; zone: string }) {
  const [search, setSearch] = useSearchParams<{ show?: string }>()
  const [all, setAll] = createSignal(false)
  const filter = () => filters.find(({ id }) => id === search.show) ?? filters[0]
  const loads = createMemo(() => props.answer.data()?.loads ?? [])
  const chosen = createMemo(() => loads().filter((load) => filter()?.takes(load) ?? true))
  const shown = createMemo(() => (all() ? chosen() : chosen().slice(0, firstShown)))
  const count = (takes: (load: Load) => boolean) => loads().filter(takes).length
  return (
    <section class="section" aria-labelledby="loads">
      <h2 id="loads">What came in and what did not</h2>
      <Loaded answer={props.answer} what="The list of loads" height={300}>
        {() => (
          <>
            <Sums loads={loads()} />
            <fieldset class="controls ledger-filter">
              <legend class="visually-hidden">Which loads</legend>
              <For each={filters}>
                {(one) => (
                  <button
                    type="button"
                    class="button"
                    aria-pressed={filter() === one}
                    onClick={() => setSearch({ show: one.id === 'all' ? undefined : one.id })}
                  >
                    {one.label} ({formatCount(count(one.takes))})
                  </button>
                )}
              </For>
            </fieldset>
            <Show when={chosen().length > 0} fallback={<Empty title={filter()?.none ?? ''} />}>
              <DataTable
                caption="Loads, newest first"
                hideCaption
                rows={shown()}
                columns={columns(props.zone)}
              />
            </Show>
            <Show when={shown().length < chosen().length}>
              <p class="section">
                <button type="button" class="button" onClick={() => setAll(true)}>
                  Show all {formatCount(chosen().length)}
                </button>
              </p>
            </Show>
            <Show when={loads().length === mostLoads}>
              <p class="muted">
                Only the newest {formatCount(mostLoads)} loads are listed and counted here; older ones are
                kept.
              </p>
            </Show>
          </>
        )}
      </Loaded>
    </section>
  )
}

/** The sums over loads that are done, in one sentence a newcomer can check. */
function Sums(props: { loads: readonly Load[] }) {
  const done = () => props.loads.filter(({ state }) => state === 'done')
  const sum = (key: 'read' | 'accepted' | 'rejected' | 'duplicates') =>
    formatCount(done().reduce((total, load) => total + load[key], 0))
  return (
    <Show when={done().length > 0}>
      <p class="prose">
        {sum('read')} rows were read: {sum('accepted')} accepted + {sum('rejected')} rejected +{' '}
        {sum('duplicates')} that were there already. Rejected rows are kept for 30 days, each with the reason:
        open a load to see and mend them.
      </p>
    </Show>
  )
}

const columns = (zone: string): Column<Load>[] => [
  {
    label: 'File',
    cell: (load) => <a href={`/data?load=${encodeURIComponent(load.load_id)}`}>{loadName(load)}</a>,
    sort: loadName,
  },
  { label: 'State', cell: (load) => <LoadState state={load.state} />, sort: (load) => load.state },
  { label: 'From', cell: (load) => load.source, sort: (load) => load.source },
  {
    label: 'What',
    cell: (load) => streamWords[load.stream] ?? load.stream,
    sort: (load) => load.stream,
  },
  { label: 'Read', number: true, cell: (load) => formatCount(load.read), sort: (load) => load.read },
  {
    label: 'Accepted',
    number: true,
    cell: (load) => formatCount(load.accepted),
    sort: (load) => load.accepted,
  },
  {
    label: 'Rejected',
    number: true,
    cell: (load) =>
      load.rejected > 0 ? <strong>{formatCount(load.rejected)}</strong> : formatCount(load.rejected),
    sort: (load) => load.rejected,
  },
  {
    label: 'Duplicates',
    number: true,
    cell: (load) => formatCount(load.duplicates),
    sort: (load) => load.duplicates,
  },
  {
    label: 'When',
    cell: (load) => <span class="nowrap">{formatMoment(load.started_at, zone)}</span>,
    sort: (load) => load.started_at,
  },
]
