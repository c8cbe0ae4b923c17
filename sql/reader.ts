import { dataVersion, settledVersion } from './dataVersion.ts'
import type { Db } from './db.ts'
import { completeFrom, incompleteDays, isoDay, readFeeds } from './feeds.ts'
import type { Filters, Period } from './filters.ts'
import { checkFilters, type Names, readNames } from './names.ts'
import {
  type Coverage,
  chosenPeriod,
  comparePeriod,
  completeness,
  type Held,
  readCoverage,
  readHeld,
} from './period.ts'
import { type Jurisdiction, readJurisdiction } from './reference.ts'
import type { Part } from './rowScope.ts'
import { readServiceVersions, type ServiceVersions } from './serviceVersions.ts'
import type { ReaderDb, Sight } from './within.ts'

/** What every answer with figures needs to know before it asks. */
export type Reading = {
  jurisdiction: Jurisdiction
  names: Names
  held: Held | null
  /** Null while it is not known which services changed last. */
  changed: ServiceVersions | null
  filters: Filters
  period: Period
  compare: Period | null
  head: {
    period: Period
    compare_period: Period | null
    data_version: string
    as_of: string | null
    missing: Missing[]
  }
}

/** A source of which less than 95 % of the period is known: the figures it is part of are provisional. */
export type Missing = { source: string; stream: Coverage['stream']; services: string[]; complete: number }

/** What the store says of itself, kept until the data version moves on. */
type Surroundings = Pick<Reading, 'jurisdiction' | 'names' | 'held' | 'changed'> & { version: string }
const kept = new WeakMap<Db, { version: string; surroundings: Promise<Surroundings> }>()

async function readSurroundings(db: Db, version: string): Promise<Surroundings> {
  const jurisdiction = await readJurisdiction(db)
  const zone = jurisdiction.time_zone
  const [names, held, feeds, changed] = await Promise.all([
    readNames(db),
    readHeld(db, zone),
    readFeeds(db, zone),
    readServiceVersions(db, version),
  ])
  if (!held) return { jurisdiction, names, held, changed, version }
  const incomplete = feeds.map((feed) => ({
    feed,
    shares: new Map([...incompleteDays(feed)].map(([day, share]) => [isoDay(day), share])),
  }))
  const coverage = held.coverage.map((of) => {
    const own = incomplete.find(({ feed }) => feed.source === of.source && feed.stream === of.stream)
    return own && own.shares.size > 0 ? { ...of, shares: own.shares } : of
  })
  return { jurisdiction, names, held: { ...held, coverage }, changed, version }
}

const sightOf = (db: Db | ReaderDb): Sight | undefined => ('sight' in db ? db.sight : undefined)

/**
 * The same as somebody sees it. Until when a source is known, and how much of it, is what the whole store says: a figure is the same for
 * everybody who sees the rows behind it.
 */
async function readSeen(db: Db, { whole }: Sight, version: string): Promise<Surroundings> {
  const { jurisdiction, held: all, changed } = await surroundings(whole)
  const [names, own] = await Promise.all([readNames(db), readCoverage(db, jurisdiction.time_zone)])
  const coverage = own.map((seen) => {
    const { stream, source, service } = seen
    const known = all?.coverage.find(
      (of) => of.stream === stream && of.source === source && of.service === service,
    )
    return { ...(known ?? seen), from: seen.from }
  })
  return { jurisdiction, names, held: await readHeld(db, jurisdiction.time_zone, coverage), changed, version }
}

/** Jurisdiction, names and period held, as of the present data version. */
export async function surroundings(asked: Db | ReaderDb): Promise<Surroundings> {
  const sight = sightOf(asked)
  const db = sight?.kept ?? asked
  const version = await settledVersion(db)
  const known = kept.get(db)
  if (known?.version === version) return known.surroundings
  const fresh = sight?.touched ? readSeen(db, sight, version) : readSurroundings(db, version)
  kept.set(db, { version, surroundings: fresh })
  fresh.catch(() => kept.delete(db))
  return fresh
}

/**
 * Asks within one state of the data: an answer during which a load was published is asked again. Checks that the filters
 * name things that exist (UnknownIdError).
 */
export async function answering<T>(
  db: Db,
  filters: Filters,
  ask: (reading: Reading) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    const reading = await startReading(db, filters)
    const answer = await ask(reading)
    const { version } = await dataVersion(db)
    if (version === reading.head.data_version || attempt === 5) return answer
  }
}

const startReading = async (db: Db, filters: Filters): Promise<Reading> =>
  readingOf(await surroundings(db), filters, sightOf(db)?.hull)

function readingOf(
  { jurisdiction, names, held, changed, version }: Surroundings,
  chosen: Filters,
  hull?: Part,
): Reading {
  checkFilters(chosen, names)
  const filters = hull ? inside(chosen, hull) : chosen
  const known = held ?? { from: filters.from ?? '1970-01-01', until: filters.until ?? '1970-01-02' }
  const period = chosenPeriod(filters, known)
  const compare = held ? comparePeriod(period, filters.compare, held) : null
  const as_of = held?.as_of ?? null
  const head = { period, compare_period: compare, data_version: version, as_of, missing: [] }
  const reading = { jurisdiction, names, held, changed, filters, period, compare, head }
  return { ...reading, head: { ...head, missing: missingOf(reading) } }
}

/** The filters with what is seen chosen where nothing is. */
function inside(filters: Filters, hull: Part): Filters {
  const narrowed = { ...filters }
  for (const dimension of ['department', 'service', 'district'] as const) {
    const [chosen, seen] = [filters[dimension], hull[dimension]]
    if (seen.length === 0) continue
    const left = chosen.length === 0 ? [...seen] : chosen.filter((id) => seen.includes(id))
    // a name that nobody has chooses nothing
    narrowed[dimension] = left.length > 0 ? left : ['']
  }
  return narrowed
}

/** What the head of an answer would name as missing, for any number of filters at one state of the data. */
export async function missingNow(db: Db) {
  const around = await surroundings(db)
  const { version, names, jurisdiction, held } = around
  return {
    ...{ version, names, jurisdiction, held },
    missing: (filters: Filters): Missing[] => readingOf(around, filters).head.missing,
  }
}

/** The sources that leave the period incomplete, the least complete first. */
function missingOf(reading: Reading): Missing[] {
  const found = new Map<string, Coverage[]>()
  for (const stream of ['case_events', 'wait_times', 'outcomes'] as const)
    for (const of of coverageOf(reading, stream)) {
      const key = JSON.stringify([of.source, stream])
      found.set(key, [...(found.get(key) ?? []), of])
    }
  return [...found.values()]
    .flatMap((coverage) => {
      const [first] = coverage
      const complete = completeness(reading.period, coverage)
      const services = [...new Set(coverage.map(({ service }) => service))]
      return first && complete < completeFrom
        ? [{ source: first.source, stream: first.stream, services, complete }]
        : []
    })
    .sort((a, b) => a.complete - b.complete)
}

/** What is known of a stream for the services that were chosen (those of the departments, where only these were chosen). */
export function coverageOf({ held, filters, names }: Reading, stream: Coverage['stream']): Coverage[] {
  const known = held?.coverage.filter((of) => of.stream === stream) ?? []
  const ofDepartments = names.services
    .filter(({ department }) => filters.department.includes(department))
    .map(({ id }) => id)
  const chosen = filters.service.length > 0 ? filters.service : ofDepartments
  const found = known.filter(({ service }) => chosen.includes(service))
  return filters.service.length > 0 || found.length > 0 ? found : known
}
