import type { Catalogue, Dataset, Distribution } from './dataset.ts'
import { keywords, terms } from './terms.ts'

/** `data.json`: the catalogue by DCAT-US 3, https://resources.data.gov/dcat-us/3.0.0. All is given inline, as it asks. */
export function dcatUs(catalogue: Catalogue) {
  return {
    '@context': 'https://raw.githubusercontent.com/DOI-DO/dcat-us/main/context/dcat-us-3.0.jsonld',
    '@id': `${catalogue.home}data.json`,
    '@type': 'Catalog',
    conformsTo: {
      '@id': 'https://resources.data.gov/dcat-us/3.0.0',
      '@type': 'Standard',
      title: 'DCAT-US 3.0.0',
    },
    title: catalogue.title,
    description: catalogue.means,
    homepage: page(catalogue.home, catalogue.title),
    language: ['en'],
    license: catalogue.licence.url,
    publisher: { '@id': catalogue.publisher.id, '@type': 'Agent', name: catalogue.publisher.name },
    contactPoint: contact(catalogue),
    spatial: [place(catalogue)],
    dataset: catalogue.datasets.map((one) => dataset(one, catalogue)),
  }
}

const contact = ({ contact }: Catalogue) =>
  contact ? [{ '@type': 'Kind', fn: contact.name, hasEmail: `mailto:${contact.email}` }] : null

const place = ({ place }: Catalogue) => ({ '@type': 'Location', prefLabel: place })
const page = (address: string, title: string) => ({ '@type': 'Document', title, accessURL: address })
const concept = (id: string, prefLabel: string) => ({ '@id': id, '@type': 'Concept', prefLabel })

/** What a dataset must say of itself, also where another one names it. */
const named = (one: Dataset, catalogue: Catalogue) => ({
  '@id': one.id,
  '@type': 'Dataset',
  identifier: one.id,
  title: one.title,
  description: one.means,
  publisher: {
    '@id': catalogue.publisher.id,
    '@type': 'Organization',
    name: catalogue.publisher.name,
    prefLabel: catalogue.publisher.name,
  },
  contactPoint: contact(catalogue),
})

function dataset(one: Dataset, catalogue: Catalogue) {
  const { series } = catalogue
  const replaced = catalogue.datasets.filter(({ id }) => id === one.replaces)
  return {
    ...named(one, catalogue),
    issued: one.issued,
    modified: one.issued,
    version: one.version,
    versionNotes: one.note || null,
    replaces: replaced.length > 0 ? replaced.map((old) => named(old, catalogue)) : null,
    ...(one.withdrawn && { status: concept(terms.withdrawn, 'Withdrawn') }),
    accessRights: 'public',
    accrualPeriodicity: 'monthly',
    language: ['en'],
    landingPage: page(one.id, one.title),
    keyword: keywords,
    spatial: [place(catalogue)],
    temporal: [{ '@type': 'PeriodOfTime', startDate: one.period.first, endDate: one.period.last }],
    theme: [concept(terms.government, 'Government and public sector')],
    inSeries: [
      {
        '@id': series.id,
        '@type': 'DatasetSeries',
        title: series.title,
        description: series.means,
        accrualPeriodicity: 'monthly',
      },
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
                definition: 'Share of figures that are not hidden.',
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
  mediaType: file.mediaType,
  format: file.format,
  byteSize: String(file.bytes),
  checksum: { '@type': 'Checksum', algorithm: 'SHA-256', checksumValue: file.sha256 },
  license: licence.url,
  issued,
  ...(file.describedBy && {
    describedBy: {
      '@type': 'Distribution',
      title: 'Data dictionary',
      downloadURL: file.describedBy,
      mediaType: 'application/csvm+json',
    },
  }),
})
