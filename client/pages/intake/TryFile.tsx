import { createSignal, createUniqueId, For, Show } from 'solid-js'
import { formatBytes } from '../../../server/words/format.ts'
import { streamWords } from '../../../server/words/streamWords.ts'
import { ApiError, type Preview, send } from '../../api.ts'
import { DataTable } from '../../components/DataTable.tsx'
import { Reasons } from './Reasons.tsx'
import { Sum } from './Sum.tsx'
import { capital } from './words.ts'

const types: [ending: RegExp, type: string][] = [
  [/\.csv(\.gz)?$/i, 'text/csv'],
  [/\.(ndjson|jsonl)(\.gz)?$/i, 'application/x-ndjson'],
  [/\.parquet$/i, 'application/vnd.apache.parquet'],
]
const mostBytes = 256 * 2 ** 20

type State =
  | { is: 'idle' }
  | { is: 'busy'; words: string }
  | { is: 'refused'; words: string; needsKey: boolean }
  | { is: 'previewed'; preview: Preview; file: File }
  | { is: 'sent'; loadId: string }

/** A file is dropped here, looked at without storing anything, and then sent when it fits. The key is forgotten with the page. */
export function TryFile(props: { streams: string[] }) {
  const id = createUniqueId()
  const [stream, setStream] = createSignal(props.streams[0] ?? 'case_events')
  const [key, setKey] = createSignal('')
  const [over, setOver] = createSignal(false)
  const [state, setState] = createSignal<State>({ is: 'idle' })
  let last: File | undefined

  const post = <T,>(path: string, file: Blob, name: string) =>
    send<T>(`/api/v1/ingest/${stream()}${path}`, {
      body: file,
      headers: {
        'Content-Type': types.find(([ending]) => ending.test(name))?.[1] ?? 'text/csv',
        ...(/\.gz$/i.test(name) && { 'Content-Encoding': 'gzip' }),
        ...(key().trim() && { Authorization: `Bearer ${key().trim()}` }),
      },
    })
  const refuse = (error: unknown) => {
    const needsKey = error instanceof ApiError && (error.status === 401 || error.status === 403)
    setState({
      is: 'refused',
      words: error instanceof Error ? error.message : 'The reason is not known.',
      needsKey,
    })
  }
  const look = async (file: File | undefined) => {
    if (!file) return
    last = file
    if (!types.some(([ending]) => ending.test(file.name)))
      return refuse(
        new Error(
          `${file.name} is none of .csv, .csv.gz, .ndjson, .jsonl and .parquet. Load other formats by command.`,
        ),
      )
    if (file.size > mostBytes)
      return refuse(
        new Error(
          `${file.name} has ${formatBytes(file.size)}, too much to send from here. Load it by command.`,
        ),
      )
    setState({ is: 'busy', words: `Looking at ${file.name} …` })
    try {
      // A large file is not sent in vain: the question whether one may comes first.
      if (!key().trim()) await post('/preview', new Blob([]), file.name).catch(onlyIfNotAllowed)
      setState({ is: 'previewed', preview: await post<Preview>('/preview', file, file.name), file })
    } catch (error) {
      refuse(error)
    }
  }
  const load = async (file: File) => {
    setState({ is: 'busy', words: `Sending ${file.name} …` })
    try {
      const { load_id } = await post<{ load_id: string }>('', file, file.name)
      setState({ is: 'sent', loadId: load_id })
    } catch (error) {
      refuse(error)
    }
  }
  const when = <Is extends State['is']>(is: Is) => {
    const now = state()
    return now.is === is ? (now as Extract<State, { is: Is }>) : undefined
  }
  return (
    <div class="try">
      <h3 id={id}>Try a file: nothing is stored until you say so</h3>
      <div class="filter-row">
        <label class="field">
          <span>What the rows are</span>
          <select value={stream()} onChange={(event) => setStream(event.currentTarget.value)}>
            <For each={props.streams}>
              {(each) => <option value={each}>{capital(streamWords[each] ?? each)}</option>}
            </For>
          </select>
        </label>
        <label class="field">
          <span>Key (needed to send data)</span>
          <input
            type="password"
            autocomplete="off"
            spellcheck={false}
            placeholder="cw_…"
            value={key()}
            onInput={(event) => setKey(event.currentTarget.value)}
          />
        </label>
      </div>
      <p class="muted">
        You have no key? Whoever runs this server makes one with{' '}
        <code>npm run clearway -- key create --name my-computer --role ingest</code>. It stays in this page
        only and is forgotten when you leave.
      </p>
      <label
        class="drop"
        classList={{ 'is-over': over() }}
        onDragOver={(event) => {
          event.preventDefault()
          setOver(true)
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault()
          setOver(false)
          void look(event.dataTransfer?.files[0])
        }}
      >
        <span>Drop a CSV, NDJSON or Parquet file here, or choose one:</span>
        <input
          type="file"
          accept=".csv,.ndjson,.jsonl,.parquet,.gz"
          onChange={(event) => {
            void look(event.currentTarget.files?.[0])
            event.currentTarget.value = ''
          }}
        />
      </label>
      <p role="status">{when('busy')?.words}</p>
      <Show when={when('refused')}>
        {(refused) => (
          <div class="notice is-error" role="alert">
            <p>
              <strong>{refused().needsKey ? 'You may not send this yet.' : 'This did not work.'}</strong>{' '}
              {refused().words}
            </p>
            <Show when={refused().needsKey}>
              <p>Paste the key above and try again, or load the file by command as shown below.</p>
            </Show>
            <p>
              <button type="button" class="button" onClick={() => void look(last)}>
                Try again
              </button>
            </p>
          </div>
        )}
      </Show>
      <Show when={when('previewed')}>
        {(seen) => (
          <Seen
            preview={seen().preview}
            name={seen().file.name}
            onLoad={() => void load(seen().file)}
            onDrop={() => setState({ is: 'idle' })}
          />
        )}
      </Show>
      <Show when={when('sent')}>
        {(sent) => (
          <p class="notice" role="status">
            The rows are safely here and will be loaded in a moment.{' '}
            <a href={`/data?load=${encodeURIComponent(sent().loadId)}`}>Follow the load</a>
          </p>
        )}
      </Show>
    </div>
  )
}

/** An empty body is always refused; only a refusal of the sender counts. */
const onlyIfNotAllowed = (error: unknown) => {
  if (error instanceof ApiError && (error.status === 401 || error.status === 403)) throw error
}

function Seen(props: { preview: Preview; name: string; onLoad: () => void; onDrop: () => void }) {
  const tooMany = () => props.preview.rejected > props.preview.read * 0.05
  const names = () => Object.keys(props.preview.first_rows[0] ?? {})
  return (
    <div class="seen">
      <h4>
        {props.preview.already_loaded
          ? `${props.name} is loaded already: loading it again would change nothing`
          : `What loading ${props.name} would do`}
      </h4>
      <Sum load={props.preview} />
      <Show when={props.preview.rejected_by_rule.length > 0}>
        <Reasons rows={props.preview.rejected_by_rule} />
      </Show>
      <Show when={names().length > 0}>
        <details>
          <summary>The first rows as they were understood</summary>
          <DataTable
            caption="First rows"
            hideCaption
            rows={props.preview.first_rows}
            columns={names().map((name) => ({
              label: name,
              cell: (row: Record<string, unknown>) => textOf(row[name]),
            }))}
          />
        </details>
      </Show>
      <Show when={tooMany()}>
        <p>
          More than 5% of the rows do not fit, so nothing of this file would be shown. Mend it first, or load
          it with a mapping by command.
        </p>
      </Show>
      <p class="controls">
        <Show when={!tooMany() && props.preview.accepted > 0}>
          <button type="button" class="button" onClick={() => props.onLoad()}>
            Load it
          </button>
        </Show>
        <button type="button" class="button" onClick={() => props.onDrop()}>
          Put it away
        </button>
      </p>
    </div>
  )
}

const textOf = (value: unknown) =>
  value === null || value === undefined
    ? ''
    : typeof value === 'object'
      ? JSON.stringify(value)
      : String(value)
