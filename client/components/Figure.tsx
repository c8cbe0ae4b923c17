import { createSignal, createUniqueId, For, type JSX, onMount, Show, Suspense } from 'solid-js'
import { type Column, DataTable } from './DataTable.tsx'
import { saveImage } from './image.ts'
import { Skeleton } from './States.tsx'

export type KeyEntry = { label: string; kind: 'line' | 'dashed' | 'dotted' | 'band' | 'hollow' | 'signal' }

/** A chart with everything around it: what to see, source, the same rows as a table, and ways to take it along. */
export function Figure<Row>(props: {
  id: string
  title: string
  summary: string
  caption: string
  columns: Column<Row>[]
  rows: readonly Row[]
  /** Where the figures come from, and for which period. */
  source: string
  csv?: string
  legend?: KeyEntry[]
  /** Height that is kept free for the chart, in pixels. */
  height: number
  /** Controls that belong to this figure. */
  controls?: JSX.Element
  /** Where the definition stands. */
  definition?: string
  level?: 2 | 3
  /** The table stands open from the start. */
  open?: boolean
  children: JSX.Element
}) {
  const table = createUniqueId()
  const [open, setOpen] = createSignal(props.open ?? false)
  const [said, setSaid] = createSignal('')
  let box!: HTMLElement
  onMount(() => {
    if (location.hash === `#${props.id}`) box.scrollIntoView()
  })
  const copyLink = async () => {
    const link = `${location.origin}${location.pathname}${location.search}#${props.id}`
    try {
      await navigator.clipboard.writeText(link)
      setSaid('Link copied.')
    } catch {
      setSaid(`Copy this address: ${link}`)
    }
  }
  const download = async () => {
    setSaid(
      (await saveImage(box, props.title, `clearway-${props.id}.png`)) ? '' : 'There is no image to save yet.',
    )
  }
  return (
    <figure id={props.id} ref={box}>
      <figcaption>
        <Show when={props.level === 3} fallback={<h2>{props.title}</h2>}>
          <h3>{props.title}</h3>
        </Show>
        <p class="muted prose">{props.summary}</p>
      </figcaption>
      {props.controls}
      <div class="figure-body">
        <Show when={props.legend}>{(entries) => <Key entries={entries()} />}</Show>
        <Suspense fallback={<Skeleton height={props.height} label="Chart: loading" />}>
          {props.children}
        </Suspense>
      </div>
      <p class="source">
        {props.source}{' '}
        <Show when={props.definition}>
          {(id) => <a href={`/glossary#kpi-${id()}`}>How this is measured</a>}
        </Show>
      </p>
      <div class="controls">
        <button
          type="button"
          class="button"
          aria-expanded={open()}
          aria-controls={table}
          onClick={() => setOpen(!open())}
        >
          {open() ? 'Hide table' : 'Show as table'}
        </button>
        <Show when={props.csv}>
          {(address) => (
            <a class="button" href={address()} download={`clearway-${props.id}.csv`} target="_self">
              Download CSV
            </a>
          )}
        </Show>
        <button type="button" class="button" onClick={() => void download()}>
          Download image
        </button>
        <button type="button" class="button" onClick={() => void copyLink()}>
          Copy link
        </button>
      </div>
      <p class="muted" role="status">
        {said()}
      </p>
      <div id={table} class="figure-table">
        <Show when={open()}>
          <DataTable caption={props.caption} columns={props.columns} rows={props.rows} />
        </Show>
      </div>
    </figure>
  )
}

function Key(props: { entries: KeyEntry[] }) {
  return (
    <ul class="key">
      <For each={props.entries}>
        {(entry) => (
          <li>
            <svg viewBox="0 0 28 12" aria-hidden="true">
              <Show when={entry.kind === 'line' || entry.kind === 'hollow'}>
                <path
                  d="M0 6h28"
                  stroke="var(--c1)"
                  stroke-width="3"
                  stroke-dasharray={entry.kind === 'hollow' ? '4 3' : undefined}
                />
                <circle
                  cx="14"
                  cy="6"
                  r="4"
                  stroke="var(--c1)"
                  stroke-width="2"
                  fill={entry.kind === 'hollow' ? 'var(--surface)' : 'var(--c1)'}
                />
              </Show>
              <Show when={entry.kind === 'dashed'}>
                <path d="M0 6h28" stroke="var(--c2)" stroke-width="3" stroke-dasharray="8 4" />
                <path d="M10 2h8v8h-8z" fill="var(--c2)" />
              </Show>
              <Show when={entry.kind === 'dotted'}>
                <path d="M0 6h28" stroke="var(--text)" stroke-width="2" stroke-dasharray="6 4" />
              </Show>
              <Show when={entry.kind === 'band'}>
                <path d="M0 0h28v12H0z" fill="var(--c1)" fill-opacity=".16" />
              </Show>
              <Show when={entry.kind === 'signal'}>
                <path d="M14 0 20 6 14 12 8 6z" fill="var(--off)" />
              </Show>
            </svg>
            {entry.label}
          </li>
        )}
      </For>
    </ul>
  )
}
