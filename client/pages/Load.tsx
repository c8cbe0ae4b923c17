import { Show } from 'solid-js'
import { type Load as LoadEntry, type Rejected, useAnswer } from '../api.ts'
import { DataTable } from '../components/DataTable.tsx'
import { LoadState, streamWords } from '../components/LoadState.tsx'
import { PageHead } from '../components/PageHead.tsx'
import { Empty, Loaded } from '../components/States.tsx'
import { addDays } from '../days.ts'
import { csvOf, useMeta } from '../filters.ts'
import { formatBytes, formatCount, formatMoment, formatPeriod } from '../format.ts'

/** One load and what it did not take, opened by /data?load=<id>. */
export function Load(props: { id: string }) {
  const meta = useMeta()
  const path = () => `/api/v1/loads/${encodeURIComponent(props.id)}`
  const load = useAnswer<LoadEntry>(path)
  const rejected = useAnswer<Rejected>(() => `${path()}/rejected`)
  const zone = () => meta()?.jurisdiction.time_zone ?? 'UTC'
  const title = () => {
    const entry = load.data()
    if (!entry) return undefined
    return entry.rejected === 0
      ? `${entry.file_name}: every row fitted`
      : `${entry.file_name}: ${formatCount(entry.rejected)} of ${formatCount(entry.read)} rows did not fit`
  }
  return (
    <>
      <a class="crumb" href="/data">
        All loads
      </a>
      <PageHead name="Load" title={title()} />
      <Loaded answer={load} what="This load" height={260}>
        {(entry) => (
          <dl class="facts">
            <dt>State</dt>
            <dd>
              <LoadState state={entry().state} />
            </dd>
            <Show when={entry().error}>
              <dt>What went wrong</dt>
              <dd>{entry().error}</dd>
            </Show>
            <dt>What</dt>
            <dd>
              {streamWords[entry().stream] ?? entry().stream} from {entry().source}, read with the mapping “
              {entry().mapping}”
            </dd>
            <dt>Rows</dt>
            <dd>
              {formatCount(entry().read)} read = {formatCount(entry().accepted)} accepted +{' '}
              {formatCount(entry().rejected)} rejected + {formatCount(entry().duplicates)} duplicates.{' '}
              {formatCount(entry().corrected)} corrected earlier rows.
            </dd>
            <Show when={entry().first_time && entry().last_time}>
              <dt>Period</dt>
              <dd>
                {formatPeriod({
                  from: (entry().first_time ?? '').slice(0, 10),
                  until: addDays((entry().last_time ?? '').slice(0, 10), 1),
                })}
              </dd>
            </Show>
            <dt>Loaded</dt>
            <dd>
              {formatMoment(entry().started_at, zone())}, {formatBytes(entry().bytes)}
            </dd>
          </dl>
        )}
      </Loaded>
      <section class="section" aria-labelledby="rejected">
        <h2 id="rejected">Rows that did not fit</h2>
        <p class="muted">They are kept, not lost: mend them at their source and load the file again.</p>
        <Loaded answer={rejected} what="The rejected rows" height={300}>
          {(data) => (
            <Show when={data().total > 0} fallback={<Empty title="There are none: every row fitted." />}>
              <DataTable
                caption="By reason"
                rows={data().by_rule}
                columns={[
                  { label: 'Field', cell: (row) => row.field || 'the row', sort: (row) => row.field },
                  { label: 'Why', cell: (row) => row.reason, sort: (row) => row.reason },
                  {
                    label: 'Rows',
                    number: true,
                    cell: (row) => formatCount(row.rows),
                    sort: (row) => row.rows,
                  },
                ]}
              />
              <div class="section">
                <DataTable
                  caption={`Example rows (${formatCount(data().rows.length)} of ${formatCount(data().total)})`}
                  rows={data().rows}
                  columns={[
                    {
                      label: 'Line',
                      number: true,
                      cell: (row) => formatCount(row.line),
                      sort: (row) => row.line,
                    },
                    { label: 'Field', cell: (row) => row.field || 'the row', sort: (row) => row.field },
                    { label: 'Why', cell: (row) => row.reason, sort: (row) => row.reason },
                    { label: 'The row as it came', cell: (row) => <code class="raw">{row.raw}</code> },
                  ]}
                />
              </div>
              <p class="controls section">
                <a
                  class="button"
                  href={csvOf(`${path()}/rejected`)}
                  download="clearway-rejected.csv"
                  target="_self"
                >
                  Download CSV
                </a>
              </p>
            </Show>
          )}
        </Loaded>
      </section>
    </>
  )
}
