import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { deflateRawSync, gzipSync } from 'node:zlib'
import protobuf from 'protobufjs'
import { expect, test } from 'vitest'
import schema from './decoders/gtfs-realtime.proto?raw'
import { startOfServiceDay } from './decoders/gtfsSchedule.ts'
import { ingest } from './ingest.ts'
import { load } from './load.ts'
import { LoadError } from './loadError.ts'
import { loadMapping } from './mapping.ts'
import { realData, useStore, withRealData } from './testStore.ts'

const store = useStore()
const mapping = await loadMapping('gtfs-rt')

type Figures = Record<'n' | 'early' | 'on_time' | 'late' | 'mean_s' | 'median_s' | 'p90_s', number>
const figures = (by: string, source: string) =>
  store.rows<Figures & { route: string }>(
    `SELECT ${by} AS route, count() AS n, countIf(d < -60) AS early, countIf(d BETWEEN -60 AND 300) AS on_time, countIf(d > 300) AS late,
       avg(d) AS mean_s, quantileExactInclusive(0.5)(d) AS median_s, quantileExactInclusive(0.9)(d) AS p90_s
     FROM (SELECT team, wait_ms / 1000 AS d FROM current_waits WHERE source = {source: String} AND kind = 'delay' AND status = 'served')
     GROUP BY route ORDER BY route`,
    { source },
  )

withRealData('the delays of Kingston equal the golden figures, overall and by route', async () => {
  const expected = JSON.parse(await readFile(realData('golden/kpi-kingston-delays.json'), 'utf8')) as {
    counts: { stop_visits: number }
    overall: Figures
    by_route: Record<string, Figures>
  }
  const [result] = await ingest(store.db, realData('gtfs-kingston/tripupdates'), { mapping: 'gtfs-rt' })
  expect(result).toMatchObject({ source: 'transit', rejected: 0, duplicates: 0 })
  const skipped = await store.value(
    `SELECT count() FROM current_waits WHERE source = 'transit' AND status = 'skipped'`,
  )
  expect((result?.read ?? 0) - Number(skipped)).toBe(expected.counts.stop_visits)
  const close = (actual: Figures | undefined, golden: Figures) => {
    for (const [name, value] of Object.entries(golden))
      expect(
        Math.abs((actual?.[name as keyof Figures] ?? Number.NaN) - value),
        `${name} is not ${value}`,
      ).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(value)))
  }
  close((await figures("''", 'transit'))[0], expected.overall)
  const routes = await figures('team', 'transit')
  expect(routes.map(({ route }) => route).sort()).toEqual(Object.keys(expected.by_route).sort())
  for (const { route, ...row } of routes) close(row, expected.by_route[route] as Figures)
})

withRealData('the same snapshots in two loads, the later ones first, come to the same', async () => {
  const folder = realData('gtfs-kingston/tripupdates')
  const names = (await readdir(folder)).sort().slice(60, 100)
  const halves = [names.slice(20), names.slice(0, 20)]
  for (const [source, parts] of [
    ['split', halves],
    ['whole', [names]],
  ] as const)
    for (const [at, part] of parts.entries()) {
      const target = path.join(store.dir, `${source}-${at}`)
      await mkdir(target)
      for (const name of part)
        await writeFile(path.join(target, name), await readFile(path.join(folder, name)))
      await load(store.db, { file: target, mapping, source, zone: 'America/Toronto' })
    }
  const waits = (source: string) =>
    store.rows(
      'SELECT * EXCEPT (source) FROM current_waits WHERE source = {source: String} ORDER BY wait_id',
      { source },
    )
  expect(await waits('split')).toEqual(await waits('whole'))
})

const feedType = protobuf.parse(schema, { keepCase: true }).root.lookupType('transit_realtime.FeedMessage')
const snapshot = (timestamp: number, updates: object[]): Buffer =>
  Buffer.from(
    feedType
      .encode(
        feedType.fromObject({
          header: { gtfs_realtime_version: '2.0', timestamp },
          entity: updates.map((trip_update, id) => ({ id: `${id}`, trip_update })),
        }),
      )
      .finish(),
  )

/** A zip archive with these files, as small as the format allows. */
function zip(files: Record<string, string>): Buffer {
  const parts: Buffer[] = []
  const list: Buffer[] = []
  let offset = 0
  for (const [name, text] of Object.entries(files)) {
    const data = deflateRawSync(text)
    const shared = Buffer.alloc(26)
    shared.writeUInt16LE(8, 4)
    shared.writeUInt32LE(data.length, 14)
    shared.writeUInt32LE(text.length, 18)
    shared.writeUInt16LE(name.length, 22)
    const local = Buffer.concat([Buffer.from('504b0304', 'hex'), shared, Buffer.from(name), data])
    const entry = Buffer.alloc(46)
    entry.writeUInt32LE(0x02014b50, 0)
    shared.copy(entry, 6, 0, 24)
    entry.writeUInt32LE(offset, 42)
    list.push(Buffer.concat([entry, Buffer.from(name)]))
    parts.push(local)
    offset += local.length
  }
  const index = Buffer.concat(list)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(list.length, 10)
  end.writeUInt32LE(index.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...parts, index, end])
}

const gtfs = {
  'agency.txt': 'agency_id,agency_timezone\nA,America/Toronto\n',
  'trips.txt': 'route_id,service_id,trip_id\nR1,S,T1\nR2,S,T2\nR3,S,T3\n',
  'stop_times.txt': [
    '\uFEFFtrip_id,arrival_time,departure_time,stop_id,stop_sequence',
    'T1,23:50:00,23:50:30,a,1',
    '"T1",24:10:00,24:10:30,"b, main",2',
    'T1,25:10:00,25:10:00,c,3',
    'T1,25:20:00,25:20:00,d,4',
    'T2,08:00:00,08:00:00,a,1',
    'T2,08:30:00,08:30:00,b,2',
    'T3,09:00:00,09:00:00,a,1',
    '',
  ].join('\r\n'),
}

test('every way a stop visit can be told counts once and rightly', async () => {
  // the service day of 2026-01-15 in Toronto begins at 05:00 UTC
  const day = 1_768_453_200
  const at = (hours: number, minutes: number) => day + hours * 3600 + minutes * 60
  const trip = (trip_id: string, schedule_relationship = 0, more = {}) => ({
    trip: { trip_id, start_date: '20260115', schedule_relationship, ...more },
  })
  const folder = path.join(store.dir, 'ways')
  await mkdir(folder)
  await writeFile(path.join(folder, 'gtfs.zip'), zip(gtfs))
  const early = snapshot(at(24, 0), [
    // time wins over the delay beside it
    { ...trip('T1'), stop_time_update: [{ stop_sequence: 1, arrival: { time: at(23, 52), delay: 999 } }] },
    { ...trip('T3'), stop_time_update: [{ stop_sequence: 1, arrival: { time: at(9, 1) } }] },
    {
      ...trip('T2'),
      stop_time_update: [
        { stop_sequence: 1, arrival: { time: at(8, 3) } },
        { stop_sequence: 2, arrival: { time: at(24, 30) } },
      ],
    },
  ])
  const late = snapshot(at(25, 0), [
    {
      ...trip('T1'),
      stop_time_update: [
        // past midnight, and only the delay is told; the stop is known by its id
        { stop_id: 'b, main', departure: { delay: -90 } },
        { stop_sequence: 3, schedule_relationship: 1 },
        // still a prediction
        { stop_sequence: 4, arrival: { time: at(25, 25) } },
      ],
    },
    { ...trip('T3'), stop_time_update: [{ stop_sequence: 1, schedule_relationship: 2 }] },
    // one stop had been served before the rest of the trip was called off
    { ...trip('T2', 3) },
    // an additional vehicle on the timetable of T3
    { ...trip('T3#4711', 1), stop_time_update: [{ stop_sequence: 1, arrival: { time: at(9, 4) } }] },
    // no timetable at all: nothing to be late against
    { ...trip('T9', 2), stop_time_update: [{ stop_sequence: 1, arrival: { time: at(9, 4) } }] },
  ])
  await writeFile(path.join(folder, '2.pb'), early)
  await writeFile(path.join(folder, '1.pb.gz'), gzipSync(late))
  await load(store.db, { file: folder, mapping, source: 'ways' })
  const rows = await store.rows(
    `SELECT wait_id, toString(status) AS status, wait_ms / 1000 AS wait, toUnixTimestamp(asked_at) AS asked, team
     FROM current_waits WHERE source = 'ways' ORDER BY wait_id`,
  )
  expect(rows).toEqual([
    { wait_id: '20260115/T1/1', status: 'served', wait: 120, asked: at(23, 50), team: 'R1' },
    { wait_id: '20260115/T1/2', status: 'served', wait: -90, asked: at(24, 10) + 30, team: 'R1' },
    { wait_id: '20260115/T1/3', status: 'skipped', wait: null, asked: at(25, 10), team: 'R1' },
    { wait_id: '20260115/T2/1', status: 'served', wait: 180, asked: at(8, 0), team: 'R2' },
    { wait_id: '20260115/T2/2', status: 'cancelled', wait: null, asked: at(8, 30), team: 'R2' },
    { wait_id: '20260115/T3#4711/1', status: 'served', wait: 240, asked: at(9, 0), team: 'R3' },
    { wait_id: '20260115/T3/1', status: 'served', wait: 60, asked: at(9, 0), team: 'R3' },
  ])
})

test('on the day the clocks change the service day counts from noon', () => {
  const hours = (day: string) =>
    (startOfServiceDay(day, 'America/Toronto') ?? 0) / 3600 - Date.UTC(2026, 2, 8) / 3.6e6
  expect(hours('20260308')).toBe(4)
  expect(hours('20260309')).toBe(28)
  expect(startOfServiceDay('2026-03-08', 'UTC')).toBeUndefined()
})

const good = snapshot(1_768_500_000, [
  {
    trip: { trip_id: 'T1', start_date: '20260115' },
    stop_time_update: [{ stop_sequence: 1, arrival: { time: 1_768_499_000, delay: 0 } }],
  },
])
test.each([
  {
    what: 'a cut snapshot',
    name: 'cut.pb',
    bytes: good.subarray(0, -5),
    says: /cut\.pb is not a GTFS-Realtime feed, or it was cut off/,
  },
  {
    what: 'a lying length',
    name: 'lie.pb',
    bytes: Buffer.from('0affffffff0f0a', 'hex'),
    says: /lie\.pb is not a GTFS-Realtime feed/,
  },
  {
    what: 'groups nested without end',
    name: 'deep.pb',
    bytes: Buffer.alloc(2_000_000, 0x7b),
    says: /deep\.pb is not a GTFS-Realtime feed/,
  },
  {
    what: 'text',
    name: 'text.pb',
    bytes: Buffer.from('<html>not found</html>'),
    says: /text\.pb is not a GTFS-Realtime feed/,
  },
  {
    what: 'an exploding gzip',
    name: 'bomb.pb.gz',
    bytes: gzipSync(Buffer.alloc(70 * 2 ** 20)),
    says: /bomb\.pb\.gz unpacks to more than 64 MB/,
  },
  {
    what: 'a cut gzip',
    name: 'cut.pb.gz',
    bytes: gzipSync(good).subarray(0, 20),
    says: /cut\.pb\.gz is damaged or cut off/,
  },
  {
    what: 'a snapshot without a time',
    name: 'when.pb',
    bytes: snapshot(0, []),
    says: /when\.pb does not say when/,
  },
  {
    what: 'a snapshot without visits',
    name: 'none.pb',
    bytes: snapshot(1_768_500_000, []),
    says: /tells no visit/,
  },
])('$what is refused in one clear sentence and leaves nothing', async ({ name, bytes, says }) => {
  const folder = path.join(store.dir, `bad-${name}`)
  await mkdir(folder)
  await writeFile(path.join(folder, name), bytes)
  const failure: unknown = await load(store.db, { file: folder, mapping, source: name }).catch(
    (error) => error,
  )
  expect(failure).toBeInstanceOf(LoadError)
  expect((failure as LoadError).message).toMatch(says)
  expect(await store.value(`SELECT count() FROM wait_times WHERE source = '${name}'`)).toBe(0)
  expect(await store.leftOvers()).toEqual([])
})

test.each([
  { what: 'a cut archive', bytes: zip(gtfs).subarray(0, -30), says: /zip archive gtfs\.zip is damaged/ },
  {
    what: 'an archive without stop times',
    bytes: zip({ ...gtfs, 'stop_times.txt': '' }).fill('x', 0, 4),
    says: /damaged/,
  },
  {
    what: 'an exploding archive',
    bytes: zip({ ...gtfs, 'stop_times.txt': `${gtfs['stop_times.txt']}${'x'.repeat(99_999)}\n`.repeat(800) }),
    says: /more than 300 times/,
  },
  { what: 'a missing table', bytes: zip({ 'agency.txt': gtfs['agency.txt'] }), says: /has no trips\.txt/ },
])('a schedule that is $what is refused in one clear sentence', async ({ what, bytes, says }) => {
  const folder = path.join(store.dir, what)
  await mkdir(folder)
  await writeFile(path.join(folder, 'gtfs.zip'), bytes)
  await writeFile(path.join(folder, '1.pb'), good)
  await expect(load(store.db, { file: folder, mapping, source: what })).rejects.toThrow(says)
})
