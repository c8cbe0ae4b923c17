import { createSignal, Show } from 'solid-js'
import { formatCount, formatShare } from '../../../server/words/format.ts'
import { ApiError, send } from '../../api.ts'
import { Confirm } from '../../components/Confirm.tsx'
import { LoadState } from '../../components/LoadState.tsx'
import type { RunningLoad } from './live.ts'
import { leftWords, loadName, rowsWords } from './words.ts'

const phases: Record<RunningLoad['phase'], string> = {
  checking: 'Step 1 of 3: checking the file',
  loading: 'Step 2 of 3: reading rows',
  publishing: 'Step 3 of 3: putting the rows in their place',
}

/** One load as it moves: step, rows, rate, time left, and a way to stop it. */
export function Progress(props: { load: RunningLoad }) {
  const [asked, setAsked] = createSignal(false)
  const [problem, setProblem] = createSignal('')
  const cancel = async () => {
    setAsked(true)
    setProblem('')
    try {
      await send(`/api/v1/loads/${encodeURIComponent(props.load.load_id)}/cancel`)
    } catch (error) {
      setAsked(false)
      setProblem(
        error instanceof ApiError && (error.status === 401 || error.status === 403)
          ? `You may not stop loads here. ${error.message}`
          : `It could not be stopped. ${error instanceof Error ? error.message : ''}`,
      )
    }
  }
  const name = () => loadName(props.load)
  const by = () => (name().endsWith(props.load.source) ? '' : props.load.source)
  const address = () => `/data?load=${encodeURIComponent(props.load.load_id)}`
  return (
    <li class="load-now">
      <h3>
        <a href={address()}>{name()}</a>
        <Show when={by()}> from {by()}</Show>
      </h3>
      <Show
        when={props.load.state === 'running'}
        fallback={
          <p>
            <LoadState state={props.load.state === 'running' ? 'staging' : props.load.state} />{' '}
            {props.load.state === 'done' ? `${rowsWords(props.load.rows)} read.` : props.load.error}{' '}
            <a href={address()}>What came of it</a>
          </p>
        }
      >
        {/* Without a value the bar says only that something is going on. */}
        <Show
          when={props.load.phase !== 'publishing'}
          fallback={<progress aria-label={`Progress of ${name()}`} />}
        >
          <progress aria-label={`Progress of ${name()}`} max={1} value={props.load.share} />
        </Show>
        <p>
          {phases[props.load.phase]}
          <Show when={props.load.phase !== 'publishing'}>, {formatShare(props.load.share)}</Show>
          <span class="muted-line">
            {rowsWords(props.load.rows)}
            <Show when={props.load.rows_per_second > 0}>
              , {formatCount(props.load.rows_per_second)} a second
            </Show>
            <Show when={props.load.seconds_left}>{(seconds) => <>, {leftWords(seconds())}</>}</Show>
          </span>
        </p>
        <Confirm
          label={asked() ? 'Stopping …' : 'Cancel'}
          disabled={asked()}
          question={`Stop loading ${name()}?`}
          yes="Stop and undo it"
          no="Go on loading"
          onYes={() => void cancel()}
        >
          All of it is undone: no row of this file will be in the figures. You can load the file again later.
        </Confirm>
      </Show>
      <Show when={problem()}>
        <p class="notice is-error" role="alert">
          {problem()}
        </p>
      </Show>
    </li>
  )
}
