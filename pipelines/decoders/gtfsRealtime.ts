import { readdir, readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import protobuf from 'protobufjs'
import { LoadError } from '../loadError.ts'
// the official schema of github.com/google/transit, Apache License 2.0
import schema from './gtfs-realtime.proto?raw'
import {
  noSchedule,
  type PlannedStop,
  readSchedule,
  type Schedule,
  secondsOfDay,
  startOfServiceDay,
} from './gtfsSchedule.ts'
import { Lines } from './lines.ts'

const unzip = promisify(gunzip)
const largestSnapshot = 64 * 2 ** 20
const largestEntity = 4 * 2 ** 20
const mostVisits = 5_000_000

type StopTimeEvent = { time?: unknown; delay?: number }
type StopTimeUpdate = {
  stop_sequence?: number
  stop_id?: string
  arrival?: StopTimeEvent
  departure?: StopTimeEvent
  schedule_relationship: number
}
type TripUpdate = {
  trip: {
    trip_id?: string
    route_id?: string
    start_date?: string
    start_time?: string
    schedule_relationship: number
  }
  stop_time_update: StopTimeUpdate[]
}
type Header = { timestamp?: unknown }
type Entity = { is_deleted: boolean; trip_update?: TripUpdate | null }

const trips = { unscheduled: 2, canceled: 3, duplicated: 6, deleted: 7 }
const stops = { scheduled: 0, skipped: 1 }
let types: { header: protobuf.Type; entity: protobuf.Type } | undefined

/** What the snapshots said last of one visit of a vehicle to a stop. */
type Visit = {
  trip: Trip
  sequence: number | undefined
  stopId: string
  seenAt: number
  skipped: boolean
  event: 'arrival' | 'departure'
  time: number | undefined
  delay: number | undefined
}
type Trip = {
  id: string
  /** The trip in the static schedule: `T1` of an added `T1#4711`. */
  planned: string
  route: string
  day: string
  startTime: string
  ownTimes: boolean
  canceledAt: number | undefined
  /** By sequence, or by the id of the stop where no sequence is told. */
  visits: Map<number | string, Visit>
}

/** The snapshots of a load in the order they are read, and the static GTFS beside them, if there is one. */
export async function snapshotFiles(target: string): Promise<{ snapshots: string[]; schedule?: string }> {
  const isFolder = (await stat(target)).isDirectory()
  const folder = isFolder ? target : path.dirname(target)
  const names = (await readdir(folder)).sort()
  const snapshots = isFolder
    ? names.filter((name) => /\.(pb|pbf)(\.gz)?$/i.test(name)).map((name) => path.join(folder, name))
    : [target]
  if (snapshots.length === 0)
    throw new LoadError(`The folder ${path.basename(folder)} holds no snapshots (.pb or .pb.gz).`)
  for (const place of isFolder ? [folder, path.dirname(path.resolve(folder))] : [folder]) {
    const zips = (await readdir(place)).filter((name) => /\.zip$/i.test(name)).sort()
    const zip =
      zips.find((name) => name.toLowerCase() === 'gtfs.zip') ?? (zips.length === 1 ? zips[0] : undefined)
    if (zip !== undefined) return { snapshots, schedule: path.join(place, zip) }
  }
  return { snapshots }
}

export type GtfsOptions = {
  /** The zone of service days where the static GTFS names none. */
  zone: string
  onBytes?: (bytes: number) => void
  signal?: AbortSignal | undefined
}

/**
 * GTFS-Realtime TripUpdates as lines of JSON, one a visit of a vehicle to a stop, with what the latest snapshot said of it. A visit
 * is `served` when its time had come at that snapshot; one that was still a prediction is told as `deleted`, so that it counts nowhere
 * until a later load has seen it pass. The delay is the time against the static schedule, else the delay as published; stops
 * without data and trips without a schedule are left out.
 */
export async function* decodeGtfsRealtime(
  files: { snapshots: readonly string[]; schedule?: string },
  options: GtfsOptions,
): AsyncGenerator<Buffer> {
  const kept = new Kept()
  for (const file of files.snapshots) {
    options.signal?.throwIfAborted()
    const { size } = await stat(file)
    if (size > largestSnapshot) throw tooLarge(path.basename(file))
    kept.add(await unpackSnapshot(file), path.basename(file))
    options.onBytes?.(size)
  }
  const schedule = files.schedule ? await readSchedule(files.schedule, kept.plannedTrips()) : noSchedule
  const lines = new Lines()
  for (const row of kept.rows(schedule, schedule.zone ?? options.zone)) {
    lines.add(row)
    yield* lines.take()
  }
  yield* lines.take(true)
}

const tooLarge = (name: string): LoadError => new LoadError(`The snapshot ${name} is larger than 64 MB.`)

/** The bytes of one snapshot, unpacked when it is gzip. */
async function unpackSnapshot(file: string): Promise<Buffer> {
  const name = path.basename(file)
  const packed = await readFile(file)
  if (packed[0] !== 0x1f || packed[1] !== 0x8b) return packed
  return unzip(packed, { maxOutputLength: largestSnapshot }).catch((error: unknown) => {
    const isTooLarge = error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE'
    throw new LoadError(
      isTooLarge
        ? `The snapshot ${name} unpacks to more than 64 MB and was stopped.`
        : `The gzip file ${name} is damaged or cut off. Copy or compress it again.`,
    )
  })
}

/**
 * The parts of a FeedMessage one after another, so that no more than one entity is an object at a time: field 1 is the header,
 * field 2 an entity. Throws LoadError naming the file when its bytes are no feed.
 */
function* readFeed(bytes: Buffer, name: string): Generator<{ header: Header } | { entity: Entity }> {
  types ??= feedTypes()
  let hasHeader = false
  try {
    const reader = protobuf.Reader.create(bytes)
    while (reader.pos < reader.len) {
      const tag = reader.uint32()
      if (tag !== 0x0a && tag !== 0x12) {
        reader.skipType(tag & 7)
        continue
      }
      const length = reader.uint32()
      if (length > reader.len - reader.pos || length > largestEntity) throw new RangeError('a lying length')
      if (tag === 0x0a) yield { header: types.header.decode(reader, length) as unknown as Header }
      else yield { entity: types.entity.decode(reader, length) as unknown as Entity }
      hasHeader ||= tag === 0x0a
    }
    if (!hasHeader) throw new RangeError('no header')
  } catch (error) {
    if (error instanceof LoadError) throw error
    throw new LoadError(
      `The snapshot ${name} is not a GTFS-Realtime feed, or it was cut off. Fetch it again or take it out of the folder.`,
    )
  }
}

function feedTypes() {
  const { root } = protobuf.parse(schema, { keepCase: true })
  const type = (name: string) => root.lookupType(`transit_realtime.${name}`)
  return { header: type('FeedHeader'), entity: type('FeedEntity') }
}

class Kept {
  #visits = 0
  readonly #trips = new Map<string, Trip>()

  add(bytes: Buffer, name: string): void {
    let seenAt = 0
    for (const part of readFeed(bytes, name)) {
      if ('header' in part) seenAt = numberOf(part.header.timestamp ?? 0)
      // the header comes first, as every serializer writes it
      if (!(seenAt > 0))
        throw new LoadError(`The snapshot ${name} does not say when it was made (header.timestamp).`)
      if ('header' in part || part.entity.is_deleted || !part.entity.trip_update) continue
      this.#update(part.entity.trip_update, seenAt)
      if (this.#visits > mostVisits || this.#trips.size > mostVisits)
        throw new LoadError(
          `The folder tells more than ${mostVisits} stop visits. Load it in several folders, one a day.`,
        )
    }
  }

  #update(update: TripUpdate, seenAt: number): void {
    const { trip_id: id, start_date: day, schedule_relationship: relation } = update.trip
    if (!id || !day || relation === trips.unscheduled) return
    const tripKey = `${day}/${id}`
    const trip = this.#trips.get(tripKey) ?? {
      ...{ id, day, planned: id.split('#')[0] ?? id, route: update.trip.route_id ?? '' },
      ...{ startTime: update.trip.start_time ?? '', ownTimes: relation === trips.duplicated },
      ...{ canceledAt: undefined, visits: new Map() },
    }
    this.#trips.set(tripKey, trip)
    if (relation === trips.canceled || relation === trips.deleted) {
      trip.canceledAt = Math.max(trip.canceledAt ?? 0, seenAt)
      return
    }
    for (const stop of update.stop_time_update) {
      const sequence = Object.hasOwn(stop, 'stop_sequence') ? stop.stop_sequence : undefined
      const key = sequence ?? stop.stop_id ?? ''
      const earlier = trip.visits.get(key)
      if (key === '' || (earlier && earlier.seenAt > seenAt)) continue
      const visit = visitOf(trip, stop, sequence, seenAt)
      if (!visit) continue
      if (!earlier) this.#visits++
      trip.visits.set(key, visit)
    }
  }

  plannedTrips(): Set<string> {
    return new Set([...this.#trips.values()].map(({ planned }) => planned))
  }

  *rows(schedule: Schedule, zone: string): Generator<Row> {
    const days = new Map<string, number | undefined>()
    const startOf = ({ day }: Trip): number | undefined => {
      if (!days.has(day)) days.set(day, startOfServiceDay(day, zone))
      return days.get(day)
    }
    // a stop that was told by its id only is the stop of that sequence
    const visits = new Map<string, Visit>()
    for (const trip of this.#trips.values())
      for (const visit of trip.visits.values()) {
        const key = `${trip.day}/${trip.id}/${sequenceOf(visit, schedule) ?? visit.stopId}`
        if (visit.seenAt >= (visits.get(key)?.seenAt ?? 0)) visits.set(key, visit)
      }
    const done = new Set<string>()
    for (const [key, visit] of visits) {
      const { trip } = visit
      const row = rowOf(key, visit, schedule, startOf(trip))
      const isPassed = row?.status === 'served' && row.deleted === ''
      // what had passed before the rest of the trip was called off stays as it was
      if (!row || (!isPassed && trip.canceledAt !== undefined && trip.canceledAt >= visit.seenAt)) continue
      done.add(key)
      yield row
    }
    for (const [tripKey, trip] of this.#trips) {
      const start = startOf(trip)
      if (trip.canceledAt === undefined || start === undefined) continue
      const planned = [...(schedule.stops.get(trip.planned) ?? [])]
      const lost = planned.map(([sequence, { arrival }]): [string, number] => [
        `${tripKey}/${sequence}`,
        arrival,
      ])
      const startTime = secondsOfDay(trip.startTime)
      if (lost.length === 0 && startTime !== undefined) lost.push([`${tripKey}/trip`, startTime])
      for (const [key, due] of lost)
        if (!done.has(key))
          yield {
            ...{ wait_id: key, asked_at: String(start + due), wait: '', status: 'cancelled', deleted: '' },
            ...{ route_id: routeOf(trip, schedule), recorded_at: String(trip.canceledAt) },
          }
    }
  }
}

function visitOf(
  trip: Trip,
  stop: StopTimeUpdate,
  sequence: number | undefined,
  seenAt: number,
): Visit | undefined {
  const { arrival, departure, schedule_relationship: relation } = stop
  const skipped = relation === stops.skipped
  if (!skipped && relation !== stops.scheduled) return undefined
  const event = tells(arrival, 'time') || (tells(arrival, 'delay') && !tells(departure, 'time'))
  const told = event ? arrival : departure
  const time = tells(told, 'time') ? numberOf(told?.time) : undefined
  // the delay as published stands at the arrival where there is one
  const withDelay = tells(arrival, 'delay') ? arrival : tells(departure, 'delay') ? departure : undefined
  if (!skipped && time === undefined && withDelay === undefined) return undefined
  return {
    trip,
    sequence,
    stopId: stop.stop_id ?? '',
    seenAt,
    skipped,
    event: event ? 'arrival' : 'departure',
    time,
    delay: withDelay?.delay,
  }
}

/** Whether the feed itself says so; a field that is absent has a default. */
const tells = (event: StopTimeEvent | undefined, field: 'time' | 'delay'): boolean =>
  event != null && Object.hasOwn(event, field)

/** A 64-bit integer of protobufjs, without the detour over its text. */
function numberOf(value: unknown): number {
  const isLong = typeof value === 'object' && value !== null && 'toNumber' in value
  return isLong && typeof value.toNumber === 'function' ? Number(value.toNumber()) : Number(value)
}

type Row = Record<'wait_id' | 'asked_at' | 'wait' | 'status' | 'route_id' | 'recorded_at' | 'deleted', string>

function rowOf(key: string, visit: Visit, schedule: Schedule, dayStart: number | undefined): Row | undefined {
  const { trip, seenAt } = visit
  const planned = plannedStop(visit, schedule)
  const due =
    planned && dayStart !== undefined && !trip.ownTimes ? dayStart + planned[visit.event] : undefined
  const common = { wait_id: key, route_id: routeOf(trip, schedule), recorded_at: String(seenAt), deleted: '' }
  if (visit.skipped) {
    const startTime = secondsOfDay(trip.startTime)
    const asked = due ?? (dayStart === undefined ? seenAt : dayStart + (startTime ?? 0))
    return { ...common, asked_at: String(asked), wait: '', status: 'skipped' }
  }
  // time wins over delay
  const delay = due !== undefined && visit.time !== undefined ? visit.time - due : visit.delay
  if (delay === undefined) return undefined
  const asked = due ?? (visit.time === undefined ? undefined : visit.time - delay)
  if (asked === undefined) return undefined
  const isPassed = asked + delay <= seenAt
  return {
    ...{ ...common, asked_at: String(asked), wait: String(delay), status: 'served' },
    deleted: isPassed ? '' : 'true',
  }
}

function plannedStop(visit: Visit, schedule: Schedule): PlannedStop | undefined {
  const sequence = sequenceOf(visit, schedule)
  return sequence === undefined ? undefined : schedule.stops.get(visit.trip.planned)?.get(sequence)
}

function sequenceOf({ trip, sequence, stopId }: Visit, schedule: Schedule): number | undefined {
  if (sequence !== undefined) return sequence
  const planned = [...(schedule.stops.get(trip.planned) ?? [])].filter(([, stop]) => stop.stopId === stopId)
  // on a loop a stop comes twice, and the feed has to say which one it means
  return planned.length === 1 ? planned[0]?.[0] : undefined
}

function routeOf(trip: Trip, schedule: Schedule): string {
  return trip.route || (schedule.routes.get(trip.planned) ?? '')
}
