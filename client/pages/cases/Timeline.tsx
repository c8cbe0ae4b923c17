import { For, Show } from 'solid-js'
import { formatHours } from '../../../server/words/format.ts'
import type { CaseInFull } from '../../api.ts'

type Piece = CaseInFull['pieces'][number]

const kinds = {
  wait: 'waiting',
  touch: 'worked on',
  paused: 'clock stood still',
  ended: 'closed for a while',
} satisfies Record<Piece['kind'], string>

/** The time of a case from left to right, one line a step: what it was, in words and as a bar. */
export function Timeline(props: { one: CaseInFull; moment: (iso: string) => string }) {
  const start = () => Date.parse(props.one.started_at)
  const length = () => Math.max(1, Date.parse(props.one.known_until) - start())
  const place = (iso: string) => ((Date.parse(iso) - start()) / length()) * 100
  const lines = () => {
    const steps = props.one.visits.map(({ position, stage, repetition }) => ({
      position: position as number | null,
      name: `${stage}${repetition > 1 ? ` (time ${repetition})` : ''}`,
    }))
    return [...steps, { position: null, name: `Since ${props.one.current_stage}` }]
      .map((step) => ({ ...step, pieces: props.one.pieces.filter((one) => one.position === step.position) }))
      .filter(({ position, pieces }) => position !== null || pieces.length > 0)
  }
  const words = (pieces: Piece[]) =>
    (Object.keys(kinds) as Piece['kind'][])
      .flatMap((kind) => {
        const hours = pieces.filter((one) => one.kind === kind).reduce((sum, one) => sum + one.hours, 0)
        return hours > 0 ? [`${kinds[kind]} ${formatHours(hours)}`] : []
      })
      .join(', ') || 'at once'
  const told = () =>
    (Object.keys(kinds) as Piece['kind'][]).filter((kind) =>
      props.one.pieces.some((one) => one.kind === kind),
    )
  return (
    <section class="section" aria-labelledby="time">
      <h2 id="time">Where the time went</h2>
      <ul class="key">
        <For each={told()}>
          {(kind) => (
            <li>
              <span class={`piece-swatch is-${kind}`} aria-hidden="true" /> {kinds[kind]}
            </li>
          )}
        </For>
      </ul>
      <ol class="timeline">
        <For each={lines()}>
          {(line) => (
            <li>
              <p>
                <strong>{line.name}</strong> <span class="muted">{words(line.pieces)}</span>
              </p>
              <div class="track" aria-hidden="true">
                <For each={line.pieces}>
                  {(piece) => (
                    <span
                      class={`piece is-${piece.kind}`}
                      style={{
                        'inset-inline-start': `${place(piece.from)}%`,
                        width: `${place(piece.until) - place(piece.from)}%`,
                      }}
                    />
                  )}
                </For>
              </div>
            </li>
          )}
        </For>
      </ol>
      <p class="strip-ends">
        <span>{props.moment(props.one.started_at)}</span>
        <span>
          {props.moment(props.one.known_until)}
          <Show when={!props.one.closed_at}> (open)</Show>
        </span>
      </p>
    </section>
  )
}
