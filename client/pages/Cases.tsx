import { useSearchParams } from '@solidjs/router'
import { createEffect, createMemo, createSignal, For, on, Show } from 'solid-js'
import { formatCount, formatDay, formatDuring, formatHours, formatPeriod } from '../../server/words/format.ts'
import { type CaseRow, type Cases as CasesAnswer, useAnswer } from '../api.ts'
import { type CaseSearch, caseKeys, casesPath, reportPart } from '../cases.ts'
import { type Column, DataTable } from '../components/DataTable.tsx'
import { FilterBar } from '../components/FilterBar.tsx'
import { NeedsData } from '../components/NeedsData.tsx'
import { PageHead } from '../components/PageHead.tsx'
import { Empty, Loaded } from '../components/States.tsx'
import { StatusBadge } from '../components/StatusBadge.tsx'
import { csvOf, useFilters, useMeta } from '../filters.ts'
import { withPurpose } from '../purpose.ts'
import { AskPurpose } from './cases/AskPurpose.tsx'
import { CaseInFull } from './cases/CaseInFull.tsx'
import './cases/cases.css'

export default function Cases() {
  const [search] = useSearchParams<{ source?: string; case?: string }>()
  return (
    <NeedsData>
      <AskPurpose>
        <Show when={search.source !== undefined && search.case} keyed fallback={<List />}>
          {(id) => <CaseInFull source={search.source ?? ''} id={id} />}
        </Show>
      </AskPurpose>
    </NeedsData>
  )
}

const states = [
  ['all', 'All'],
  ['open', 'Open at the end of the period'],
  ['closed', 'Closed'],
  ['late', 'Late'],
] as const
const sorts = [
  ['wait', 'Longest wait first'],
  ['age', 'Longest in all first'],
  ['started', 'Newest first'],
] as const

function List() {
  const { api, period, page } = useFilters()
  const [search, setSearch] = useSearchParams<CaseSearch & Record<string, string>>()
  const choice = createMemo((): CaseSearch => {
    const given: CaseSearch = {}
    for (const key of caseKeys) if (search[key] !== undefined) given[key] = search[key]
    return given
  })
  const address = createMemo(() => {
    const chosen = new URLSearchParams(choice())
    return `${api('/cases', { compare: 'none' })}${chosen.size > 0 ? `&${chosen}` : ''}`
  })
  // Where each page that was opened begins; another question starts with its first page.
  const [starts, setStarts] = createSignal<string[]>([])
  createEffect(on(address, () => setStarts([]), { defer: true }))
  const answer = useAnswer<CasesAnswer>(() => {
    const cursor = starts().at(-1)
    return `${address()}${cursor ? `&cursor=${cursor}` : ''}`
  })
  const turn = (to: string[]) => {
    setStarts(to)
    document.getElementById('case-list')?.scrollIntoView()
  }
  // older figures keep their own heading
  const title = createMemo((shown: string | undefined) => {
    const data = answer.data()
    if (answer.stale()) return shown
    return data ? headline(data, choice(), formatDuring(period())) : undefined
  })
  return (
    <>
      <a class="crumb" href={page('/bottlenecks')}>
        All bottlenecks
      </a>
      <PageHead name="Cases" title={title()} answer>
        The cases behind a number, as they stood at the end of the period. Ids can lead to people: handle them
        with care.
      </PageHead>
      <FilterBar noCompare report={{ id: 'case-list', ...reportPart(choice()) }} />
      <div class="filter-row">
        <div class="field">
          <label for="case-state">Which cases</label>
          <select
            id="case-state"
            onChange={(event) => setSearch({ state: event.currentTarget.value }, { scroll: false })}
          >
            <For each={states}>
              {([id, label]) => (
                <option value={id} selected={(search.state ?? 'all') === id}>
                  {label}
                </option>
              )}
            </For>
          </select>
        </div>
        <div class="field">
          <label for="case-sort">In which order</label>
          <select
            id="case-sort"
            onChange={(event) => setSearch({ sort: event.currentTarget.value }, { scroll: false })}
          >
            <For each={sorts.filter(([id]) => id !== 'wait' || search.stage)}>
              {([id, label]) => (
                <option value={id} selected={(search.sort ?? (search.stage ? 'wait' : 'age')) === id}>
                  {label}
                </option>
              )}
            </For>
          </select>
        </div>
      </div>
      <Narrowed
        choice={choice()}
        drop={(keys) => setSearch(Object.fromEntries(keys.map((key) => [key, undefined])), { scroll: false })}
      />
      <Loaded answer={answer} what="The cases" height={700}>
        {(data) => (
          <Show
            when={data().cases.length > 0}
            fallback={
              <Empty title="No case fits.">
                <p>Choose a longer period or take a filter away.</p>
              </Empty>
            }
          >
            <Table data={data()} choice={choice()} />
            <div class="controls pager">
              <p class="muted" role="status">
                {answer.stale()
                  ? 'On its way'
                  : `${formatCount(starts().length * pageSize + 1)} to ${formatCount(starts().length * pageSize + data().cases.length)} of ${formatCount(data().total_cases)}`}
              </p>
              <Show when={starts().length > 0}>
                <button type="button" class="button" onClick={() => turn(starts().slice(0, -1))}>
                  The {pageSize} before
                </button>
              </Show>
              <Show when={data().next_cursor}>
                {(next) => (
                  <button type="button" class="button" onClick={() => turn([...starts(), next()])}>
                    The next {pageSize}
                  </button>
                )}
              </Show>
              <a
                class="button"
                href={withPurpose(csvOf(address()))}
                download="clearway-cases.csv"
                target="_self"
              >
                Download all as CSV
              </a>
            </div>
          </Show>
        )}
      </Loaded>
    </>
  )
}

/** As many as the API gives unless told otherwise. */
const pageSize = 100

/** What stands above the list: how many, and what they have in common. */
function headline(
  { total_cases, total_visits, total_there }: CasesAnswer,
  choice: CaseSearch,
  during: string,
): string {
  const count = `${formatCount(total_cases)} ${choice.state === 'late' ? 'late ' : ''}${total_cases === 1 ? 'case' : 'cases'}`
  if (choice.stage) {
    const visits = total_visits ?? 0
    const again = visits > total_cases ? `, in ${formatCount(visits)} visits` : ''
    const there = total_there ? ` or still stood there (${formatCount(total_there)})` : ''
    return `${count} left ${choice.stage} ${during}${there}${again}`
  }
  const was = total_cases === 1 ? 'was' : 'were'
  if (choice.state === 'open') return `${count} ${was} open at the end ${during.replace(/^\w+ /, 'of ')}`
  if (choice.state === 'closed') return `${count} ${was} closed ${during}`
  return `${count} ${was} under way ${during}`
}

/** What the address narrows the cases down to besides the filters, each to be taken away. */
function Narrowed(props: { choice: CaseSearch; drop: (keys: (keyof CaseSearch)[]) => void }) {
  const chips = () =>
    [
      props.choice.stage && {
        words: `Stage: ${props.choice.stage}`,
        keys: ['stage', 'also', 'from_stage'] as const,
      },
      props.choice.also && { words: 'Also those still there', keys: ['also'] as const },
      props.choice.from_stage && {
        words: `Coming from: ${props.choice.from_stage}`,
        keys: ['from_stage'] as const,
      },
      props.choice.dimension && {
        words: `${props.choice.dimension}: ${props.choice.value || 'not known'}`,
        keys: ['dimension', 'value'] as const,
      },
    ].filter((chip) => chip !== undefined && chip !== '')
  return (
    <Show when={chips().length > 0}>
      <ul class="chips" aria-label="Narrowed down to">
        <For each={chips()}>
          {(chip) => (
            <li>
              <button
                type="button"
                class="chip"
                aria-label={`Remove ${chip.words}`}
                onClick={() => props.drop([...chip.keys])}
              >
                {chip.words}
                <svg viewBox="0 0 10 10" aria-hidden="true">
                  <path d="M1 1l8 8M9 1L1 9" stroke="currentColor" stroke-width="2" />
                </svg>
              </button>
            </li>
          )}
        </For>
      </ul>
    </Show>
  )
}

function Table(props: { data: CasesAnswer; choice: CaseSearch }) {
  const meta = useMeta()
  const { page } = useFilters()
  const longest = () => Math.max(...props.data.cases.map(({ hours }) => hours), 1e-9)
  const several = (key: 'source' | 'service' | 'district' | 'channel' | 'team' | 'subtype') =>
    new Set(props.data.cases.map((one) => one[key])).size > 1
  const nameIn = (list: readonly { id: string; name: string }[] | undefined, id: string) =>
    list?.find((one) => one.id === id)?.name ?? (id || '–')
  const href = (one: CaseRow) => {
    const list = casesPath(page, props.choice)
    const own = new URLSearchParams({ source: one.source, case: one.case_id })
    return `${list}${list.includes('?') ? '&' : '?'}${own}`
  }
  const columns = (): Column<CaseRow>[] => [
    {
      label: 'Case',
      cell: (one) => (
        <>
          <a href={href(one)} classList={{ nowrap: one.case_id.length <= 20 }}>
            {one.case_id}
          </a>
          <Show when={several('source')}>
            <span class="muted">{one.source}</span>
          </Show>
        </>
      ),
    },
    ...(props.choice.stage
      ? [
          {
            label: `Waited before ${props.choice.stage}`,
            number: true,
            cell: (one: CaseRow) => (
              <>
                {formatHours(one.stage_hours ?? 0)}
                <Show when={one.stage_state !== 'left'}>
                  {' so far'}
                  <span class="muted">
                    {one.stage_state === 'in_work' ? 'now worked on' : 'still waiting'}
                  </span>
                </Show>
                <Show when={(one.stage_visits ?? 0) > 1}>
                  <span class="muted">{one.stage_visits} visits</span>
                </Show>
              </>
            ),
          },
        ]
      : []),
    { label: 'In all', cell: (one) => <Age one={one} share={one.hours / longest()} /> },
    { label: 'Promise', cell: (one) => <Promised one={one} /> },
    { label: 'Began', cell: (one) => <span class="nowrap">{formatDay(one.started_at)}</span> },
    {
      label: 'State',
      cell: (one) =>
        one.state === 'closed'
          ? `Closed ${formatDay(one.closed_at ?? '')}`
          : `Open, last: ${one.current_stage}`,
    },
    ...(several('service')
      ? [{ label: 'Service', cell: (one: CaseRow) => nameIn(meta()?.services, one.service) }]
      : []),
    { label: 'District', cell: (one) => nameIn(meta()?.districts, one.district) },
    { label: 'Channel', cell: (one) => nameIn(meta()?.channels, one.channel) },
    ...(several('team') ? [{ label: 'Team', cell: (one: CaseRow) => one.team || '–' }] : []),
    ...(several('subtype') ? [{ label: 'Kind', cell: (one: CaseRow) => one.subtype || '–' }] : []),
  ]
  return (
    <section class="section" id="case-list" aria-label="The cases">
      <ul class="key">
        <li>
          <span class="age-swatch" aria-hidden="true" /> closed
        </li>
        <li>
          <span class="age-swatch is-open" aria-hidden="true" /> still open
        </li>
      </ul>
      <Show when={props.choice.also}>
        <p class="muted prose">
          Counted are the visits to {props.choice.stage} that ended in the period, and those that had not
          ended by its last day, with their hours so far. An open case that nobody began is taken to stand
          where most cases of its district went next.
        </p>
      </Show>
      <DataTable
        caption={`Cases, ${formatPeriod(props.data.period)}`}
        rows={props.data.cases}
        columns={columns()}
      />
    </section>
  )
}

/** How long a case took or has been open, as a number and as a bar against the longest of the page. */
function Age(props: { one: CaseRow; share: number }) {
  return (
    <>
      <span class="nowrap">
        {formatHours(props.one.hours)}
        {props.one.state === 'open' ? ' so far' : ''}
      </span>
      <span
        class="age"
        classList={{ 'is-open': props.one.state === 'open' }}
        style={{ width: `${Math.max(1, props.share * 100)}%` }}
        aria-hidden="true"
      />
    </>
  )
}

function Promised(props: { one: CaseRow }) {
  return (
    <Show when={props.one.extended_due_at} fallback={<StatusBadge status="none" word="None" />}>
      <Show
        when={props.one.late_by_hours}
        fallback={
          <StatusBadge status="on" word={props.one.state === 'closed' ? 'In time' : 'Not late yet'} />
        }
      >
        {(hours) => <StatusBadge status="off" word={`Late by ${formatHours(hours())}`} />}
      </Show>
    </Show>
  )
}
