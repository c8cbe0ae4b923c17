import { For, Show } from 'solid-js'
import type { Figure, Mark, Measure } from '../../server/releases/published.ts'
import { changeWords, figureWords, markWords } from './words.ts'

/** A published figure in a cell: with its marks, and what was said before where it changed. Never an empty cell. */
export function FigureText(props: { figure: Figure | undefined; measure: Measure }) {
  const marks = () => props.figure?.marks ?? []
  return (
    <>
      <span classList={{ nowrap: props.figure?.value != null, missing: props.figure?.value == null }}>
        {[figureWords(props.figure, props.measure), ...marks().map((mark) => `[${mark}]`)].join(' ')}
      </span>
      <Show when={props.figure?.was != null && props.figure.value != null && props.figure}>
        {(revised) => (
          <span class="muted">{changeWords(revised().was ?? 0, revised().value ?? 0, props.measure)}</span>
        )}
      </Show>
    </>
  )
}

const order: Mark[] = ['c', 'x', 'z', 'u', 'p', 'r', 'b']

/** What the marks of these figures mean: only those that stand there. */
export function MarkNotes(props: { figures: readonly (Figure | undefined)[]; root: string }) {
  const used = () => {
    const found = new Set(props.figures.flatMap((figure) => figure?.marks ?? []))
    return order.filter((mark) => found.has(mark))
  }
  return (
    <Show when={used().length > 0}>
      <ul class="notes">
        <For each={used()}>
          {(mark) => (
            <li>
              <strong>
                {markWords[mark].name} [{mark}]:
              </strong>{' '}
              {markWords[mark].means}
            </li>
          )}
        </For>
        <li>
          <a href={`${props.root}methods.html#marks`}>All marks and how we hide numbers</a>
        </li>
      </ul>
    </Show>
  )
}

/** The name of a measure, with the way to its definition. */
export function MeasureLink(props: { measure: Measure; root: string }) {
  return <a href={`${props.root}methods.html#${props.measure.id}`}>{props.measure.label}</a>
}
