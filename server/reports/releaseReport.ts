import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Filters } from '../../sql/filters.ts'
import { reportIds } from '../../sql/reportIds.ts'
import { units } from '../../sql/stat.ts'
import type { Column, FlatTable } from '../openData/columns.ts'
import { figureWords, shownMarks } from '../openData/keyFigure.ts'
import { readManifest, sha256 } from '../releases/manifest.ts'
import type { Mark, ReleaseHead } from '../releases/published.ts'
import { publicFolder } from '../releases/site.ts'
import { formatCount, formatMoment, formatShare } from '../words/format.ts'
import { columns, heading, text } from './blocks.ts'
import { contentOf } from './compose.ts'
import type { ReportCell, ReportColumn, ReportDefinition, ReportTable } from './content.ts'
import type { Block } from './document.ts'
import { NotNowError, ReportError } from './reportError.ts'

/** A table as it lies in the public folder. */
type PublicTable = Pick<FlatTable, 'title' | 'means' | 'columns' | 'measures' | 'framework'> & {
  table: string
  release: ReleaseHead
  citation: string
  notes: string[]
  rows: Record<string, string | number | null>[]
}

export const releaseReport: ReportDefinition = {
  id: 'release',
  ...reportIds.release,
  async compose(composing) {
    const { db, data, filters } = composing
    const meta = await data.readMeta(db)
    const published = await publicTables(db.dataDir)
    const allowed = servicesIn(filters, meta.services)
    const cut = published.map((table) => ({
      ...table,
      rows: table.rows.filter((row) => isOf(row, table.columns, allowed, filters)),
    }))
    const first = cut.find(({ table }) => table === 'services_by_month') ?? cut[0]
    if (!first) throw noRelease()
    const { release, citation } = first
    const { time_zone } = meta.jurisdiction
    const [main, ...others] = [first, ...cut.filter((table) => table !== first && table.rows.length > 0)].map(
      reportTable,
    )
    return contentOf(composing, releaseReport, meta, {
      title: release.title,
      lead: `Published ${formatMoment(release.published_at, time_zone)}. All figures are as they were published: rounded, and hidden where they could tell of few people.${release.reason ? ` Why it was made again: ${release.reason}` : ''}`,
      blocks: [...latest(first), heading('Where it comes from'), text(citation)],
      notes: first.notes,
      ground: {
        period: release.period,
        as_of: release.as_of,
        // what is published moves on with releases, not with loads
        data_version: release.id,
        missing: [],
      },
      completeness: completenessOf(published),
      definitions: first.measures.map(({ definition }) => definition),
      head: [{ label: 'Release', value: `${release.id}, version ${release.version}` }],
      tables: [main as ReportTable, ...others],
    })
  },
}

const noRelease = () =>
  new NotNowError(
    'Nothing is released to the public yet: publish a release first, with clearway release build and the steps it names.',
  )

/** The tables of the newest public release. What was changed after it was signed is refused. */
async function publicTables(dataDir: string): Promise<PublicTable[]> {
  const folder = publicFolder(dataDir)
  const manifest = await readManifest(folder)
  if (!manifest) throw noRelease()
  const tables: PublicTable[] = []
  for (const { path, sha256: signed } of manifest.files) {
    if (!/^data\/\w+\.json$/.test(path) || ['data/datapackage.json', 'data/revisions.json'].includes(path))
      continue
    const body = await readFile(join(folder, path), 'utf8')
    if (sha256(body) !== signed)
      throw new ReportError(
        `The file ${path} of the public folder was changed after it was released: make it again with clearway release rebuild.`,
      )
    tables.push(JSON.parse(body) as PublicTable)
  }
  return tables
}

/** The services a reader's filters allow; null when they name neither services nor departments. */
function servicesIn(
  { service, department }: Filters,
  services: readonly { id: string; department: string }[],
) {
  if (service.length === 0 && department.length === 0) return null
  return services
    .filter(
      ({ id, department: of }) =>
        (service.length === 0 || service.includes(id)) &&
        (department.length === 0 || department.includes(of)),
    )
    .map(({ id }) => id)
}

/** How many figures of the release are hidden, not there or may still change. Layouts for frameworks repeat figures and are not counted. */
function completenessOf(tables: readonly PublicTable[]): string {
  const marked = tables
    .filter(({ framework }) => framework === null)
    .flatMap(({ measures, rows }) => rows.flatMap((row) => measures.map(({ id }) => marksIn(row, id))))
  const count = (mark: Mark) => marked.filter((marks) => marks.includes(mark)).length
  const [hidden, lacking, open] = [count('c'), count('x'), count('p')]
  const of = marked.length - count('z') - lacking
  const said = [
    hidden > 0 &&
      `${formatCount(hidden)} of ${formatCount(of)} figures (${formatShare(hidden / of)}) are hidden to protect people`,
    lacking > 0 && `${formatCount(lacking)} are not available`,
    open > 0 && `${formatCount(open)} are provisional`,
  ].filter(Boolean)
  return said.join(', ') || 'Complete'
}

const marksIn = (row: PublicTable['rows'][number], measure: string) =>
  String(row[`${measure}_marks`] ?? '')
    .split(' ')
    .filter(Boolean) as Mark[]

/** Rows outside the filters are left out; so are tables that do not tell apart what was filtered. */
function isOf(
  row: PublicTable['rows'][number],
  all: readonly Column[],
  services: string[] | null,
  { district, channel }: Filters,
) {
  const fits = (name: string, ids: readonly string[] | null) =>
    ids === null || (all.some((column) => column.name === name) && ids.includes(String(row[name])))
  return (
    fits('service', services) &&
    fits('district', district.length > 0 ? district : null) &&
    fits('channel', channel.length > 0 ? channel : null)
  )
}

const reportTable = ({ table, title, means, columns: all, rows }: PublicTable): ReportTable => ({
  id: table,
  title,
  means,
  columns: all.map(
    ({ name, title: label, means: meaning, type, unit, optional }): ReportColumn => ({
      name,
      title: label,
      means: meaning,
      type,
      unit: units.find((known) => known === unit) ?? null,
      optional,
    }),
  ),
  rows: rows.map((row) => all.map(({ name }): ReportCell => row[name] ?? null)),
})

/** What is asked first, as far as it is published. */
const shownFirst = [
  'requests_received',
  'backlog',
  'on_time_rate',
  'wait_in_time_rate',
  'time_to_outcome_median',
  'wait_median',
  'satisfied_share',
]

/** The last period of the first table, for every service. */
function latest({ columns: all, measures, rows, title, release }: PublicTable): Block[] {
  const last = rows
    .map(({ period }) => String(period))
    .sort()
    .at(-1)
  const shown = rows.filter(({ period }) => String(period) === last)
  const label = all.find(({ name }) => name === 'service_label') ?? all[0]
  const told = shownFirst.flatMap((id) => measures.find((measure) => measure.id === id) ?? [])
  if (shown.length === 0 || !label) return [text(`The release ${release.id} tells nothing of this choice.`)]
  return [
    {
      kind: 'table',
      caption: `${title}, ${String(shown[0]?.period_label ?? last)}`,
      columns: columns([label.title, 2], ...told.map(({ label: name }): [string] => [name])),
      rows: shown.map((row) => [
        String(row[label.name] ?? ''),
        ...told.map(({ id, unit }) => {
          const value = row[id]
          const figure = { value: typeof value === 'number' ? value : null, marks: marksIn(row, id) }
          return [figureWords(figure, unit), ...(figure.value === null ? [] : shownMarks(figure))].join(' ')
        }),
      ]),
    },
    text(
      `These are ${formatCount(shown.length)} of ${formatCount(rows.length)} rows: the tables of this report hold all months.`,
    ),
  ]
}
