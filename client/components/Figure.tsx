import { createSignal, createUniqueId, type JSX, onMount, Show, Suspense } from 'solid-js'
import { type Column, DataTable } from './DataTable.tsx'
import { FigureFrame } from './FigureFrame.tsx'
import { saveImage } from './image.ts'
import type { KeyEntry } from './Key.tsx'
import { Skeleton } from './States.tsx'

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
    <FigureFrame
      id={props.id}
      title={props.title}
      summary={props.summary}
      source={
        <>
          {props.source}{' '}
          <Show when={props.definition}>
            {(id) => <a href={`/glossary#kpi-${id()}`}>How this is measured</a>}
          </Show>
        </>
      }
      legend={props.legend}
      controls={props.controls}
      level={props.level}
      ref={(element) => {
        box = element
      }}
      chart={
        <Suspense fallback={<Skeleton height={props.height} label="Chart: loading" />}>
          {props.children}
        </Suspense>
      }
    >
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
    </FigureFrame>
  )
}
