import { createSignal, For, Show } from 'solid-js'
import { formatBytes, formatCount, formatMoment } from '../../../server/words/format.ts'
import { type Answer, ApiError, type Sources as SourcesAnswer, send } from '../../api.ts'
import { Loaded } from '../../components/States.tsx'
import { StatusBadge } from '../../components/StatusBadge.tsx'
import { useEvery } from './live.ts'
import { type Source, sourceKinds, sourceStates } from './words.ts'

/** Where data comes from by itself: what each source is, how it is doing, and what to do when it is in trouble. */
export function Sources(props: { answer: Answer<SourcesAnswer>; zone: string }) {
  useEvery(5, props.answer.retry)
  const troubledFirst = (sources: readonly Source[]) =>
    [...sources].sort((a, b) => Number(b.state === 'troubled') - Number(a.state === 'troubled'))
  return (
    <section class="section" aria-labelledby="sources">
      <h2 id="sources">Where data comes from</h2>
      <Loaded answer={props.answer} what="The list of sources" height={200}>
        {(data) => (
          <>
            <ul class="cards sources">
              <For each={troubledFirst(data().sources).map(({ name }) => name)}>
                {(name) => (
                  <Show when={data().sources.find((each) => each.name === name)}>
                    {(source) => (
                      <OneSource source={source()} zone={props.zone} refresh={props.answer.retry} />
                    )}
                  </Show>
                )}
              </For>
            </ul>
            <Show when={data().sources.length === 0}>
              <p>This server takes no data in by itself.</p>
            </Show>
            <Show when={data().sources.every(({ kind }) => kind === 'push')}>
              <p class="prose">
                No folder, web address or topic is watched yet. Name one under <code>sources</code> in{' '}
                <code>clearway.config.json</code> and start the server again.
              </p>
            </Show>
          </>
        )}
      </Loaded>
    </section>
  )
}

function OneSource(props: { source: Source; zone: string; refresh: () => void }) {
  const [said, setSaid] = createSignal<{ text: string; failed: boolean } | null>(null)
  const look = async () => {
    setSaid(null)
    try {
      await send(`/api/v1/sources/${encodeURIComponent(props.source.name)}/run`)
      setSaid({ text: 'It looks for data now. What it finds appears above.', failed: false })
    } catch (error) {
      const isNotAllowed = error instanceof ApiError && (error.status === 401 || error.status === 403)
      const why = error instanceof Error ? error.message : ''
      const text = isNotAllowed ? `You may not do this here. ${why}` : `It could not be told to look. ${why}`
      setSaid({ text, failed: true })
    }
    props.refresh()
  }
  const kind = () => sourceKinds[props.source.kind]
  const title = () => (props.source.kind === 'push' ? kind().name : props.source.name)
  return (
    <li class="card intake">
      <h3>{title()}</h3>
      <p>
        <StatusBadge
          status={sourceStates[props.source.state].status}
          word={sourceStates[props.source.state].word}
        />
      </p>
      <p class="muted">
        <Show when={props.source.kind !== 'push'}>{kind().name}. </Show>
        {kind().means}
      </p>
      <Show when={props.source.last_error}>
        {(error) => (
          <div class="notice is-error">
            <p>
              <strong>Why:</strong> {error()}
            </p>
            <p>
              <strong>What to do:</strong> {kind().mend}
            </p>
          </div>
        )}
      </Show>
      <dl class="facts">
        <dt>Last delivery</dt>
        <dd>
          <Show when={props.source.last_at} fallback="none since the server was started">
            {(at) => (
              <>
                {formatMoment(at(), props.zone)}
                <Show when={props.source.last_file}>{(file) => <>, {file()}</>}</Show>
              </>
            )}
          </Show>
          <Show when={props.source.last_load_id}>
            {(load) => (
              <>
                {' '}
                <a href={`/data?load=${encodeURIComponent(load())}`}>What it brought</a>
              </>
            )}
          </Show>
        </dd>
        <dt>Waiting</dt>
        <dd>
          {props.source.waiting === 0 ? 'nothing' : formatCount(props.source.waiting)}
          <Show when={props.source.waiting > 0 && props.source.waiting_bytes}>
            {(bytes) => <> ({formatBytes(bytes())})</>}
          </Show>
        </dd>
        <Show when={props.source.next_at}>
          {(at) => (
            <>
              <dt>Looks again</dt>
              <dd>{formatMoment(at(), props.zone)}</dd>
            </>
          )}
        </Show>
        <Show when={props.source.position}>
          {(position) => (
            <>
              <dt>Read up to</dt>
              <dd>
                {/^\d{4}-\d\d-\d\dT/.test(position()) ? formatMoment(position(), props.zone) : position()}
              </dd>
            </>
          )}
        </Show>
        <Show when={props.source.mapping}>
          {(mapping) => (
            <>
              <dt>Read with</dt>
              <dd>the mapping “{mapping()}”</dd>
            </>
          )}
        </Show>
      </dl>
      <Show when={props.source.can_run}>
        <p class="more">
          <button type="button" class="button" onClick={() => void look()}>
            Look now
            <span class="visually-hidden"> at {props.source.name}</span>
          </button>
        </p>
      </Show>
      <p role="status" class="source-said" classList={{ notice: said()?.failed ?? false }}>
        {said()?.text}
      </p>
    </li>
  )
}
