import { useSearchParams } from '@solidjs/router'
import { createMemo, For, Show } from 'solid-js'
import { formatCount, formatMoment } from '../../../server/words/format.ts'
import { streamWords } from '../../../server/words/streamWords.ts'
import { type Load, type Loads, useAnswer } from '../../api.ts'
import { type Column, DataTable } from '../../components/DataTable.tsx'
import { LoadState } from '../../components/LoadState.tsx'
import { Empty, Loaded } from '../../components/States.tsx'
import { loadName } from './words.ts'

/** The address of a page of the ledger: of all loads or one kind, the newest or those before a load number. */
export function ledgerPage(only = 'all', before = 0): string {
  const search = new URLSearchParams({ limit: '50' })
  if (only !== 'all') search.set('only', only)
  if (before > 0) search.set('before', `${before}`)
  return `/api/v1/loads?${search}`
}

const filters = [
  {
    id: 'all',
    label: 'All loads',
    of: (totals: Loads['totals']) => totals.loads,
    none: 'Nothing has been loaded yet.',
  },
  {
    id: 'rejected',
    label: 'With rejected rows',
    of: (totals: Loads['totals']) => totals.with_rejected,
    none: 'No load has rejected rows: everything fitted.',
  },
  {
    id: 'failed',
    label: 'Failed or cancelled',
    of: (totals: Loads['totals']) => totals.failed,
    none: 'No load has failed.',
  },
] as const

/** What came in and what did not: every load with its sums. */
export function Ledger(props: { zone: string }) {
  const [search, setSearch] = useSearchParams<{ show?: string; before?: string }>()
  const filter = createMemo(() => filters.find(({ id }) => id === search.show) ?? filters[0])
  const before = () => (/^[1-9]\d{0,9}$/.test(search.before ?? '') ? Number(search.before) : 0)
  const answer = useAnswer<Loads>(() => ledgerPage(filter().id, before()))
  return (
    <section class="section" aria-labelledby="loads">
      <h2 id="loads">What came in and what did not</h2>
      <Loaded answer={answer} what="The list of loads" height={300}>
        {(data) => (
          <>
            <Sums totals={data().totals} />
            <fieldset class="controls ledger-filter">
              <legend class="visually-hidden">Which loads</legend>
              <For each={filters}>
                {(one) => (
                  <button
                    type="button"
                    class="button"
                    aria-pressed={filter() === one}
                    onClick={() =>
                      setSearch({ show: one.id === 'all' ? undefined : one.id, before: undefined })
                    }
                  >
                    {one.label} ({formatCount(one.of(data().totals))})
                  </button>
                )}
              </For>
            </fieldset>
            <Show
              when={data().loads.length > 0}
              fallback={<Empty title={before() > 0 ? 'There are no older loads.' : filter().none} />}
            >
              <DataTable
                caption="Loads, newest first"
                hideCaption
                rows={data().loads}
                columns={columns(props.zone)}
              />
            </Show>
            <Show when={before() > 0 || data().next !== null}>
              <p class="section controls">
                <Show when={before() > 0}>
                  <button type="button" class="button" onClick={() => setSearch({ before: undefined })}>
                    Newest loads
                  </button>
                </Show>
                <Show when={data().next}>
                  {(next) => (
                    <button type="button" class="button" onClick={() => setSearch({ before: `${next()}` })}>
                      Older loads
                    </button>
                  )}
                </Show>
              </p>
            </Show>
          </>
        )}
      </Loaded>
    </section>
  )
}

/** The sums over loads that are done, in one sentence a newcomer can check. */
function Sums(props: { totals: Loads['totals'] }) {
  const rows = (key: 'read' | 'accepted' | 'rejected' | 'duplicates') => formatCount(props.totals[key])
  return (
    <Show when={props.totals.read > 0}>
      <p class="prose">
        {rows('read')} rows were read: {rows('accepted')} accepted + {rows('rejected')} rejected +{' '}
        {rows('duplicates')} that were there already. Rejected rows are kept for 30 days, each with the
        reason: open a load to see and mend them.
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
