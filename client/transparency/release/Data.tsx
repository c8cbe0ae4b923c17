import { For, Show } from 'solid-js'
import { promiseColumns, tellsPromise } from '../../../server/openData/promise.ts'
import type { Table as DataTable, Dimension } from '../../../server/releases/published.ts'
import { formatCount, formatDay } from '../../../server/words/format.ts'
import { Table } from '../../components/Table.tsx'
import { addressOf, Page, sitePath } from '../Page.tsx'
import type { Release } from '../release.ts'
import { dataset } from '../structured.ts'
import { placeOf } from './place.ts'

const formats = [
  { ending: 'csv', label: 'CSV' },
  { ending: 'xlsx', label: 'XLSX' },
  { ending: 'json', label: 'JSON' },
  { ending: 'parquet', label: 'Parquet' },
] as const

type Listed = Pick<DataTable, 'id' | 'title' | 'means' | 'framework'> & { rows: readonly unknown[] }

/** Everything to take along: each table in each format, with licence, citation and dictionary. */
export function Data(props: { release: Release }) {
  const release = () => props.release
  const own = (): Listed[] => [
    ...release().tables.filter(({ framework }) => !framework),
    {
      id: 'revisions',
      title: 'Changed numbers',
      means: 'Numbers of this release that earlier releases told otherwise.',
      rows: release().revisions,
      framework: null,
    },
  ]
  const frameworks = () => release().tables.filter(({ framework }) => framework)
  const publisher = () => release().publication.publisher.name ?? release().jurisdiction.name
  const folder = () => addressOf(placeOf(release(), ''))
  const site = () => sitePath(release())
  return (
    <Page
      place={placeOf(release(), 'data.html')}
      title="Get all the data"
      description={`All figures of ${release().jurisdiction.name} as CSV, Excel, JSON and Parquet files, free to use, with a dictionary of all columns.`}
      structured={[dataset(release())]}
    >
      <div class="page-head">
        <h1>Get all the data</h1>
        <p class="lede">
          All numbers on these pages are in these files. You may use them for free, also to earn money. Just
          say where they come from.
        </p>
      </div>
      <section class="section">
        <h2>Tables</h2>
        <p class="prose">
          CSV and XLSX open in any spreadsheet. JSON and Parquet are for programs. The same number is the same
          in all of them.
        </p>
        <Files release={release()} id="tables" caption="Tables of this release" tables={own()} />
        <p>
          <a href="data/datapackage.json">All tables as one data package (datapackage.json)</a>
        </p>
      </section>
      <Show when={frameworks().length > 0}>
        <section class="section">
          <h2>The same numbers in the form that others ask for</h2>
          <Files release={release()} id="frameworks" caption="Tables for frameworks" tables={frameworks()} />
        </section>
      </Show>
      <section class="section prose">
        <h2>Licence and how to name the source</h2>
        <p>
          Licence: <a href={release().publication.licence.url}>{release().publication.licence.title}</a> (
          {release().publication.licence.id}).
        </p>
        <p>Please name the source like this:</p>
        <p class="quote">
          {publisher()}: {release().release.title}. Release {release().release.id},{' '}
          {formatDay(release().release.published_at)}. {folder()}
        </p>
        <p>This address never changes, and what stands there never changes.</p>
      </section>
      <section class="section">
        <h2 id="dictionary">What the columns mean</h2>
        <p class="prose">
          Each row of a table has columns that say where and when, and one column for each figure. Beside each
          figure a column <code>…_marks</code> holds marks such as <code>c</code> for hidden. Shares and times
          also have <code>…_low</code> and <code>…_high</code>, the two ends of the 95% range.{' '}
          <a href="methods.html#marks">What the marks mean</a>
        </p>
        <Table
          id="dimensions-table"
          caption="Columns that say where and when"
          heads={[{ label: 'Column' }, { label: 'Name' }, { label: 'Values' }]}
          rows={dimensionsOf(release())}
          cell={({ id, label, values }, column) =>
            column === 0 ? <code>{id}</code> : column === 1 ? label : exampleOf(values)
          }
        />
        <Table
          id="columns-table"
          caption="Columns with figures"
          heads={[{ label: 'Column' }, { label: 'What it counts' }, { label: 'Unit' }]}
          rows={release().measures}
          cell={({ id, label, unit }, column) =>
            column === 0 ? (
              <code>{id}</code>
            ) : column === 1 ? (
              <a href={`methods.html#${id}`}>{label}</a>
            ) : (
              unitWords[unit]
            )
          }
        />
        <Show when={release().tables.find(tellsPromise)}>
          {(table) => (
            <Table
              id="promise-table"
              caption={`Columns of ${table().title.toLowerCase()} beside them`}
              heads={[{ label: 'Column' }, { label: 'Name' }, { label: 'What it says' }]}
              rows={promiseColumns}
              cell={({ name, title, means }, column) =>
                column === 0 ? <code>{name}</code> : column === 1 ? title : means
              }
            />
          )}
        </Show>
      </section>
      <section class="section prose">
        <h2>Show a chart on your own site</h2>
        <p>
          Each service has a picture and a small page that you can put on your own site. They stay as they
          are.
        </p>
        <ul>
          <For each={release().services}>
            {({ id, name }) => (
              <li>
                {name}: <a href={`embed/${id}.svg`}>picture (SVG)</a>,{' '}
                <a href={`embed/${id}.html`}>small page</a>
              </li>
            )}
          </For>
        </ul>
        <Show when={release().services[0]}>
          {(service) => (
            <pre>
              <code>{frameOf(folder(), service())}</code>
            </pre>
          )}
        </Show>
      </section>
      <section class="section prose">
        <h2>For programs</h2>
        <ul>
          <li>
            <a href="manifest.json">All files of this release with their checksums</a>, and its{' '}
            <a href="manifest.sig">signature</a>
          </li>
          <li>
            <a href={`${site()}data.json`}>Catalogue of all data (DCAT-US)</a>,{' '}
            <a href={`${site()}catalog.jsonld`}>the same as DCAT-AP</a>
          </li>
          <li>
            <a href={`${site()}releases.atom`}>Feed of releases</a>,{' '}
            <a href={`${site()}revisions.atom`}>feed of changed numbers</a>,{' '}
            <a href={`${site()}releases.ics`}>calendar of releases</a>
          </li>
        </ul>
        <p class="muted">Made with Clearway {release().release.made_with}.</p>
      </section>
    </Page>
  )
}

/** What somebody copies into a page of their own. A name in quotes must not end them. */
const frameOf = (folder: string, { id, name }: { id: string; name: string }) =>
  `<iframe src="${folder}embed/${id}.html" title="${name.replaceAll('"', '&quot;')}" width="640" height="420"></iframe>`

function Files(props: { release: Release; id: string; caption: string; tables: Listed[] }) {
  return (
    <Table
      id={props.id}
      caption={props.caption}
      hideCaption={true}
      heads={[
        { label: 'Table' },
        { label: 'Rows', number: true },
        { label: 'Files' },
        { label: 'Described' },
      ]}
      rows={props.tables}
      cell={({ id, title, means, rows, framework }, column) => {
        if (column === 0)
          return (
            <>
              {title}
              <span class="muted">
                {means} <Show when={framework}>{(one) => <a href={one().url}>{one().name}</a>}</Show>
              </span>
            </>
          )
        if (column === 1) return formatCount(rows.length)
        if (column === 3)
          return (
            <a href={`data/${id}.csv-metadata.json`} aria-label={`Columns of ${title} (CSVW)`}>
              CSVW
            </a>
          )
        return (
          <span class="files">
            <For each={formats}>
              {({ ending, label }) => (
                <a href={`data/${id}.${ending}`} aria-label={`${title} (${label})`}>
                  {label}
                </a>
              )}
            </For>
          </span>
        )
      }}
    />
  )
}

const unitWords = {
  count: 'number',
  share: 'share from 0 to 1',
  per_100: 'for every 100',
  money: 'money',
  seconds: 'seconds',
  minutes: 'minutes',
  hours: 'hours',
  days: 'days',
} as const

/** Each dimension once, with the values of all tables. */
function dimensionsOf({ tables }: Release): Dimension[] {
  const found = new Map<string, Dimension>()
  for (const dimension of tables.flatMap(({ dimensions }) => dimensions)) {
    const known = found.get(dimension.id)
    const values = new Map([...(known?.values ?? []), ...dimension.values].map((value) => [value.id, value]))
    found.set(dimension.id, { ...dimension, values: [...values.values()] })
  }
  return [...found.values()]
}

const exampleOf = (values: Dimension['values']) =>
  values.length <= 6
    ? values.map(({ id, label }) => `${id}: ${label}`).join('; ')
    : `${values.length} values, such as ${values
        .slice(0, 3)
        .map(({ id, label }) => `${id} (${label})`)
        .join(', ')}`
