import { createSignal, For, Show } from 'solid-js'
import { streamWords } from '../../../server/words/streamWords.ts'
import { type Dictionary, type Streams, useAnswer } from '../../api.ts'
import { DataTable } from '../../components/DataTable.tsx'
import { Loaded } from '../../components/States.tsx'
import { TryFile } from './TryFile.tsx'
import { capital } from './words.ts'

/** How a newcomer brings own data in: what can be loaded, a template, a first try, the commands. */
export function LoadYourOwn() {
  const streams = useAnswer<Streams>(() => '/api/v1/streams')
  return (
    <section class="section" aria-labelledby="load-your-own">
      <h2 id="load-your-own" tabindex="-1">
        Load your own data
      </h2>
      <p class="prose">
        Three kinds of rows can be loaded. A template is a CSV file with the column names and one example row;
        open it, replace the example with your rows, and try it below. Leave names and addresses of people
        out.
      </p>
      <Loaded answer={streams} what="The kinds of rows" height={220}>
        {(data) => (
          <>
            <ul class="cards">
              <For each={data().streams}>{(stream) => <Kind stream={stream} />}</For>
            </ul>
            <TryFile streams={data().streams.map(({ name }) => name)} />
          </>
        )}
      </Loaded>
      <h3 class="section">By command, for large files and other formats</h3>
      <ol class="steps">
        <li>
          Make a folder for your data, here <code>my-city</code>, and in it a file{' '}
          <code>clearway.config.json</code> that names your services, departments, districts, calendars and
          service standards. The sample city’s own file is a model.
        </li>
        <li>
          Try a file without storing anything. The answer names what does not fit. For a file with other
          column names, let a mapping be drafted first.
          <pre>
            <code>
              {`npm run clearway -- mapping suggest requests.csv
npm run clearway -- ingest requests.csv --mapping clearway --data ./my-city --dry-run`}
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
  )
}

function Kind(props: { stream: Streams['streams'][number] }) {
  const [open, setOpen] = createSignal(false)
  const fields = useAnswer<Dictionary>(() => (open() ? props.stream.dictionary : null))
  const name = () => streamWords[props.stream.name] ?? props.stream.name
  return (
    <li class="card kind" classList={{ 'is-open': open() }}>
      <h3>{capital(name())}</h3>
      <p>{props.stream.meaning}</p>
      <p class="controls more">
        <a class="button" href={props.stream.template} download={`${props.stream.name}.csv`} target="_self">
          Download the template
          <span class="visually-hidden"> for {name()}</span>
        </a>
        <button type="button" class="button" aria-expanded={open()} onClick={() => setOpen(!open())}>
          {open() ? 'Hide the fields' : 'What the fields mean'}
          <span class="visually-hidden"> of {name()}</span>
        </button>
      </p>
      <Show when={open()}>
        <Loaded answer={fields} what="The fields" height={300}>
          {(data) => (
            <DataTable
              caption={`Fields of ${name()}`}
              rows={data().fields}
              columns={[
                { label: 'Field', cell: (field) => <code>{field.name}</code> },
                { label: 'Needed', cell: (field) => (field.required ? 'always' : 'if known') },
                {
                  label: 'What it means',
                  cell: (field) => (
                    <>
                      {field.meaning}
                      <Show when={field.values}>{(values) => <> One of: {values().join(', ')}.</>}</Show>
                    </>
                  ),
                },
                { label: 'Example', cell: (field) => <code>{field.example}</code> },
              ]}
            />
          )}
        </Loaded>
      </Show>
    </li>
  )
}
