import { TZDate } from '@date-fns/tz'
import { LoadError } from '../loadError.ts'
import { isTimeZone } from '../mapping.ts'
import { splitRecord } from '../scan.ts'
import { openZip, type Zip } from './zip.ts'

/** When a trip should be at a stop: seconds after the start of the service day, which may pass 24:00:00. */
export type PlannedStop = { stopId: string; arrival: number; departure: number }

export type Schedule = {
  zone: string | undefined
  /** The stops of the wanted trips by stop_sequence. */
  stops: ReadonlyMap<string, ReadonlyMap<number, PlannedStop>>
  routes: ReadonlyMap<string, string>
}

export const noSchedule: Schedule = { zone: undefined, stops: new Map(), routes: new Map() }

const longestLine = 1_048_576
const mostStops = 5_000_000

/** What the static GTFS says of the trips in `wanted`: stop times, routes and the zone of the agency. */
export async function readSchedule(zipFile: string, wanted: ReadonlySet<string>): Promise<Schedule> {
  const zip = await openZip(zipFile)
  let zone: string | undefined
  for await (const row of table(zip, 'agency.txt', ['agency_timezone'])) zone ??= row[0]
  if (zone !== undefined && !isTimeZone(zone))
    throw new LoadError(`agency.txt of the GTFS archive names "${zone}", which is not a known time zone.`)
  const routes = new Map<string, string>()
  for await (const [trip = '', route = ''] of table(zip, 'trips.txt', ['trip_id', 'route_id']))
    if (wanted.has(trip)) routes.set(trip, route)
  const stops = new Map<string, Map<number, PlannedStop>>()
  let kept = 0
  const columns = ['trip_id', 'stop_sequence', 'stop_id', 'arrival_time', 'departure_time']
  for await (const [trip = '', sequence = '', stopId = '', arrives = '', departs = ''] of table(
    zip,
    'stop_times.txt',
    columns,
  )) {
    if (!wanted.has(trip)) continue
    const arrival = secondsOfDay(arrives === '' ? departs : arrives)
    const departure = secondsOfDay(departs === '' ? arrives : departs)
    // between time points a stop may have no planned time
    if (arrival === undefined || departure === undefined) continue
    if (++kept > mostStops)
      throw new LoadError(
        `stop_times.txt of the GTFS archive names more than ${mostStops} stops of these trips.`,
      )
    const planned = stops.get(trip) ?? new Map<number, PlannedStop>()
    stops.set(trip, planned.set(Number(sequence), { stopId, arrival, departure }))
  }
  return { zone, stops, routes }
}

/** `25:10:00` is 01:10 of the next day: 90,600 seconds. Undefined when it is no time. */
export function secondsOfDay(text: string): number | undefined {
  const [, hours, minutes, seconds] = /^\s*(\d{1,3}):([0-5]\d):([0-5]\d)\s*$/.exec(text) ?? []
  return hours === undefined ? undefined : Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)
}

/**
 * The moment, in Unix seconds, from which the times of a service day count: noon minus twelve hours, so that the clock change
 * shifts nothing (GTFS reference, "Time"). Undefined when `day` is not written YYYYMMDD.
 */
export function startOfServiceDay(day: string, zone: string): number | undefined {
  const [, year, month, date] = /^(\d{4})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])$/.exec(day) ?? []
  if (year === undefined) return undefined
  return new TZDate(Number(year), Number(month) - 1, Number(date), 12, 0, 0, zone).getTime() / 1000 - 43_200
}

/** The named columns of one table of the feed, row by row. */
async function* table(zip: Zip, name: string, columns: readonly string[]): AsyncGenerator<string[]> {
  if (!zip.has(name)) throw new LoadError(`The GTFS archive has no ${name}.`)
  let places: number[] | undefined
  for await (const batch of lines(zip.read(name), name))
    for (const line of batch) {
      if (line === '') continue
      const cells = line.includes('"') ? splitRecord(line, ',') : line.split(',')
      if (places) {
        yield places.map((place) => cells[place] ?? '')
        continue
      }
      const header = cells.map((cell) => cell.replace(/^\uFEFF/, '').trim())
      places = columns.map((column) => header.indexOf(column))
      const missing = columns.find((_, at) => places?.[at] === -1)
      if (missing !== undefined) throw new LoadError(`${name} of the GTFS archive has no column ${missing}.`)
    }
  if (!places) throw new LoadError(`${name} of the GTFS archive is empty.`)
}

async function* lines(blocks: AsyncIterable<Buffer>, name: string): AsyncGenerator<string[]> {
  const text = new TextDecoder()
  let rest = ''
  for await (const block of blocks) {
    const parts = (rest + text.decode(block, { stream: true })).split(/\r?\n/)
    rest = parts.pop() ?? ''
    if (rest.length > longestLine) throw new LoadError(`${name} of the GTFS archive has a line without end.`)
    yield parts
  }
  yield [rest]
}
