import { randomUUID } from 'node:crypto'
import type { Config } from '../../sql/config.ts'
import { type CubeCell, type CubePeriods, periodsOf, readCube } from '../../sql/cube.ts'
import { dataVersion } from '../../sql/dataVersion.ts'
import type { Db } from '../../sql/db.ts'
import { filters, type Period } from '../../sql/filters.ts'
import { completeness } from '../../sql/period.ts'
import { answering, coverageOf, type Reading } from '../../sql/reader.ts'
import { noticeOf } from '../privacy/notice.ts'
import { counts, times } from './exact.ts'
import type { About } from './frozen.ts'
import { checkLeaveOut } from './measures.ts'
import type { ReleaseHead } from './published.ts'
import { ReleaseError } from './releaseError.ts'

/** How far back a release tells: so many months, and so many quarters by district and channel. */
const monthsTold = 24
const quartersSplit = 4

export type Draft = {
  /** `2026-06`, of a correction `2026-06.2`. */
  id: string
  /** The month it is about, `2026-06`. */
  month: string
  config: Config
  head: ReleaseHead
  /** The releases that are public now, in the order they became it: what they said counts when small numbers are hidden. */
  earlier: string[]
}

/**
 * Writes down the exact figures of a release with the configuration they stand under, read at one version of the data. What is public
 * is made from these alone, so that it can be made again when facts were corrected since. A draft may be frozen again; a release that
 * is public may not.
 */
export async function freeze(db: Db, { id, month, config, head, earlier }: Draft): Promise<void> {
  checkLeaveOut(config.publication)
  if (earlier.includes(id))
    throw new ReleaseError(
      `Release ${id} is public and stays as it is: build a correction of it, like ${id.split('.')[0]}.2.`,
    )
  const all = filters.parse({ compare: 'none' })
  const { cells, periods, reading, still } = await answering(db, all, async (asked) => {
    const spans = spansOf(month, asked)
    const found = await readCube(db, asked, spans)
    const { version, final } = await dataVersion(db)
    return {
      cells: found,
      periods: periodsOf(spans),
      reading: asked,
      still: final && version === asked.head.data_version,
    }
  })
  if (!still)
    throw new ReleaseError(
      'Data kept coming in while the release was made, so its figures would not belong together: build it again when the load has ended.',
    )

  const token = randomUUID()
  const insert = (table: string, values: Record<string, unknown>[]) =>
    db.insert({ table, values: values.map((row) => ({ freeze: token, ...row })), format: 'JSONEachRow' })
  await insert('frozen_counts', cells.flatMap(countsOf))
  await insert('frozen_times', cells.flatMap(timesOf))
  await insert('frozen_known', knownOf(reading, periods))
  await insert('frozen_releases', [
    {
      release: id,
      month,
      data_version: reading.head.data_version,
      head: JSON.stringify(head),
      about: JSON.stringify(aboutOf(config, reading, periods)),
      earlier,
    },
  ])
}

/** The whole months and quarters up to and including the month. Throws where the data does not reach to its end. */
function spansOf(month: string, { held }: Reading): CubePeriods {
  const until = monthAfter(month, 1)
  if (!held) throw new ReleaseError('The store holds no data yet: load some before a release is built.')
  if (`${until}-01` > held.until)
    throw new ReleaseError(
      `The data ends before ${held.until}, so ${month} is not over in it: choose an earlier month, or load the rest first.`,
    )
  if (`${until}-01` <= held.from)
    throw new ReleaseError(`The data begins on ${held.from}: there is none of ${month}.`)
  const first = [monthAfter(until, -monthsTold), held.from.slice(0, 7)].sort()[1] ?? month
  const quarters = { from: quarterFrom(first), until: quarterBefore(until) }
  const parts = { ...quarters, from: later(quarters.from, monthAfter(quarters.until, -3 * quartersSplit)) }
  return {
    months: days(first, until),
    quarters: quarters.from < quarters.until ? days(quarters.from, quarters.until) : null,
    parts: quarters.from < quarters.until ? days(parts.from, parts.until) : null,
  }
}

const days = (from: string, until: string): Period => ({ from: `${from}-01`, until: `${until}-01` })
const later = (a: string, b: string) => (a > b ? a : b)

/** The month so many months later. */
function monthAfter(month: string, by: number): string {
  const [year = 0, index = 1] = month.split('-').map(Number)
  return new Date(Date.UTC(year, index - 1 + by, 1)).toISOString().slice(0, 7)
}

/** The first month of the first quarter that begins in the month or later. */
const quarterFrom = (month: string) => monthAfter(month, (12 - Number(month.slice(5)) + 1) % 3)
/** The first month of the quarter that the month lies in. */
const quarterBefore = (month: string) => monthAfter(month, -((Number(month.slice(5)) - 1) % 3))

const placeOf = ({ service, district, channel, period }: CubeCell) => ({ service, district, channel, period })

/** What is not there is zero. */
const countsOf = (at: CubeCell) =>
  Object.entries(counts).flatMap(([count, of]) => {
    const value = of(at) ?? 0
    return value === 0 ? [] : [{ count, ...placeOf(at), value }]
  })

const timesOf = (at: CubeCell) =>
  Object.entries(times).flatMap(([name, of]) => {
    const told = of(at)
    return told && told.n > 0 ? [{ time: name, ...placeOf(at), ...told }] : []
  })

function knownOf(reading: Reading, periods: ({ id: string } & Period)[]) {
  return (['case_events', 'wait_times', 'outcomes'] as const).flatMap((stream) => {
    const coverage = coverageOf(reading, stream)
    const services = ['all', ...new Set(coverage.map(({ service }) => service))]
    return services.flatMap((service) => {
      const own = coverage.filter((of) => service === 'all' || of.service === service)
      return own.length === 0
        ? []
        : periods.map((period) => ({
            stream,
            service,
            period: period.id,
            complete: completeness(period, own),
          }))
    })
  })
}

/** Names, promises and costs as they stand now, the declared ones in the order they are declared. */
function aboutOf(config: Config, { names, jurisdiction }: Reading, periods: About['periods']): About {
  const order = config.services.map(({ id }) => id)
  const place = (id: string) => (order.includes(id) ? order.indexOf(id) : order.length)
  return {
    jurisdiction: {
      name: jurisdiction.name || config.jurisdiction.name,
      time_zone: jurisdiction.time_zone,
      sample: jurisdiction.sample,
    },
    publication: config.publication,
    notice: noticeOf(config),
    services: [...names.services]
      .sort((a, b) => place(a.id) - place(b.id))
      .map(({ id, name, means, department, streams }) => ({
        id,
        name,
        means,
        streams,
        department: names.departments.find((one) => one.id === department) ?? {
          id: department,
          name: department,
        },
        standards: names.standards
          .filter(({ service }) => service === id)
          .map(({ service: _, ...standard }) => standard),
      })),
    districts: declaredFirst(config.districts, names.districts).map(({ id, name }) => ({
      id,
      name,
      shape: config.districts.find((one) => one.id === id)?.shape ?? null,
    })),
    channels: declaredFirst(config.channels, names.channels),
    costs: names.costs,
    periods,
  }
}

/** In the order of the configuration, what is only in the data behind. */
function declaredFirst<N extends { id: string }>(declared: readonly { id: string }[], known: readonly N[]) {
  const place = (id: string) => {
    const index = declared.findIndex((one) => one.id === id)
    return index < 0 ? declared.length : index
  }
  return [...known].sort((a, b) => place(a.id) - place(b.id))
}
