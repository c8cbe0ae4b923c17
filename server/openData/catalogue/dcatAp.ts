import type { Catalogue, Dataset, Distribution } from './dataset.ts'
import { keywords, terms } from './terms.ts'

/**
 * `catalog.jsonld`: the catalogue by DCAT-AP 3, https://semiceu.github.io/DCAT-AP/releases/3.0.1/. Everything that is
 * pointed at says what it is, so that it can be checked without the lists it comes from.
 */
export function dcatAp(catalogue: Catalogue) {
  const { series } = catalogue
  const oldest = catalogue.datasets.at(-1)
  const from = oldest?.period.first
  const until = catalogue.datasets[0]?.period.last
  const common = {
    'dct:publisher': { '@id': catalogue.publisher.id },
    'dct:spatial': { '@id': placeId(catalogue) },
  }
  return {
    '@context': context,
    '@graph': [
      {
        '@id': catalogue.id,
        '@type': 'dcat:Catalog',
        'dct:title': english(catalogue.title),
        'dct:description': english(catalogue.means),
        ...common,
        'dct:language': { '@id': terms.english },
        'dct:license': { '@id': catalogue.licence.url },
        'foaf:homepage': page(catalogue.home),
        'dcat:themeTaxonomy': { '@id': terms.themes },
        ...(catalogue.datasets[0] && { 'dct:modified': instant(catalogue.datasets[0].issued) }),
        ...(oldest && { 'dct:issued': instant(oldest.issued) }),
        'dcat:dataset': [series.id, ...catalogue.datasets.map(({ id }) => id)].map((id) => ({ '@id': id })),
      },
      {
        '@id': catalogue.publisher.id,
        '@type': 'foaf:Agent',
        'foaf:name': english(catalogue.publisher.name),
      },
      { '@id': placeId(catalogue), '@type': 'dct:Location', 'skos:prefLabel': english(catalogue.place) },
      ...(catalogue.contact
        ? [
            {
              '@id': contactId(catalogue),
              '@type': ['vcard:Kind', 'vcard:Organization'],
              'vcard:fn': catalogue.contact.name,
              'vcard:hasEmail': { '@id': `mailto:${catalogue.contact.email}` },
            },
          ]
        : []),
      {
        '@id': series.id,
        '@type': ['dcat:DatasetSeries', 'dcat:Dataset'],
        'dct:title': english(series.title),
        'dct:description': english(series.means),
        ...common,
        ...contactOf(catalogue),
        'dct:accrualPeriodicity': { '@id': terms.monthly },
        'dcat:theme': { '@id': terms.government },
        'dcat:keyword': keywords.map(english),
        ...(from && until && { 'dct:temporal': period(from, until) }),
      },
      ...catalogue.datasets.map((one, index) => ({
        ...dataset(one, catalogue, catalogue.datasets[index + 1]),
        ...common,
      })),
      ...catalogue.datasets.flatMap((one) => one.files.map((file) => distribution(file, one, catalogue))),
      ...known(catalogue),
    ],
  }
}

const context = {
  adms: 'http://www.w3.org/ns/adms#',
  dcat: 'http://www.w3.org/ns/dcat#',
  dcatap: 'http://data.europa.eu/r5r/',
  dct: 'http://purl.org/dc/terms/',
  dqv: 'http://www.w3.org/ns/dqv#',
  foaf: 'http://xmlns.com/foaf/0.1/',
  rdfs: 'http://www.w3.org/2000/01/rdf-schema#',
  skos: 'http://www.w3.org/2004/02/skos/core#',
  spdx: 'http://spdx.org/rdf/terms#',
  vcard: 'http://www.w3.org/2006/vcard/ns#',
  xsd: 'http://www.w3.org/2001/XMLSchema#',
}

const english = (text: string) => ({ '@value': text, '@language': 'en' })
const typed = (type: string) => (text: string) => ({ '@value': text, '@type': `xsd:${type}` })
const instant = typed('dateTime')
const day = typed('date')
const page = (address: string) => ({ '@id': address, '@type': 'foaf:Document' })
const resource = (address: string) => ({ '@id': address, '@type': 'rdfs:Resource' })
const period = (first: string, last: string) => ({
  '@type': 'dct:PeriodOfTime',
  'dcat:startDate': day(first),
  'dcat:endDate': day(last),
})
const placeId = ({ home }: Catalogue) => `${home}#place`
const contactId = ({ home }: Catalogue) => `${home}#contact`
const contactOf = (catalogue: Catalogue) =>
  catalogue.contact ? { 'dcat:contactPoint': { '@id': contactId(catalogue) } } : {}

function dataset(one: Dataset, catalogue: Catalogue, before: Dataset | undefined) {
  return {
    '@id': one.id,
    '@type': 'dcat:Dataset',
    'dct:identifier': one.id,
    'dct:title': english(one.title),
    'dct:description': english(one.means),
    ...contactOf(catalogue),
    'dct:issued': instant(one.issued),
    'dct:modified': instant(one.issued),
    'dcat:version': one.version,
    ...(one.note && { 'adms:versionNotes': english(one.note) }),
    ...(one.replaces && {
      'dct:replaces': { '@id': one.replaces },
      'dcat:previousVersion': { '@id': one.replaces },
    }),
    ...(one.withdrawn && { 'adms:status': { '@id': terms.withdrawn } }),
    'dcat:inSeries': { '@id': catalogue.series.id },
    ...(before && { 'dcat:prev': { '@id': before.id } }),
    'dct:accessRights': { '@id': terms.public },
    'dct:accrualPeriodicity': { '@id': terms.monthly },
    'dct:language': { '@id': terms.english },
    'dct:temporal': period(one.period.first, one.period.last),
    'dcat:landingPage': page(`${one.id}index.html`),
    'dcat:theme': { '@id': terms.government },
    'dcat:keyword': keywords.map(english),
    ...(one.complete !== null && {
      'dqv:hasQualityMeasurement': {
        '@type': 'dqv:QualityMeasurement',
        'dqv:isMeasurementOf': { '@id': `${catalogue.home}methods.html#hidden` },
        'dqv:value': typed('double')(one.complete.toFixed(4)),
      },
    }),
    'dcat:distribution': one.files.map(({ id }) => ({ '@id': id })),
  }
}

const distribution = (file: Distribution, { issued }: Dataset, { licence }: Catalogue) => ({
  '@id': file.id,
  '@type': 'dcat:Distribution',
  'dct:title': english(file.title),
  'dcat:accessURL': resource(file.url),
  'dcat:downloadURL': resource(file.url),
  'dcat:mediaType': { '@id': terms.media(file.mediaType), '@type': 'dct:MediaType' },
  ...(file.fileType && {
    'dct:format': { '@id': terms.file(file.fileType), '@type': ['dct:MediaTypeOrExtent', 'dct:MediaType'] },
  }),
  'dcat:byteSize': typed('nonNegativeInteger')(String(file.bytes)),
  'spdx:checksum': {
    '@type': 'spdx:Checksum',
    'spdx:algorithm': { '@id': terms.sha256 },
    'spdx:checksumValue': typed('hexBinary')(file.sha256),
  },
  'dct:license': { '@id': licence.url },
  'dct:issued': instant(issued),
  'dcatap:availability': { '@id': terms.stable },
  ...(file.describedBy && { 'foaf:page': page(file.describedBy) }),
})

/** What the terms of published lists are. */
function known({ licence, home, datasets }: Catalogue) {
  const concept = (id: string, label: string) => ({
    '@id': id,
    '@type': 'skos:Concept',
    'skos:prefLabel': english(label),
  })
  return [
    { '@id': licence.url, '@type': 'dct:LicenseDocument', 'dct:title': english(licence.title) },
    { '@id': terms.english, '@type': 'dct:LinguisticSystem' },
    { '@id': terms.monthly, '@type': 'dct:Frequency' },
    { '@id': terms.public, '@type': 'dct:RightsStatement' },
    { '@id': terms.sha256, '@type': 'spdx:ChecksumAlgorithm' },
    { '@id': terms.themes, '@type': 'skos:ConceptScheme', 'dct:title': english('Data themes of the EU') },
    concept(terms.government, 'Government and public sector'),
    concept(terms.stable, 'Stable'),
    ...(datasets.some(({ withdrawn }) => withdrawn) ? [concept(terms.withdrawn, 'Withdrawn')] : []),
    {
      '@id': `${home}methods.html#hidden`,
      '@type': 'dqv:Metric',
      'skos:definition': english('Share of figures that are not hidden.'),
      'dqv:expectedDataType': { '@id': terms.double },
      'dqv:inDimension': { '@id': terms.completeness },
    },
  ]
}
