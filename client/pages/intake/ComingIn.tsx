import { createMemo, For, Show } from 'solid-js'
import { formatMoment } from '../../../server/words/format.ts'
import type { Load } from '../../api.ts'
import { LoadState } from '../../components/LoadState.tsx'
import { type RunningLoad, useEvery } from './live.ts'
import { Progress } from './Progress.tsx'
import { ended, loadName } from './words.ts'

const isRunning = ({ state }: RunningLoad) => state === 'running'

/** What is being loaded just now: by this server, step by step, and by commands beside it, as the ledger tells it. */
export function ComingIn(props: {
  loads: ReadonlyMap<string, RunningLoad>
  connected: boolean | null
  news: string
  /** Undefined until the ledger has arrived. */
  ledger: readonly Load[] | undefined
  waiting: number
  zone: string
  refresh: () => void
}) {
  const ids = createMemo(() => {
    const loads = [...props.loads.values()]
    return [...loads.filter(isRunning), ...loads.filter((load) => !isRunning(load)).reverse()].map(
      ({ load_id }) => load_id,
    )
  })
  const elsewhere = createMemo(() =>
    (props.ledger ?? []).filter((load) => !ended(load) && !props.loads.has(load.load_id)),
  )
  useEvery(3, () => (elsewhere().length > 0 || props.connected === false) && props.refresh())
  return (
    <section class="section" aria-labelledby="coming-in">
      <h2 id="coming-in">What is coming in now</h2>
      <p role="status" class="visually-hidden">
        {props.news}
      </p>
      <Show when={props.connected === false}>
        <p class="notice">
          The live view has lost its connection and tries again by itself. The list below may be a few seconds
          old.
        </p>
      </Show>
      <Show when={ids().length + elsewhere().length === 0}>
        <p>
          Nothing is being loaded just now
          {props.waiting > 0
            ? `; ${props.waiting} ${props.waiting === 1 ? 'delivery waits' : 'deliveries wait'} for ${props.waiting === 1 ? 'its' : 'their'} turn`
            : ''}
          . A load appears here by itself when it begins.
        </p>
      </Show>
      <ul class="plain-list">
        <For each={ids()}>
          {(id) => <Show when={props.loads.get(id)}>{(load) => <Progress load={load()} />}</Show>}
        </For>
        <For each={elsewhere()}>
          {(load) => (
            <li class="load-now">
              <h3>
                <a href={`/data?load=${encodeURIComponent(load.load_id)}`}>{loadName(load)}</a>
                <Show when={load.source}> from {load.source}</Show>
              </h3>
              <p>
                <LoadState state={load.state} /> Begun {formatMoment(load.started_at, props.zone)} by a
                command beside this server. Stop it there, with Ctrl-C. If that command has died, its load is
                completed or undone within a minute.
              </p>
            </li>
          )}
        </For>
      </ul>
    </section>
  )
}
