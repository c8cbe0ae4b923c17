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
  load_id: string
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
  const { stream, load_id, load_no, started_at, accepted, duplicates, corrected, facts } = load
  const noted = await db.query({
    query: 'SELECT 1 FROM arrivals WHERE load_no = {load_no: UInt32} LIMIT 1',
    query_params: { load_no },
    format: 'JSONEachRow',
  })
  if ((await noted.json()).length > 0) return
  // without corrections, nor rows that confirm what is held, no row has an earlier version to look up
  const allNew = corrected === 0 && (duplicates === 0 || facts === accepted)
  const rows = allNew
    ? `SELECT source, service, load_no, ${streams[stream].time} AS moment, toInt64(1) AS change FROM ${table} WHERE deleted = 0`
    : changes(stream, table)
  const { time_zone } = await readJurisdiction(db)
  // the token: the engine may still be busy with this insert of a process that died
  await db.command({
    query: fill(stream, rows, "parseDateTimeBestEffort({started_at: String}, 'UTC')"),
    query_params: { load_no, started_at, zone: time_zone },
    clickhouse_settings: {
      ...atOnce,
      insert_deduplicate: 1,
      insert_deduplication_token: `arrivals-${load_id}-${load_no}`,
    },
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
      query: fill(
        stream,
        `SELECT source, service, load_no, ${streams[stream].time} AS moment, toInt64(1) AS change FROM ${stream} FINAL`,
        'toDateTime(started_at)',
        'INNER JOIN (SELECT load_no, started_at FROM loads FINAL) AS l USING (load_no)',
      ),
      query_params: { zone },
      clickhouse_settings: { ...atOnce, insert_deduplicate: 0 },
    })
}

/** From rows to their counts: first by quarters of an hour, so that zone and age are worked out once for many rows. */
const fill = (stream: Stream, rows: string, arrivedAt: string, join = ''): string =>
  `INSERT INTO arrivals (source, stream, service, day, load_no, arrived_at, history, waited_h, rows, first_time, last_time)
   SELECT source, '${stream}', service, day, load_no, arrived_at, history, if(history, 0, waited) AS waited_h, sum(change) AS rows, min(first), max(last)
   FROM
   (
     SELECT
       source, service, load_no, change, first, last, ${arrivedAt} AS arrived_at,
       toDate32(fromUnixTimestamp64Micro(quarter * 900000000, 'UTC'), {zone: String}) AS day,
       toUInt32(greatest(0, intDiv(toInt64(toUnixTimestamp(arrived_at)) - quarter * 900, 3600))) AS waited,
       uniqExact(day) OVER (PARTITION BY source, load_no) > 30 AS history
     FROM
     (
       SELECT source, service, load_no, toInt64(floor(toUnixTimestamp64Micro(moment) / 900000000)) AS quarter, sum(change) AS change, min(moment) AS first, max(moment) AS last
       FROM (${rows}) GROUP BY source, service, load_no, quarter
     ) AS quarters ${join}
   )
   GROUP BY source, service, day, load_no, arrived_at, history, waited_h
   HAVING rows != 0
   ORDER BY ALL`

/** +1 for each row of the table, -1 for the version of it that is held, unless both count on the same day. */
function changes(stream: Stream, table: string): string {
  const { key, time } = streams[stream]
  const keys = key.join(', ')
  const held = `SELECT ${keys}, argMax(service, (version, load_no)) AS held_service, argMax(${time}, (version, load_no)) AS held_time,
      1 - argMax(deleted, (version, load_no)) AS held
    FROM ${stream} WHERE (${keys}) IN (SELECT ${keys} FROM ${table}) GROUP BY ${keys}`
  return `SELECT source, {load_no: UInt32} AS load_no, each.1 AS service, each.2 AS moment, each.3 AS change FROM
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
