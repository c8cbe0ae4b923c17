import { useSearchParams } from '@solidjs/router'
import { createEffect, onMount, Show } from 'solid-js'
import { type Loads, useAnswer } from '../api.ts'
import { DataTable } from '../components/DataTable.tsx'
import { LoadState, streamWords } from '../components/LoadState.tsx'
import { PageHead } from '../components/PageHead.tsx'
import { Empty, Loaded } from '../components/States.tsx'
import { addDays } from '../days.ts'
import { useMeta } from '../filters.ts'
import { formatBytes, formatCount, formatDay, formatMoment } from '../format.ts'
import { Load } from './Load.tsx'

export default function Data() {
  const [search] = useSearchParams<{ load?: string }>()
  return (
    <Show when={search.load} keyed fallback={<AllLoads />}>
      {(id) => <Load id={id} />}
    </Show>
  )
}

function AllLoads() {
  const meta = useMeta()
  const zone = () => meta()?.jurisdiction.time_zone ?? 'UTC'
  const answer = useAnswer<Loads>(() => '/api/v1/loads')
  const totals = () => {
    const done = (answer.data()?.loads ?? []).filter(({ state }) => state === 'done')
    return {
      accepted: done.reduce((sum, load) => sum + load.accepted, 0),
      rejected: done.reduce((sum, load) => sum + load.rejected, 0),
    }
  }
  onMount(() => {
    createEffect(() => {
      if (answer.data() && location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView()
    })
  })
  const title = () => {
    const held = meta()?.held
    if (!held) return 'No data has been loaded yet'
    return `The data runs from ${formatDay(held.from)} to ${formatDay(addDays(held.until, -1))}`
  }
  return (
    <>
      <PageHead name="Data" title={title()}>
        <Show when={answer.data()?.loads.length}>
          {formatCount(totals().accepted)} rows were accepted; {formatCount(totals().rejected)} did not fit
          and were kept aside, each with the reason.
        </Show>
      </PageHead>

      <section class="section" aria-labelledby="fresh">
        <h2 id="fresh">How fresh it is</h2>
        <Show
          when={(meta()?.freshness.length ?? 0) > 0}
          fallback={<Empty title="No source has delivered anything yet." />}
        >
          <DataTable
            caption="Freshness by source"
            hideCaption
            rows={meta()?.freshness ?? []}
            columns={[
              { label: 'Source', cell: (row) => row.source, sort: (row) => row.source },
              {
                label: 'What',
                cell: (row) => streamWords[row.stream] ?? row.stream,
                sort: (row) => row.stream,
              },
              { label: 'Rows', number: true, cell: (row) => formatCount(row.rows), sort: (row) => row.rows },
              {
                label: 'Latest entry',
                cell: (row) => (row.last_time ? formatMoment(row.last_time, zone()) : 'none'),
                sort: (row) => row.last_time ?? '',
              },
              {
                label: 'Last loaded',
                cell: (row) => formatMoment(row.loaded_at, zone()),
                sort: (row) => row.loaded_at,
              },
            ]}
          />
        </Show>
      </section>

      <section class="section" aria-labelledby="loads">
        <h2 id="loads">Loads</h2>
        <p class="muted">Every batch taken in. Rows read = accepted + rejected + duplicates.</p>
        <Loaded answer={answer} what="The list of loads" height={300}>
          {(data) => (
            <Show when={data().loads.length > 0} fallback={<Empty title="Nothing has been loaded yet." />}>
              <DataTable
                caption="Loads, newest first"
                hideCaption
                rows={data().loads}
                columns={[
                  {
                    label: 'File',
                    cell: (load) => (
                      <a href={`/data?load=${encodeURIComponent(load.load_id)}`}>
                        {load.file_name || load.load_id}
                      </a>
                    ),
                    sort: (load) => load.file_name,
                  },
                  {
                    label: 'State',
                    cell: (load) => <LoadState state={load.state} />,
                    sort: (load) => load.state,
                  },
                  {
                    label: 'What',
                    cell: (load) => streamWords[load.stream] ?? load.stream,
                    sort: (load) => load.stream,
                  },
                  {
                    label: 'Read',
                    number: true,
                    cell: (load) => formatCount(load.read),
                    sort: (load) => load.read,
                  },
                  {
                    label: 'Accepted',
                    number: true,
                    cell: (load) => formatCount(load.accepted),
                    sort: (load) => load.accepted,
                  },
                  {
                    label: 'Rejected',
                    number: true,
                    cell: (load) => formatCount(load.rejected),
                    sort: (load) => load.rejected,
                  },
                  {
                    label: 'Duplicates',
                    number: true,
                    cell: (load) => formatCount(load.duplicates),
                    sort: (load) => load.duplicates,
                  },
                  {
                    label: 'Corrected',
                    number: true,
                    cell: (load) => formatCount(load.corrected),
                    sort: (load) => load.corrected,
                  },
                  {
                    label: 'Size',
                    number: true,
                    cell: (load) => formatBytes(load.bytes),
                    sort: (load) => load.bytes,
                  },
                  {
                    label: 'When',
                    cell: (load) => <span class="nowrap">{formatMoment(load.started_at, zone())}</span>,
                    sort: (load) => load.started_at,
                  },
                ]}
              />
            </Show>
          )}
        </Loaded>
      </section>

      <section class="section" aria-labelledby="load-your-own">
        <h2 id="load-your-own" tabindex="-1">
          Load your own data
        </h2>
        <ol class="steps">
          <li>
            Export what you have as CSV, NDJSON, Parquet or XES: one row for each thing that happened to a
            request, with the request’s id, the activity and the time. Leave names and addresses out.
          </li>
          <li>
            Make a folder for your data, here <code>my-city</code>, and in it a file{' '}
            <code>clearway.config.json</code> that names your services, departments, districts, calendars and
            service standards. The sample city’s own file is a model.
          </li>
          <li>
            Try it without storing anything. The answer names what does not fit.
            <pre>
              <code>
                npm run clearway -- ingest requests.csv --mapping clearway --data ./my-city --dry-run
              </code>
            </pre>
          </li>
          <li>
            Load it. Loading the same file twice changes nothing; a corrected row replaces the earlier one.
            <pre>
              <code>npm run clearway -- ingest requests.csv --mapping clearway --data ./my-city</code>
            </pre>
            Other formats have mappings of their own:
            <pre>
              <code>npm run clearway -- ingest log.xes.gz --mapping xes --data ./my-city</code>
            </pre>
          </li>
          <li>
            Look at it.
            <pre>
              <code>npm run clearway -- serve --data ./my-city</code>
            </pre>
          </li>
        </ol>
        <p>
          Everything shown here can be read by machines too:{' '}
          <a href="/docs" target="_self">
            description of the API
          </a>
        </p>
      </section>
    </>
  )
}
