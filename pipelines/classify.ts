import type { Db } from '../sql/db.ts'
import { dropTables } from '../sql/dropTables.ts'
import { factTables } from './facts.ts'
import { likeFacts, loadTables, madeSeq } from './plan.ts'
import { literal } from './sqlText.ts'
import type { StreamName } from './streams.ts'

/** What became of the rows that broke no rule, counted in rows of the source. */
export type Verdict = {
  accepted: number
  duplicates: number
  /** The part of `accepted` that replaced an earlier version with other content. */
  corrected: number
  /** The table whose rows are to be published; empty when there is nothing new. */
  table: string
}

export type ClassifyOptions = { loadId: string; stream: StreamName; ownSeq: boolean; wide: boolean }

/** Where the judged rows of one pass are kept. */
export const judgedTable = (loadId: string): string => `judged_${loadId}`

const rowsPerPass = 1_000_000
const mostSources = 1_000

/**
 * Compares the stage with the facts held and says of every source row whether it is new, a correction or a duplicate. The usual
 * first load of a source without repeated keys is told by two cheap questions; else the rows to publish are written to a table
 * of their own. The caller holds the publish lock, so the facts stand still.
 */
export async function classify(db: Db, options: ClassifyOptions): Promise<Verdict> {
  const { loadId, stream, wide } = options
  const { stage, fresh } = loadTables(loadId)
  const { key } = factTables[stream]
  const unit = wide ? `countIf(seq % ${madeSeq.eventsPerRow} = 0)` : 'count()'
  const { rows, sources } = await one<{ rows: number; sources: string[] }>(
    db,
    `SELECT ${unit} AS rows, groupUniqArray(${mostSources})(toString(source)) AS sources FROM ${stage}`,
  )
  if (rows === 0) return { accepted: 0, duplicates: 0, corrected: 0, table: '' }
  const held = await one<{ held: number }>(
    db,
    `SELECT count() AS held FROM (SELECT 1 FROM ${stream} WHERE source IN (${sources.map(literal).join(', ')}) LIMIT 1)`,
  )
  if (held.held === 0 && sources.length < mostSources) {
    const { repeated } = await one<{ repeated: number }>(
      db,
      `SELECT count() AS repeated FROM (SELECT 1 FROM ${stage} GROUP BY ${key.join(', ')} HAVING count() > 1 LIMIT 1)
       SETTINGS optimize_aggregation_in_order = 1`,
    )
    if (repeated === 0) return { accepted: rows, duplicates: 0, corrected: 0, table: stage }
  }
  const judged = judgedTable(loadId)
  await dropTables(db, [judged, fresh])
  for (const query of likeFacts(db, fresh, stream)) await db.command({ query })
  const passes = Math.ceil(rows / rowsPerPass)
  const sum = { accepted: 0, duplicates: 0, corrected: 0, published: 0 }
  const columns = factTables[stream].columns.join(', ')
  // a wide row is accepted when any of its events is
  const byRow = wide ? `GROUP BY source, case_id, intDiv(seq, ${madeSeq.eventsPerRow})` : ''
  for (let pass = 0; pass < passes; pass++) {
    const judging = judge(options, passes === 1 ? '1' : `cityHash64(${key[1]}) % ${passes} = ${pass}`)
    await db.command({
      query: `CREATE TABLE ${judged} ENGINE = MergeTree ORDER BY tuple() AS SELECT ${columns}, verdict, publish FROM (${judging})`,
    })
    const counts = await one<{ accepted: number; duplicates: number; corrected: number; published: number }>(
      db,
      `SELECT countIf(v > 0) AS accepted, countIf(v = 0) AS duplicates, countIf(v = 2) AS corrected, sum(p) AS published
       FROM (SELECT ${wide ? 'max(verdict)' : 'verdict'} AS v, ${wide ? 'sum(toUInt64(publish))' : 'publish'} AS p FROM ${judged} ${byRow})`,
    )
    for (const name of ['accepted', 'duplicates', 'corrected', 'published'] as const)
      sum[name] += counts[name]
    if (counts.published > 0)
      await db.command({
        query: `INSERT INTO ${fresh} (${columns}) SELECT ${columns} FROM ${judged} WHERE publish`,
      })
    await dropTables(db, [judged])
  }
  return {
    accepted: sum.accepted,
    duplicates: sum.duplicates,
    corrected: sum.corrected,
    table: sum.published > 0 ? fresh : '',
  }
}

/**
 * The stage's rows with `verdict` (0 duplicate, 1 new, 2 correction) and `publish`. The versions of a key stand in order of version
 * and line; each is compared with the one before it, the first of them with the version held. Only the last one is published: when
 * something changed, or when the source has confirmed the same content at a later time (an older version that arrives afterwards
 * must not win).
 */
function judge({ loadId, stream, ownSeq }: ClassifyOptions, only: string): string {
  const { stage } = loadTables(loadId)
  const { key, columns, content, time } = factTables[stream]
  const isEvents = stream === 'case_events'
  const keys = key.join(', ')
  const same = [...content, ...(isEvents ? [`if(seq < ${madeSeq.from}, seq, 0)`] : [])]
  // one withdrawal is like another, whatever else it says
  const contentHash = `if(deleted = 1, toUInt64(1), cityHash64(tuple(${same.join(', ')})))`
  const inFile = isEvents && !ownSeq ? 'seq' : 'block_, offset_'
  const order = `version, ${inFile}`
  // rows of one key keep the order in which their chunks were inserted
  const place = `toUInt64(splitByChar('_', _part)[2]) AS block_, _part_offset AS offset_`
  const rest = columns.filter((column) => column !== 'event_key').join(', ')
  // an event without an id: the second one with the same activity, lifecycle and time in a case is an event of its own
  const staged = isEvents
    ? `SELECT ${rest}, block_, offset_, if(bitAnd(base_key, 1) = 1 OR repetition = 1, base_key, bitAnd(cityHash64(base_key, repetition), bitNot(toUInt64(1)))) AS event_key FROM
       (SELECT ${rest}, block_, offset_, event_key AS base_key, row_number() OVER (PARTITION BY source, case_id, event_key ORDER BY ${inFile}) AS repetition
        FROM (SELECT *, ${place} FROM ${stage} WHERE ${only}))`
    : `SELECT *, ${place} FROM ${stage} WHERE ${only}`
  // versions are told by the keys alone; what they hold is read only where a key is known already
  const held = `SELECT ${keys}, max(version) AS held_version, argMax(${contentHash}, (version, load_no)) AS held_content, argMax(${time}, (version, load_no)) AS held_time
    FROM (SELECT ${[...new Set([...key, ...content, ...(isEvents ? ['seq'] : []), time, 'deleted', 'version', 'load_no'])].join(', ')} FROM ${stream}
      PREWHERE ${key[1]} IN (SELECT ${key[1]} FROM ${stage} WHERE ${only}) AND (${keys}) IN (SELECT ${keys} FROM (${staged})))
    GROUP BY ${keys}`
  // a withdrawal that names no time stays in the month of the row it withdraws
  const dated = `if(deleted = 1 AND held_version > 0 AND toUnixTimestamp(${time}) = 0, held_time, ${time}) AS ${time}`
  return `
    SELECT * REPLACE (${dated}),
      version < held_version AS older,
      if(before_version < held_version, held_content, before_content) AS earlier_content,
      held_version > 0 OR before_version > 0 AS has_earlier,
      multiIf(older, 0, has_earlier AND earlier_content = content_hash, 0, has_earlier, 2, 1) AS verdict,
      max(verdict) OVER (PARTITION BY ${keys}) AS best,
      place = versions AND NOT older AND (best > 0 OR (version > held_version AND version > 100000000000)) AS publish
    FROM
    (
      SELECT staged.*, held_version, held_content, held_time, ${contentHash} AS content_hash,
        lagInFrame(version, 1, toUInt64(0)) OVER w AS before_version,
        lagInFrame(content_hash, 1, toUInt64(0)) OVER w AS before_content,
        row_number() OVER w AS place,
        count() OVER (PARTITION BY ${keys}) AS versions
      FROM (${staged}) AS staged LEFT JOIN (${held}) AS held USING (${keys})
      WINDOW w AS (PARTITION BY ${keys} ORDER BY ${order} ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
    )`
}

async function one<Row>(db: Db, query: string): Promise<Row> {
  const rows = await (await db.query({ query, format: 'JSONEachRow' })).json<Row>()
  if (rows[0] === undefined) throw new Error('The engine gave no row for a count.')
  return rows[0]
}
