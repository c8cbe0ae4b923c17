import { createEffect, Show } from 'solid-js'
import { formatBytes, formatCount, formatMoment } from '../../server/words/format.ts'
import { streamWords } from '../../server/words/streamWords.ts'
import { type LoadNow, type Rejected, useAnswer, useRefresh } from '../api.ts'
import { DataTable } from '../components/DataTable.tsx'
import { LoadState } from '../components/LoadState.tsx'
import { PageHead } from '../components/PageHead.tsx'
import { Empty, Loaded } from '../components/States.tsx'
import { csvOf, useMeta } from '../filters.ts'
import { useEvery, useLiveLoads } from './intake/live.ts'
import { Progress } from './intake/Progress.tsx'
import { Reasons } from './intake/Reasons.tsx'
import { Sum } from './intake/Sum.tsx'
import { againCommand, ended, loadTitle, nextStep, rejectedValue } from './intake/words.ts'

/** One load and what it did not take, opened by /data?load=<id>. */
export function Load(props: { id: string }) {
  const meta = useMeta()
  const refresh = useRefresh()
  const path = () => `/api/v1/loads/${encodeURIComponent(props.id)}`
  const load = useAnswer<LoadNow>(path)
  const live = useLiveLoads()
  const running = () => {
    const now = live.loads().get(props.id)
    return now?.state === 'running' ? now : undefined
  }
  const entry = () => load.data()
  const isOver = () => {
    const now = entry()
    return now !== undefined && ended(now) && !running()
  }
  const zone = () => meta()?.jurisdiction.time_zone ?? 'UTC'
  useEvery(2, () => entry() && !isOver() && !running() && load.retry())
  // What did not fit is known when the load has ended.
  createEffect<boolean>((before) => {
    const now = isOver()
    if (now && before === false && entry()) refresh(`${path()}/rejected`)
    return now
  })
  return (
    <>
      <a class="crumb" href="/data">
        All loads
      </a>
      <PageHead name="Load" title={entry() && loadTitle(entry() as LoadNow)} />
      <p role="status" class="visually-hidden">
        {live.news()}
      </p>
      <Show when={running()}>
        {(now) => (
          <ul class="plain-list">
            <Progress load={now()} />
          </ul>
        )}
      </Show>
      <Loaded answer={load} what="This load" height={260}>
        {(data) => <About load={data()} zone={zone()} />}
      </Loaded>
      <Show when={isOver() && entry()}>{(data) => <NotFitting load={data()} path={path()} />}</Show>
    </>
  )
}

function About(props: { load: LoadNow; zone: string }) {
  return (
    <>
      <Show when={props.load.state === 'failed' || props.load.state === 'cancelled'}>
        <div class="notice" classList={{ 'is-error': props.load.state === 'failed' }}>
          <p>
            <strong>{props.load.state === 'failed' ? 'What went wrong:' : 'What happened:'}</strong>{' '}
            {props.load.error || 'The reason is not known.'}
          </p>
          <p>
            <strong>What to do:</strong> {nextStep(props.load)}
          </p>
        </div>
      </Show>
      <Show when={props.load.state === 'waiting'}>
        <p>It is safely on the disk of this server and is loaded as soon as those before it are done.</p>
      </Show>
      <Show when={props.load.state === 'done'}>
        <Sum load={props.load} />
      </Show>
      <dl class="facts">
        <dt>State</dt>
        <dd>
          <Show when={props.load.state !== 'waiting'} fallback="Waiting">
            <LoadState state={props.load.state === 'waiting' ? 'checking' : props.load.state} />
          </Show>
        </dd>
        <dt>What</dt>
        <dd>
          {streamWords[props.load.stream] ?? props.load.stream} from {props.load.source || 'no named source'},
          read with the mapping “{props.load.mapping}”
        </dd>
        <Show when={props.load.first_time && props.load.last_time}>
          <dt>Period</dt>
          <dd>
            {formatMoment(props.load.first_time ?? '', props.zone)} to{' '}
            {formatMoment(props.load.last_time ?? '', props.zone)}
          </dd>
        </Show>
        <dt>{props.load.state === 'done' ? 'Loaded' : 'Begun'}</dt>
        <dd>
          {formatMoment(props.load.started_at, props.zone)}, {formatBytes(props.load.bytes)}
          <Show when={props.load.state === 'done' && props.load.seconds}>
            {(seconds) => <>, in {seconds().toFixed(1)} seconds</>}
          </Show>
        </dd>
      </dl>
    </>
  )
}

/** The rows that did not fit: why, which, and how to bring them in after all. */
function NotFitting(props: { load: LoadNow; path: string }) {
  const rejected = useAnswer<Rejected>(() => `${props.path}/rejected`)
  return (
    <section class="section" aria-labelledby="rejected">
      <h2 id="rejected">Rows that did not fit</h2>
      <Loaded answer={rejected} what="The rejected rows" height={300}>
        {(data) => (
          <Show when={data().total > 0} fallback={<Empty title={noneWords(props.load)} />}>
            <Show
              when={data().by_rule.length > 0}
              fallback={
                <Empty title={`${formatCount(data().total)} rows did not fit, but they are no longer kept.`}>
                  <p>Rejected rows are kept for 30 days. Load the file again to see them once more.</p>
                </Empty>
              }
            >
              <p class="muted">
                They are kept aside for 30 days, not lost. A row that breaks two rules stands in both lines.
              </p>
              <Reasons rows={data().by_rule} />
              <Mend load={props.load} path={props.path} />
              <Examples rejected={data()} />
            </Show>
          </Show>
        )}
      </Loaded>
    </section>
  )
}

const noneWords = ({ state }: LoadNow) =>
  state === 'done' ? 'There are none: every row fitted.' : 'None were found before the load ended.'

function Examples(props: { rejected: Rejected }) {
  const isPart = () => new Set(props.rejected.rows.map(({ line }) => line)).size < props.rejected.total
  const hasRaw = () => props.rejected.rows.some(({ raw }) => raw !== '')
  return (
    <div class="section">
      <DataTable
        caption={isPart() ? 'The rows, by line (the first ones)' : 'The rows, by line'}
        rows={props.rejected.rows}
        columns={[
          { label: 'Line', number: true, cell: (row) => formatCount(row.line), sort: (row) => row.line },
          { label: 'Field', cell: (row) => row.field || 'the row', sort: (row) => row.field },
          {
            label: 'Value',
            cell: (row) => {
              const value = rejectedValue(row)
              return value === '' ? <em>empty</em> : <code>{value ?? '–'}</code>
            },
          },
          {
            label: 'Why',
            cell: (row) => <span class="sentence">{row.reason}</span>,
            sort: (row) => row.reason,
          },
          ...(hasRaw()
            ? [
                {
                  label: 'The row as it came',
                  cell: (row: Rejected['rows'][number]) => <code class="raw">{row.raw}</code>,
                },
              ]
            : []),
        ]}
      />
      <Show when={!hasRaw()}>
        <p class="muted">The rows themselves may hold personal data; you may not see them here.</p>
      </Show>
    </div>
  )
}

/** From the rejected rows to rows that count. */
function Mend(props: { load: LoadNow; path: string }) {
  const isJson = () => /\.(ndjson|jsonl|json)(\.(gz|zst))?$/i.test(props.load.file_name)
  // Rows decoded from other formats cannot be written back into them.
  const isTable = () => isJson() || /\.(csv|tsv|txt|parquet)(\.(gz|zst))?$/i.test(props.load.file_name)
  // Nothing of a load that failed is held: its good rows have to come again too.
  const isDone = () => props.load.state === 'done'
  const isSent = () => props.load.file_name.startsWith(props.load.load_id)
  const rows = () => `rejected-${props.load.load_id}.${isJson() ? 'ndjson' : 'csv'}`
  return (
    <div class="section">
      <h3>Mend them and load them again</h3>
      <p class="controls mend">
        <a
          class="button"
          href={csvOf(`${props.path}/rejected`)}
          download={`rejected-${props.load.load_id}.csv`}
          target="_self"
        >
          Download the rejected rows (CSV)
        </a>
        <Show when={isJson()}>
          <a
            class="button"
            href={`${props.path}/rejected?format=ndjson`}
            download={`rejected-${props.load.load_id}.ndjson`}
            target="_self"
          >
            As they came (NDJSON)
          </a>
        </Show>
      </p>
      <ol class="steps">
        <li>
          Mend the rows in their source, so that the next delivery is right too. If it is the mapping that is
          wrong, mend the mapping.
        </li>
        <Show when={isDone() && isTable()}>
          <li>
            Load the mended rows alone. The last two columns of the CSV, which say why, are passed over.
            <Command load={props.load} file={rows()} />
          </li>
        </Show>
        <li>
          {isDone() && isTable() ? 'Or load' : 'Load'} everything again, mended. Rows that are there already
          change nothing.
          <Show
            when={!isSent()}
            fallback={<> Let the program that sent it send it again, or load a file with the same rows.</>}
          >
            <Command load={props.load} file={props.load.file_name} />
          </Show>
        </li>
      </ol>
      <Show when={props.load.mapping !== 'clearway'}>
        <p class="muted">Where the mapping is a file of your own, name that file in the command.</p>
      </Show>
    </div>
  )
}

const Command = (props: { load: LoadNow; file: string }) => (
  <pre>
    <code>{againCommand(props.load, props.file)}</code>
  </pre>
)
