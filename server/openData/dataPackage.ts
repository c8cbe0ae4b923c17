import { createHash } from 'node:crypto'
import type { Published } from '../releases/published.ts'
import type { Column, FlatTable } from './columns.ts'
import { emptyCells } from './csvw.ts'
import { citation, notes, permalink, publisherName } from './notes.ts'

/** All tables of a release as one Frictionless data package. */
export function dataPackage(published: Published, tables: { table: FlatTable; csv: string }[]) {
  const { release, jurisdiction, publication } = published
  const { licence, publisher } = publication
  const name = publisherName(published)
  return {
    profile: 'tabular-data-package',
    name: `service-performance-${release.id}`,
    id: permalink(publication.address, release.id),
    title: release.title,
    description: notes(published).join('\n'),
    version: String(release.version),
    created: release.published_at,
    homepage: permalink(publication.address, release.id),
    licenses: [{ name: licence.id, path: licence.url, title: licence.title }],
    sources: [{ title: `Records of services of ${jurisdiction.name}, as of ${release.as_of}` }],
    contributors: [
      {
        title: name,
        role: 'publisher',
        ...(publisher.url && { path: publisher.url }),
        ...(publisher.email && { email: publisher.email }),
      },
    ],
    keywords: ['public services', 'service performance', 'waiting times'],
    bibliographicCitation: citation(published),
    resources: tables.map(({ table, csv }) => ({
      profile: 'tabular-data-resource',
      name: table.id,
      path: `${table.id}.csv`,
      title: table.title,
      description: table.means,
      format: 'csv',
      mediatype: 'text/csv',
      encoding: 'utf-8',
      bytes: Buffer.byteLength(csv),
      hash: `sha256:${createHash('sha256').update(csv).digest('hex')}`,
      dialect: { delimiter: ',', lineTerminator: '\r\n', quoteChar: '"', doubleQuote: true, header: true },
      schema: {
        fields: table.columns.map(field),
        missingValues: emptyCells,
        primaryKey: table.columns.filter(({ key }) => key).map((column) => column.name),
      },
    })),
  }
}

const types = { text: 'string', day: 'date', whole: 'integer', number: 'number' } as const

const field = ({ name, title, means, type, unit, least, most, optional }: Column) => ({
  name,
  title,
  description: unit ? `${means} Unit: ${unit}.` : means,
  type: types[type],
  constraints: {
    required: !optional,
    ...(least !== null && { minimum: least }),
    ...(most !== null && { maximum: most }),
  },
})
