import type { Catalogue, Dataset, Distribution } from './dataset.ts'
import { terms } from './terms.ts'

/** `data.json`: the catalogue by DCAT-US 3, https://github.com/DOI-DO/dcat-us. */
export function dcatUs(catalogue: Catalogue) {
  return {
    '@context': 'https://raw.githubusercontent.com/DOI-DO/dcat-us/main/context/dcat-us-3.0.jsonld',
    '@id': `${catalogue.home}data.json`,
    '@type': 'Catalog',
    conformsTo: 'http://resource.data.gov/profile/dcat-us#',
    title: catalogue.title,
    description: catalogue.means,
    homepage: catalogue.home,
    language: [terms.english],
    license: catalogue.licence.url,
    publisher: organisation(catalogue),
    contactPoint: contact(catalogue),
    spatial: [place(catalogue)],
    dataset: catalogue.datasets.map((one, index) => dataset(one, catalogue, index === 0)),
  }
}

const organisation = ({ publisher }: Catalogue) => ({
  '@id': publisher.id,
  '@type': 'Organization',
  name: publisher.name,
  prefLabel: publisher.name,
})

const contact = ({ contact }: Catalogue) =>
  contact ? [{ '@type': 'Kind', fn: contact.name, hasEmail: `mailto:${contact.email}` }] : null

const place = ({ place }: Catalogue) => ({ '@type': 'Location', prefLabel: place })

function dataset(one: Dataset, catalogue: Catalogue, first: boolean) {
  const { series } = catalogue
  return {
    '@id': one.id,
    '@type': 'Dataset',
    identifier: [one.id],
    title: one.title,
    description: one.means,
    publisher: organisation(catalogue),
    contactPoint: contact(catalogue),
    issued: one.issued,
    modified: one.issued,
    version: one.version,
    versionNotes: one.note || null,
    replaces: one.replaces ? [one.replaces] : null,
    ...(one.withdrawn && { status: terms.withdrawn }),
    accessRights: terms.public,
    accrualPeriodicity: terms.monthly,
    language: [terms.english],
    landingPage: one.id,
    spatial: [place(catalogue)],
    temporal: [{ '@type': 'PeriodOfTime', startDate: one.period.first, endDate: one.period.last }],
    theme: [terms.government],
    // described once, named by its address after that
    inSeries: [
      first
        ? {
            '@id': series.id,
            '@type': 'DatasetSeries',
            title: series.title,
            description: series.means,
            accrualPeriodicity: terms.monthly,
            publisher: organisation(catalogue),
            contactPoint: contact(catalogue),
            first: series.first,
            last: series.last,
            seriesMember: catalogue.datasets.map(({ id }) => id),
          }
        : series.id,
    ],
    hasQualityMeasurement:
      one.complete === null
        ? null
        : [
            {
              '@type': 'QualityMeasurement',
              isMeasurementOf: {
                '@id': `${catalogue.home}methods.html#hidden`,
                '@type': 'Metric',
                expectedDataType: terms.double,
                inDimension: terms.completeness,
              },
              value: one.complete.toFixed(4),
            },
          ],
    distribution: one.files.map((file) => distribution(file, one, catalogue)),
  }
}

const distribution = (file: Distribution, { issued }: Dataset, { licence }: Catalogue) => ({
  '@id': file.id,
  '@type': 'Distribution',
  title: file.title,
  accessURL: file.url,
  downloadURL: file.url,
  mediaType: terms.media(file.mediaType),
  ...(file.fileType && { format: terms.file(file.fileType) }),
  byteSize: String(file.bytes),
  checksum: { '@type': 'Checksum', algorithm: terms.sha256, checksumValue: file.sha256 },
  license: licence.url,
  issued,
  ...(file.describedBy && {
    describedBy: {
      '@type': 'Distribution',
      title: 'Data dictionary',
      downloadURL: file.describedBy,
      mediaType: terms.media('application/csvm+json'),
    },
  }),
})
