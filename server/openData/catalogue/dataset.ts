import type { Site, SiteRelease } from '../../releases/published.ts'
import { permalink, publisherName } from '../notes.ts'

/** What catalogues of all kinds say of the site and its releases; each profile has its own words for it. */
export type Catalogue = {
  id: string
  title: string
  means: string
  home: string
  publisher: { id: string; name: string }
  contact: { name: string; email: string } | null
  licence: Site['publication']['licence']
  place: string
  series: { id: string; title: string; means: string }
  /** The newest first. */
  datasets: Dataset[]
}
export type Dataset = {
  id: string
  title: string
  means: string
  issued: string
  period: { first: string; last: string }
  version: string
  /** Why it was made again or withdrawn. */
  note: string
  replaces: string | null
  withdrawn: boolean
  /** Share of figures that are not hidden, 0 to 1; null where there are none. */
  complete: number | null
  files: Distribution[]
}
export type Distribution = {
  id: string
  title: string
  url: string
  mediaType: string
  /** Its name, like CSV. */
  format: string
  /** In the list of file types of the EU, where it is there. */
  fileType: string | null
  bytes: number
  sha256: string
  describedBy: string | null
}

export function catalogue(site: Site): Catalogue {
  const { address, publisher, licence } = site.publication
  const { name: place, sample } = site.jurisdiction
  const invented = sample ? ' All figures are invented: they show what such data looks like.' : ''
  const means = `How long people wait for the services of ${place}, and how they end.${invented}`
  return {
    id: `${address}catalog.jsonld`,
    title: `Service performance of ${place}`,
    means,
    home: address,
    publisher: { id: publisher.url ?? `${address}#publisher`, name: publisherName(site) },
    contact: publisher.email
      ? { name: publisher.contact ?? publisherName(site), email: publisher.email }
      : null,
    licence,
    place,
    series: {
      id: `${address}catalog.jsonld#series`,
      title: `Service performance of ${place}, by month`,
      means,
    },
    datasets: site.releases.map((release) => dataset(release, address, invented)),
  }
}

function dataset(
  { head, state, reason, tables, files, hidden }: SiteRelease,
  address: string,
  invented: string,
): Dataset {
  const home = permalink(address, head.id)
  const withdrawn = state === 'withdrawn'
  const titles = new Map([
    ...tables.map(({ id, title }) => [id, title] as const),
    ['revisions', 'Revised figures'],
  ])
  return {
    id: home,
    title: withdrawn ? `Withdrawn: ${head.title}` : head.title,
    means: withdrawn
      ? `This release was withdrawn. ${reason}`.trim()
      : `${tables.map(({ title }) => title).join(', ')}.${invented}`,
    issued: head.published_at,
    period: { first: head.period.from, last: dayBefore(head.period.until) },
    version: String(head.version),
    note: withdrawn ? reason : head.reason,
    replaces: head.corrects ? permalink(address, head.corrects) : null,
    withdrawn,
    complete: hidden.of > 0 ? 1 - hidden.cells / hidden.of : null,
    files: withdrawn ? [] : files.flatMap((file) => distribution(file, home, titles)),
  }
}

const formats = {
  csv: { name: 'CSV', mediaType: 'text/csv', fileType: 'CSV' },
  json: { name: 'JSON', mediaType: 'application/json', fileType: 'JSON' },
  parquet: { name: 'Parquet', mediaType: 'application/vnd.apache.parquet', fileType: null },
  xlsx: {
    name: 'XLSX',
    mediaType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    fileType: 'XLSX',
  },
} as const
type Format = keyof typeof formats

function distribution(
  { path, bytes, sha256 }: SiteRelease['files'][number],
  home: string,
  titles: Map<string, string>,
): Distribution[] {
  const found = /^data\/(\w+)\.(csv|json|parquet|xlsx)$/.exec(path)
  if (!found) return []
  const [, table = '', ending] = found
  const { name, mediaType, fileType } = formats[ending as Format]
  const whole =
    table === 'datapackage' ? 'All tables, data package' : `${titles.get(table) ?? table}, ${name}`
  return [
    {
      id: `${home}${path}#file`,
      title: whole,
      url: `${home}${path}`,
      mediaType,
      format: name,
      fileType,
      bytes,
      sha256,
      describedBy: ending === 'csv' ? `${home}${path}-metadata.json` : null,
    },
  ]
}

/** Catalogues name the last day; `until` is the day after it. */
const dayBefore = (day: string) =>
  new Date(Date.parse(`${day}T00:00:00Z`) - 86_400_000).toISOString().slice(0, 10)
