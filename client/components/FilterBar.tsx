import { createMemo, createSignal, createUniqueId, For, type JSX, Show } from 'solid-js'
import { addDays, presets } from '../../server/words/days.ts'
import { formatPeriod } from '../../server/words/format.ts'
import type { Filters } from '../../sql/filters.ts'
import { periodWords, type Segment, typedPeriod } from '../address.ts'
import type { Meta } from '../api.ts'
import { useFilters, useMeta } from '../filters.ts'
import { PickSeveral } from './PickSeveral.tsx'

type Choice = { id: string; name: string }

type BarProps = {
  without?: Segment[]
  noCompare?: boolean
  /** What changed is told beside the same period last year, as seasons are no change. */
  lastYear?: boolean
  /** The report that tells what the page shows, with what the page has chosen beside the filters of the address. */
  report?: { id: string; filters?: Partial<Filters>; options?: Record<string, string> } | undefined
}

/** The choices of the reader. All of them live in the address. */
export function FilterBar(props: BarProps) {
  const meta = useMeta()
  return <Show when={meta()}>{(known) => <Bar meta={known()} {...props} />}</Show>
}

const names: Record<Segment, string> = {
  service: 'Service',
  department: 'Department',
  district: 'District',
  channel: 'Channel',
  team: 'Team',
}

function Bar(props: BarProps & { meta: Meta }) {
  const { filters, period, problems, change, page } = useFilters()
  const [open, setOpen] = createSignal(false)
  const [more, setMore] = createSignal(false)
  const offered = createMemo(() => (props.meta.held ? presets(props.meta.held) : []))
  const preset = createMemo(
    () =>
      offered().find(({ from, until }) => from === period().from && until === period().until)?.id ?? 'own',
  )
  const [typing, setTyping] = createSignal(false)
  const choices = (key: Segment): Choice[] =>
    ({
      service: props.meta.services,
      department: props.meta.departments,
      district: props.meta.districts,
      channel: props.meta.channels,
      team: props.meta.teams,
    })[key]
  const shown = (key: Segment) => !props.without?.includes(key) && choices(key).length > 1
  const chosen = createMemo(() =>
    (Object.keys(names) as Segment[])
      .filter((key) => !props.without?.includes(key))
      .flatMap((key) =>
        filters()[key].map((id) => ({
          key,
          id,
          name: choices(key).find((choice) => choice.id === id)?.name ?? id,
        })),
      ),
  )
  /** The form that sends this view as a report, as it is. */
  const reportAddress = () => {
    const { id, filters, options } = props.report ?? { id: 'department-brief' }
    const address = page('/reports', filters)
    return `${address}${address.includes('?') ? '&' : '?'}${new URLSearchParams({ report: id, ...options })}#new`
  }
  const changed = () =>
    chosen().length > 0 || filters().from || filters().until || filters().compare !== 'previous'
  const choosePreset = (id: string) => {
    const wanted = offered().find((one) => one.id === id)
    setTyping(id === 'own')
    if (id === 'own') setMore(true)
    else if (id === 'month') change({ from: undefined, until: undefined })
    else if (wanted) change({ from: wanted.from, until: wanted.until })
  }
  return (
    <section class="filters" aria-label="Filters">
      <button
        type="button"
        class="button filters-button"
        aria-expanded={open()}
        onClick={() => setOpen(!open())}
      >
        Filters: {formatPeriod(period())}
        {chosen().length ? `, ${chosen().length} more` : ''}
      </button>
      <div class="filter-fields" classList={{ 'is-open': open() }}>
        <div class="filter-row">
          <Field label="Period">
            {(id) => (
              <select id={id} onChange={(event) => choosePreset(event.currentTarget.value)}>
                <For each={offered()}>
                  {(one) => (
                    <option value={one.id} selected={!typing() && preset() === one.id}>
                      {one.label}: {formatPeriod(one)}
                    </option>
                  )}
                </For>
                <option value="own" selected={typing() || preset() === 'own'}>
                  Own dates
                </option>
              </select>
            )}
          </Field>
          <Show when={!props.noCompare}>
            <Field label="Compare with">
              {(id) => (
                <select
                  id={id}
                  onChange={(event) => {
                    const compare = event.currentTarget.value
                    if (compare === 'previous' || compare === 'year' || compare === 'none')
                      change({ compare })
                  }}
                >
                  <Show
                    when={props.lastYear}
                    fallback={
                      <>
                        <option value="previous" selected={filters().compare === 'previous'}>
                          Period before
                        </option>
                        <option value="year" selected={filters().compare === 'year'}>
                          Same period last year
                        </option>
                      </>
                    }
                  >
                    <option value="year" selected={filters().compare !== 'none'}>
                      Last year, or the period before
                    </option>
                  </Show>
                  <option value="none" selected={filters().compare === 'none'}>
                    No comparison
                  </option>
                </select>
              )}
            </Field>
          </Show>
          <Show when={shown('service')}>
            <Pick segment="service" all="All services" choices={choices('service')} />
          </Show>
          <button type="button" class="button" aria-expanded={more()} onClick={() => setMore(!more())}>
            {more() ? 'Fewer filters' : 'Dates and more filters'}
          </button>
        </div>
        <Show when={more()}>
          <div class="filter-row">
            <Dates />
            <Show when={shown('department')}>
              <Pick segment="department" all="All departments" choices={choices('department')} />
            </Show>
            <Show when={shown('district')}>
              <Pick segment="district" all="All districts" choices={choices('district')} />
            </Show>
            <Show when={shown('channel')}>
              <Pick segment="channel" all="All channels" choices={choices('channel')} />
            </Show>
            <Show when={shown('team')}>
              <Pick segment="team" all="All teams" choices={choices('team')} />
            </Show>
          </div>
        </Show>
      </div>
      <ul class="chips" aria-label="Chosen">
        <li>
          Showing <strong>{periodWords(period(), props.meta.held)}</strong>
        </li>
        <For each={chosen()}>
          {(one) => (
            <li>
              <button
                type="button"
                class="chip"
                aria-label={`Remove ${names[one.key].toLowerCase()} ${one.name}`}
                onClick={() => change({ [one.key]: filters()[one.key].filter((id) => id !== one.id) })}
              >
                {names[one.key]}: {one.name}
                <svg viewBox="0 0 10 10" aria-hidden="true">
                  <path d="M1 1l8 8M9 1L1 9" stroke="currentColor" stroke-width="2" />
                </svg>
              </button>
            </li>
          )}
        </For>
        <li class="no-print">
          <a class="chip" href={reportAddress()}>
            Send this regularly
          </a>
        </li>
        <Show when={changed()}>
          <li class="no-print">
            <button
              type="button"
              class="chip"
              onClick={() => {
                setTyping(false)
                change({
                  service: [],
                  department: [],
                  district: [],
                  channel: [],
                  team: [],
                  from: undefined,
                  until: undefined,
                  compare: 'previous',
                })
              }}
            >
              Clear all
            </button>
          </li>
        </Show>
      </ul>
      <Show when={problems().length > 0}>
        <div class="notice" role="status">
          <For each={problems()}>{(problem) => <p>{problem}</p>}</For>
        </div>
      </Show>
    </section>
  )
}

/** First and last day, both inclusive; the address holds the day after the last. */
function Dates() {
  const { period, change } = useFilters()
  const meta = useMeta()
  let first!: HTMLInputElement
  let last!: HTMLInputElement
  const [wrong, setWrong] = createSignal(false)
  const typed = () => {
    const wanted = typedPeriod(first.value, last.value)
    const complete = first.value > '1900' && last.value > '1900'
    setWrong(complete && wanted === null)
    if (wanted && complete) change(wanted)
  }
  const held = () => meta()?.held
  return (
    <>
      <Field label="First day">
        {(id) => (
          <input
            type="date"
            id={id}
            ref={first}
            value={period().from}
            min={held()?.from}
            max={held() ? addDays(held()?.until ?? '', -1) : undefined}
            aria-invalid={wrong()}
            onChange={typed}
          />
        )}
      </Field>
      <Field label={wrong() ? 'Last day (must not be before the first)' : 'Last day'}>
        {(id) => (
          <input
            type="date"
            id={id}
            ref={last}
            value={addDays(period().until, -1)}
            min={held()?.from}
            max={held() ? addDays(held()?.until ?? '', -1) : undefined}
            aria-invalid={wrong()}
            onChange={typed}
          />
        )}
      </Field>
    </>
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

/** What is chosen stands below as chips. */
function Pick(props: { segment: Segment; all: string; choices: Choice[] }) {
  const { filters, change } = useFilters()
  return (
    <PickSeveral
      label={names[props.segment]}
      all={props.all}
      choices={props.choices}
      chosen={filters()[props.segment]}
      onChange={(chosen) => change({ [props.segment]: chosen })}
    />
  )
}
