import type { Db } from './db.ts'
import { readJurisdiction } from './reference.ts'

type Stream = 'case_events' | 'wait_times' | 'outcomes'

const streams = {
  case_events: { key: ['source', 'case_id', 'event_key'], time: 'time' },
  wait_times: { key: ['source', 'wait_id'], time: 'asked_at' },
  outcomes: { key: ['source', 'outcome_id'], time: 'at' },
} as const satisfies Record<Stream, { key: readonly string[]; time: string }>

/** A load whose rows are about to be visible; `started_at` is when it arrived. */
export type Arriving = {
  stream: Stream
  load_no: number
  started_at: string
  accepted: number
  duplicates: number
  corrected: number
  facts: number
}

/**
 * Notes how a load changes the number of rows of each day: the rows of `table` that are new, and those that are withdrawn or
 * moved to another day or service. Must run before the rows are among the facts; run again for the same load it does nothing.
 */
export async function noteArrivals(db: Db, load: Arriving, table: string): Promise<void> {
  const { stream, load_no, started_at, accepted, duplicates, corrected, facts } = load
  const noted = await db.query({
    query: 'SELECT 1 FROM arrivals WHERE load_no = {load_no: UInt32} LIMIT 1',
    query_params: { load_no },
    format: 'JSONEachRow',
  })
  if ((await noted.json()).length > 0) return
  // without corrections, nor rows that confirm what is held, no row has an earlier version to look up
  const allNew = corrected === 0 && (duplicates === 0 || facts === accepted)
  const rows = allNew
    ? `SELECT source, service, ${streams[stream].time} AS moment, toInt64(1) AS change FROM ${table} WHERE deleted = 0`
    : changes(stream, table)
  const { time_zone } = await readJurisdiction(db)
  await db.command({
    query: `INSERT INTO arrivals ${grouped(stream, `SELECT *, {load_no: UInt32} AS load_no, parseDateTimeBestEffort({started_at: String}, 'UTC') AS arrived_at FROM (${rows})`)}`,
    query_params: { load_no, started_at: started_at.slice(0, 19), zone: time_zone },
    clickhouse_settings: atOnce,
  })
}

/**
 * Counts all rows held anew, for days of another time zone. A row that was corrected arrived, as far as the facts can tell, with
 * its last version.
 */
export async function recountArrivals(db: Db, zone: string): Promise<void> {
  await db.command({ query: 'TRUNCATE TABLE arrivals' })
  for (const stream of Object.keys(streams) as Stream[])
    await db.command({
      query: `INSERT INTO arrivals ${grouped(
        stream,
        `SELECT source, service, ${streams[stream].time} AS moment, toInt64(1) AS change, load_no, arrived_at
         FROM ${stream} FINAL
         INNER JOIN (SELECT load_no, toDateTime(started_at) AS arrived_at FROM loads FINAL) AS l USING (load_no)`,
      )}`,
      query_params: { zone },
      clickhouse_settings: atOnce,
    })
}

const grouped = (stream: Stream, rows: string): string =>
  `SELECT source, '${stream}', service, toDate32(moment, {zone: String}) AS day, load_no, arrived_at,
     toUInt32(greatest(0, intDiv(toUnixTimestamp(arrived_at) - toInt64(toUnixTimestamp64Second(moment)), 3600))) AS waited_h,
     sum(change) AS rows, min(moment), max(moment)
   FROM (${rows}) GROUP BY source, service, day, load_no, arrived_at, waited_h HAVING rows != 0`

/** +1 for each row of the table, -1 for the version of it that is held, unless both count on the same day. */
function changes(stream: Stream, table: string): string {
  const { key, time } = streams[stream]
  const keys = key.join(', ')
  const held = `SELECT ${keys}, argMax(service, (version, load_no)) AS held_service, argMax(${time}, (version, load_no)) AS held_time,
      1 - argMax(deleted, (version, load_no)) AS held
    FROM ${stream} WHERE (source, ${key[1]}) IN (SELECT source, ${key[1]} FROM ${table}) GROUP BY ${keys}`
  return `SELECT source, each.1 AS service, each.2 AS moment, each.3 AS change FROM
    (SELECT source, each FROM (SELECT * FROM ${table} AS t LEFT JOIN (${held}) AS h USING (${keys}))
    ARRAY JOIN arrayConcat(
      if(deleted = 0, [(toString(service), ${time}, toInt64(1))], []),
      if(held = 1, [(toString(held_service), held_time, toInt64(-1))], [])) AS each
    WHERE NOT (held = 1 AND deleted = 0 AND service = held_service AND toDate32(${time}, {zone: String}) = toDate32(held_time, {zone: String})))`
}

/** One part, whole or not at all. */
const atOnce = {
  max_insert_threads: '1',
  min_insert_block_size_rows: '1000000000',
  min_insert_block_size_bytes: '10000000000',
} as const
