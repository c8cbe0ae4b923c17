import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import Ajv from 'ajv'
import addFormats from 'ajv-formats'
import ICAL from 'ical.js'
import jsonld from 'jsonld'
import { Parser, Store } from 'n3'
import Validator from 'rdf-validate-shacl'
import { SaxesParser } from 'saxes'
import { expect, test } from 'vitest'
import { makePublished, makeSite } from '../../fixtures/published/make.ts'
import { dcatUsSchema } from '../../fixtures/schemas/dcatUs.ts'
import { useStore } from '../../pipelines/testStore.ts'
import { build } from '../releases/build.ts'
import type { Person } from '../releases/desk.ts'
import type { Site } from '../releases/published.ts'
import { testDesk } from '../releases/testDesk.ts'
import { approve, check, publish, schedule } from '../releases/workflow.ts'
import { siteFeeds } from './siteFeeds.ts'

/** Three releases: one that holds, the one it corrects, and one that was withdrawn. */
function site(): Site {
  const sha256 = 'a1'.repeat(32)
  const files = [
    'index.html',
    'services/building-permits.html',
    'embed/building-permits.html',
    'data/services_by_month.csv',
    'data/services_by_month.csv-metadata.json',
    'data/services_by_month.parquet',
    'data/services_by_month.xlsx',
    'data/datapackage.json',
    'manifest.json',
  ].map((path, index) => ({ path, bytes: 1000 + index, sha256 }))
  const made = makeSite(makePublished(), files)
  const [first] = made.releases
  if (!first) throw new Error('no release')
  const correction = {
    ...first,
    head: {
      ...first.head,
      id: '2026-06.2',
      version: 2,
      corrects: '2026-06',
      reason: 'Closings of 3 June were counted twice; "<b>" & more.',
      published_at: '2026-07-20T08:30:00.000Z',
    },
  }
  const old = {
    ...first,
    head: { ...first.head, id: '2026-05', title: 'Service performance, May 2026' },
    state: 'withdrawn' as const,
    reason: 'It named the wrong districts.',
  }
  const [released, planned] = made.calendar
  if (!released || !planned) throw new Error('no calendar')
  return {
    ...made,
    releases: [correction, { ...first, state: 'corrected' }, old],
    calendar: [
      released,
      { ...released, at: correction.head.published_at, title: 'Correction: June 2026' },
      {
        ...planned,
        sequence: 2,
        reason: `Moved, because the counters report late; it will hold all of July, also what came by post, übrigens ${'sehr '.repeat(20)}spät`,
      },
      {
        ...planned,
        month: '2026-08',
        at: '2026-09-15T08:30:00.000Z',
        state: 'cancelled',
        reason: 'No staff, no data',
      },
    ],
    revisions: [
      {
        release: '2026-06.2',
        table: 'services_by_month',
        at: { service: 'building-permits', period: '2026-06' },
        measure: 'requests_closed',
        before: { release: '2026-06', value: 310, marks: [] },
        now: { value: null, marks: ['c'] },
      },
    ],
  }
}

const text = (path: string, given = site()): string => {
  const body = siteFeeds(given).find((file) => file.path === path)?.body
  if (typeof body !== 'string') throw new Error(`no ${path}`)
  return body
}

const ajv = new Ajv({ allErrors: true })
addFormats(ajv)
const dcatUs = ajv.compile(dcatUsSchema)

test('data.json keeps the rules of DCAT-US 3, and the rules find what is broken', () => {
  const given = JSON.parse(text('data.json'))
  expect(dcatUs(given) || dcatUs.errors).toBe(true)
  expect(given.dataset.map((one: { identifier: string }) => one.identifier)).toEqual([
    'http://localhost:8080/public/releases/2026-06.2/',
    'http://localhost:8080/public/releases/2026-06/',
    'http://localhost:8080/public/releases/2026-05/',
  ])
  const [newest, , withdrawn] = given.dataset
  expect(newest.replaces.map((one: { identifier: string }) => one.identifier)).toEqual([
    'http://localhost:8080/public/releases/2026-06/',
  ])
  expect(newest.distribution).toHaveLength(4)
  expect(newest.distribution[0]).toMatchObject({
    byteSize: '1003',
    checksum: { checksumValue: 'a1'.repeat(32) },
  })
  expect(newest.temporal[0]).toMatchObject({ startDate: '2026-06-01', endDate: '2026-06-30' })
  expect(withdrawn).toMatchObject({ versionNotes: 'It named the wrong districts.', distribution: [] })

  for (const broken of [
    { ...given, publisher: { name: 7 } },
    { ...given, language: ['http://publications.europa.eu/resource/authority/language/ENG'] },
    { ...given, dataset: [{ ...newest, contactPoint: null }] },
    { ...given, dataset: [{ ...newest, inSeries: ['http://localhost:8080/public/catalog.jsonld#series'] }] },
    { ...given, dataset: [{ ...newest, title: undefined }] },
    { ...given, dataset: [{ ...newest, issued: 'yesterday' }] },
    { ...given, dataset: [{ ...newest, distribution: [{ downloadURL: 'services by month' }] }] },
  ])
    expect(dcatUs(JSON.parse(JSON.stringify(broken)))).toBe(false)
})

const store = useStore()

test('the catalogues of a site that was really built say how complete its release is', async () => {
  const office = testDesk(() => store.db)
  const makers = await office.desk().makers()
  const desk = office.desk({
    makers: async () => ({ ...makers, siteFiles: async (site) => siteFeeds(site) }),
  })
  const [ada, bob] = ['Planning', 'Statistics'].map((name) => ({ id: name, name })) as [Person, Person]
  await build(desk, { month: '2026-06' }, ada)
  await check(desk, '2026-06', ada)
  await approve(desk, '2026-06', bob)
  await schedule(desk, '2026-06', bob)
  office.now = new Date('2026-07-15T08:30:00Z')
  await publish(desk, '2026-06', bob)

  const { cells, of } = makePublished().hidden
  const complete = (1 - cells / of).toFixed(4)
  expect(Number(complete)).toBeLessThan(1)
  const read = async (path: string) =>
    JSON.parse(await readFile(join(store.db.dataDir, 'public', path), 'utf8'))
  const [dataset] = (await read('data.json')).dataset
  expect(dataset.hasQualityMeasurement).toMatchObject([{ value: complete }])
  const graph: Record<string, { 'dqv:value'?: { '@value': string } }>[] = (await read('catalog.jsonld'))[
    '@graph'
  ]
  expect(graph.flatMap((one) => one['dqv:hasQualityMeasurement']?.['dqv:value'] ?? [])).toMatchObject([
    { '@value': complete },
  ])
})

async function violations(document: string): Promise<string[]> {
  const shapes = await readFile(join(import.meta.dirname, '../../fixtures/schemas/dcatAp.ttl'), 'utf8')
  const quads = (await jsonld.toRDF(JSON.parse(document), {
    format: 'application/n-quads',
  })) as unknown as string
  const report = await new Validator(new Store(new Parser().parse(shapes))).validate(
    new Store(new Parser().parse(quads)),
  )
  return report.results.map(({ focusNode, path, sourceConstraintComponent }) =>
    [focusNode, path, sourceConstraintComponent].map((term) => term?.value.replace(/^.*[/#]/, '')).join(' '),
  )
}

test('catalog.jsonld keeps the shapes of DCAT-AP 3, and the shapes find what is broken', async () => {
  const given = text('catalog.jsonld')
  expect(await violations(given)).toEqual([])
  const quads = (await jsonld.toRDF(JSON.parse(given), {
    format: 'application/n-quads',
  })) as unknown as string
  const dcat = 'http://www.w3.org/ns/dcat#'
  const store = new Store(new Parser().parse(quads))
  expect(store.countQuads(null, `${dcat}inSeries`, null, null)).toBe(3)
  expect(store.countQuads(null, `${dcat}downloadURL`, null, null)).toBe(8)
  expect(store.countQuads(null, 'http://www.w3.org/ns/dqv#value', null, null)).toBe(3)

  expect(await violations(given.replace('"@type": "foaf:Agent"', '"@type": "foaf:Thing"'))).toContain(
    'catalog.jsonld publisher ClassConstraintComponent',
  )
  expect(await violations(given.replaceAll('dcat:accessURL', 'dcat:accessUrl'))).toContain(
    'file accessURL MinCountConstraintComponent',
  )
  expect(await violations(given.replaceAll('xsd:nonNegativeInteger', 'xsd:string'))).toContain(
    'file byteSize DatatypeConstraintComponent',
  )
})

test('the calendar holds exact times, keeps its ids when they move, and says why', () => {
  const ics = text('releases.ics')
  expect(ics.split('\r\n').every((line) => Buffer.byteLength(line) <= 75 && !line.includes('\n'))).toBe(true)
  const events = new ICAL.Component(ICAL.parse(ics)).getAllSubcomponents('vevent')
  const values = (name: string) => events.map((event) => String(event.getFirstPropertyValue(name)))
  expect(values('dtstart')).toEqual([
    '2026-07-15T08:30:00Z',
    '2026-07-20T08:30:00Z',
    '2026-08-14T08:30:00Z',
    '2026-09-15T08:30:00Z',
  ])
  expect(values('uid')).toEqual([
    'release-2026-06@localhost',
    'release-2026-06-2@localhost',
    'release-2026-07@localhost',
    'release-2026-08@localhost',
  ])
  expect(values('status')).toEqual(['CONFIRMED', 'CONFIRMED', 'TENTATIVE', 'CANCELLED'])
  expect(values('sequence')).toEqual(['0', '0', '2', '0'])
  expect(values('comment')[2]).toBe(site().calendar[2]?.reason)
  expect(values('comment')[3]).toBe('No staff, no data')
  for (const event of events) expect(event.getFirstPropertyValue('dtstamp')).toBeTruthy()
  const moved = site()
  moved.calendar = moved.calendar.map((entry) => ({ ...entry, at: entry.at.replace('08:30', '10:00') }))
  const uids = (given: string) => given.match(/^UID:.*$/gm)
  expect(uids(text('releases.ics', moved))).toEqual(uids(ics))
  expect(() => ICAL.parse(ics.replace('END:VCALENDAR', ''))).toThrow()
})

/** Elements by their path, with their text; throws where XML is not well formed. */
function elements(xml: string): { path: string; text: string }[] {
  const parser = new SaxesParser()
  const open: { path: string; text: string }[] = []
  const all: { path: string; text: string }[] = []
  parser.on('opentag', ({ name }) => {
    const element = { path: `${open.at(-1)?.path ?? ''}/${name}`, text: '' }
    open.push(element)
    all.push(element)
  })
  parser.on('text', (part) => {
    const element = open.at(-1)
    if (element) element.text += part
  })
  parser.on('closetag', () => open.pop())
  parser.on('error', (error) => {
    throw error
  })
  parser.write(xml).close()
  return all
}

test('feeds hold what Atom requires, with ids that stay', () => {
  for (const name of ['releases.atom', 'revisions.atom']) {
    const found = elements(text(name))
    const of = (path: string) =>
      found.filter((element) => element.path === path).map((element) => element.text)
    for (const path of ['/feed/id', '/feed/title', '/feed/updated', '/feed/author/name'])
      expect(of(path), `${name} ${path}`).toEqual([expect.stringMatching(/./)])
    const entries = of('/feed/entry')
    for (const path of ['id', 'title', 'updated'])
      expect(of(`/feed/entry/${path}`)).toHaveLength(entries.length)
    for (const time of of('/feed/entry/updated')) expect(new Date(time).toISOString()).toBe(time)
    expect(new Set(of('/feed/entry/id')).size).toBe(entries.length)
  }
  const entries = elements(text('releases.atom'))
  expect(entries.filter(({ path }) => path === '/feed/entry/id').map((element) => element.text)).toEqual([
    'http://localhost:8080/public/releases/2026-06.2/',
    'http://localhost:8080/public/releases/2026-06/',
    'http://localhost:8080/public/releases/2026-05/',
  ])
  expect(entries.find(({ path }) => path === '/feed/entry/summary')?.text).toContain('"<b>" & more.')
  expect(elements(text('revisions.atom')).find(({ path }) => path === '/feed/entry/content')?.text).toBe(
    '<ul><li>Requests closed (service=building-permits;period=2026-06): 310 in release 2026-06, now [c].</li></ul>',
  )
  expect(() => elements(text('releases.atom').replace('</entry>', ''))).toThrow()
})

test('search engines get the pages of today and the addresses of earlier releases', () => {
  const places = elements(text('sitemap.xml')).filter(({ path }) => path === '/urlset/url/loc')
  expect(places.map((place) => place.text.replace('http://localhost:8080/public/', ''))).toEqual([
    '',
    'services/building-permits.html',
    'releases.html',
    'calendar.html',
    'corrections.html',
    'releases/2026-06/',
  ])
  expect(text('robots.txt')).toContain('Sitemap: http://localhost:8080/public/sitemap.xml')
})

test('a site without a release yet, contact or calendar has whole files too', async () => {
  const empty: Site = { ...site(), releases: [], calendar: [], revisions: [] }
  empty.publication = { ...empty.publication, publisher: {} }
  expect(dcatUs(JSON.parse(text('data.json', empty))) || dcatUs.errors).toBe(true)
  expect(await violations(text('catalog.jsonld', empty))).toEqual([])
  for (const name of ['releases.atom', 'revisions.atom', 'sitemap.xml']) elements(text(name, empty))
  ICAL.parse(text('releases.ics', empty))
})
