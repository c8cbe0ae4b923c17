import type { PublishedService } from '../../server/releases/published.ts'
import { sitePath } from './Page.tsx'
import type { Release } from './release.ts'

/** What search engines read: schema.org descriptions of the data and of the services. */

const context = 'https://schema.org'

const publisherOf = ({ jurisdiction, publication }: Release) => ({
  '@type': 'GovernmentOrganization',
  name: publication.publisher.name ?? jurisdiction.name,
  ...(publication.publisher.url && { url: publication.publisher.url }),
  ...(publication.publisher.email && { email: publication.publisher.email }),
})

const folderOf = ({ publication, release }: Release) => `${publication.address}releases/${release.id}/`

const formats = [
  { ending: 'csv', type: 'text/csv' },
  { ending: 'json', type: 'application/json' },
  { ending: 'parquet', type: 'application/vnd.apache.parquet' },
  { ending: 'xlsx', type: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet' },
]

/** The data of a release. */
export function dataset(release: Release) {
  const folder = folderOf(release)
  return {
    '@context': context,
    '@type': 'Dataset',
    '@id': `${folder}index.html`,
    name: release.release.title,
    description: `How public services of ${release.jurisdiction.name} did: requests, waiting times, promises kept and satisfaction. Small numbers are hidden to protect people.`,
    url: `${folder}index.html`,
    license: release.publication.licence.url,
    creator: publisherOf(release),
    publisher: publisherOf(release),
    datePublished: release.release.published_at,
    version: String(release.release.version),
    identifier: release.release.id,
    isAccessibleForFree: true,
    inLanguage: 'en',
    spatialCoverage: release.jurisdiction.name,
    temporalCoverage: `${release.months[0] ?? release.month}/${release.month}`,
    variableMeasured: release.measures.map(({ id, label, means }) => ({
      '@type': 'PropertyValue',
      propertyID: id,
      name: label,
      description: means,
    })),
    distribution: release.tables.flatMap(({ id, title }) =>
      formats.map(({ ending, type }) => ({
        '@type': 'DataDownload',
        name: title,
        encodingFormat: type,
        contentUrl: `${folder}data/${id}.${ending}`,
      })),
    ),
    includedInDataCatalog: {
      '@type': 'DataCatalog',
      url: new URL(`${sitePath(release)}catalog.jsonld`, release.publication.address).href,
    },
  }
}

/** A service as something people can ask for. */
export const governmentService = (release: Release, service: PublishedService) => ({
  '@context': context,
  '@type': 'GovernmentService',
  '@id': `${folderOf(release)}services/${service.id}.html`,
  name: service.name,
  description: service.means,
  url: `${folderOf(release)}services/${service.id}.html`,
  serviceOperator: {
    '@type': 'GovernmentOrganization',
    name: service.department.name,
    parentOrganization: publisherOf(release),
  },
  areaServed: { '@type': 'AdministrativeArea', name: release.jurisdiction.name },
  subjectOf: { '@id': `${folderOf(release)}index.html` },
})
