import { type JSX, Show } from 'solid-js'
import { Key, type KeyEntry } from './Key.tsx'

/** A chart with everything that is drawn around it: what to see, the key, where it comes from. Needs no browser. */
export function FigureFrame(props: {
  id: string
  title: string
  summary: JSX.Element
  source: JSX.Element
  legend?: KeyEntry[] | undefined
  /** Controls that belong to this figure. */
  controls?: JSX.Element
  level?: 2 | 3 | undefined
  ref?: (box: HTMLElement) => void
  chart: JSX.Element
  /** What stands below the source: the table, and ways to take it along. */
  children: JSX.Element
}) {
  return (
    <figure id={props.id} ref={(box) => props.ref?.(box)}>
      <figcaption>
        <Show when={props.level === 3} fallback={<h2>{props.title}</h2>}>
          <h3>{props.title}</h3>
        </Show>
        <p class="muted prose">{props.summary}</p>
      </figcaption>
      {props.controls}
      <div class="figure-body">
        <Show when={props.legend}>{(entries) => <Key entries={entries()} />}</Show>
        {props.chart}
      </div>
      <p class="source">{props.source}</p>
      {props.children}
    </figure>
  )
}
