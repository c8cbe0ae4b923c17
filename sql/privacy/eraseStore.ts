import type { Db } from '../db.ts'
import { derive, madeOf } from '../derive.ts'
import { dropTables } from '../dropTables.ts'
import { readJurisdiction } from '../reference.ts'
import { rowsOf as ask } from '../rowsOf.ts'
import { tableLike } from '../tableLike.ts'
import { dropMarked, dropOldParts, dropRows, mutate } from './rewrite.ts'
import { type Subject, subjectHashSql } from './subjects.ts'
import type { Found } from './tombstones.ts'

/** The facts: the key of what is derived from them, the rest of their own key, and their moment. */
const streams = {
  case_events: { key: 'case_id', rest: ', event_key', time: 'time' },
  wait_times: { key: 'wait_id', rest: '', time: 'asked_at' },
  outcomes: { key: 'outcome_id', rest: '', time: 'at' },
} as const
type Stream = keyof typeof streams
const names = Object.keys(streams) as Stream[]

/** Words of people that may name a case of somebody: the id is taken out of them. */
const words = [
  ['outcomes', 'comment'],
  ['comments', 'comment'],
  ['annotations', 'text'],
  ['comment_readings', 'purpose'],
  ['release_log', 'reason'],
  ['loads', 'file_name'],
  ['loads', 'error'],
] as const

const who = 'erasing_subjects'
const gone = 'erasing_rows'
const isTheirs = `case_id IN (SELECT case_id FROM ${who}) AND (source, case_id) IN (SELECT source, case_id FROM ${who})`
/** Rows of the facts and of what is made of them; a wait belongs to the person in all its versions, also where one of them names no case. */
const rowsOf = (stream: Stream) => {
  const { key } = streams[stream]
  return stream === 'case_events'
    ? isTheirs
    : `(source, ${key}) IN (SELECT source, ${key} FROM ${stream} WHERE ${isTheirs})`
}
/** The words and values in a text: ids are told from longer ones that begin alike. */
const word = '[\\\\pL\\\\pN]+(?:[-_.][\\\\pL\\\\pN]+)*'
const wordsIn = (text: string) =>
  `arrayConcat(extractAll(${text}, '${word}'), arrayMap(each -> each.2, JSONExtractKeysAndValues(${text}, 'String')))`
/** What is no word, like 2026/17, may stand anywhere but within a word. */
const oddOnes = (what: 'case_id' | 'source') =>
  `SELECT groupUniqArray(concat('(^|[^\\\\pL\\\\pN])', regexpQuoteMeta(${what}), '($|[^\\\\pL\\\\pN])')) FROM ${who} WHERE NOT match(${what}, '^${word}$')`
const namesTheir = (what: 'case_id' | 'source', text: string) =>
  `(hasAny(${wordsIn(text)}, (SELECT groupUniqArray(${what}) FROM ${who})) OR arrayExists(odd -> match(${text}, odd), (${oddOnes(what)})))`
const namesThem = (text: string) => namesTheir('case_id', text)
/** Two sources may use the same ids: a row that was rejected is of the source of its load, or names another one. */
const isRejected = `${namesThem('raw')} AND (load_id IN (SELECT load_id FROM loads WHERE source IN (SELECT source FROM ${who})) OR ${namesTheir('source', 'raw')})`

const countOf = async (db: Db, table: string, condition: string): Promise<number> =>
  (await ask<{ n: number }>(db, `SELECT count() AS n FROM ${table} WHERE ${condition}`))[0]?.n ?? 0

/** Those of an erasure who are in the store, found by their hashes alone: as after a backup was restored that still has them. */
export const heldOf = (db: Db, key: string, erasure: string): Promise<Subject[]> => {
  const told = `SELECT toString(source) AS source, case_id FROM`
  const among = names.map((stream) => `${told} ${stream} WHERE case_id != '' GROUP BY source, case_id`)
  const rejected = `SELECT l.source AS source, arrayJoin(${wordsIn('raw')}) AS case_id FROM rejected_rows AS r INNER JOIN (SELECT load_id, toString(source) AS source FROM loads FINAL) AS l USING (load_id)`
  return ask<Subject>(
    db,
    `SELECT DISTINCT source, case_id FROM (${[...among, rejected].join(' UNION ALL ')})
     WHERE ${subjectHashSql(key, 'source', 'case_id')} IN (SELECT hash FROM erased_subjects WHERE erasure = {erasure: String})`,
    { erasure },
  )
}

/** From when to when the cases lived; null: they have not ended. Undefined when the store holds none of them. */
export type Life = { first: string; last: string | null }

/** Does the work while it is known in the store whom it is about. Only one process may do so at a time. */
async function about<T>(db: Db, subjects: readonly Subject[], work: () => Promise<T>): Promise<T> {
  // of a process that died: it needs tables that go now
  await db.command({
    query: `KILL MUTATION WHERE database = currentDatabase() AND NOT is_done AND command LIKE '%erasing\\_%' ASYNC`,
  })
  await dropTables(db, [who, gone])
  await db.command({
    query: `CREATE TABLE ${who} (source String, case_id String) ENGINE = MergeTree ORDER BY (source, case_id)`,
  })
  try {
    await db.insert({ table: who, values: [...subjects], format: 'JSONEachRow' })
    return await work()
  } finally {
    await dropTables(db, [who, gone])
  }
}

/** What the store holds of these people, by table, and how long their cases lived. */
export const searchStore = (db: Db, subjects: readonly Subject[]): Promise<{ found: Found; life?: Life }> =>
  about(db, subjects, async () => {
    const found: Found = {}
    for (const stream of names) {
      const facts = await countOf(db, stream, rowsOf(stream))
      const derived = await Promise.all(
        madeOf(stream).map(async (table) => [table, await countOf(db, table, rowsOf(stream))] as const),
      )
      Object.assign(found, { [stream]: facts }, Object.fromEntries(derived))
    }
    found.rejected_rows = await countOf(db, 'rejected_rows', isRejected)
    for (const [table, column] of words) {
      const rows = await countOf(db, table, namesThem(column))
      if (rows > 0) found[`${table}.${column}`] = rows
    }
    const [life] = await ask<{ first: string; last: string | null; n: number }>(
      db,
      `SELECT toString(toDate(min(started_at))) AS first, if(countIf(closed_at IS NULL) > 0, NULL, toString(toDate(max(last_event_at)))) AS last, count() AS n
       FROM cases WHERE ${isTheirs}`,
    )
    return life && life.n > 0 ? { found, life: { first: life.first, last: life.last } } : { found }
  })

/**
 * Takes people out of the store: their rows are withdrawn as a source would withdraw them, so that in one moment all figures are those of
 * a store that never had them; then what was withdrawn leaves the disk. Repeatable at any point. The caller holds the publish lock.
 */
export const eraseFromStore = (db: Db, erasure: string, subjects: readonly Subject[]): Promise<void> =>
  about(db, subjects, async () => {
    for (const stream of names) {
      if ((await countOf(db, stream, rowsOf(stream))) > 0) await eraseFacts(db, erasure, stream)
    }
    if ((await countOf(db, 'rejected_rows', isRejected)) > 0) {
      await dropRows(db, 'rejected_rows', isRejected)
      await dropOldParts(db, 'rejected_rows')
    }
    for (const [table, column] of words) {
      if ((await countOf(db, table, namesThem(column))) === 0) continue
      const without = `arrayFold((text, id) -> replaceAll(text, id, '[erased]'), (SELECT groupUniqArray(case_id) FROM ${who}), ${column})`
      await mutate(db, table, `UPDATE ${column} = ${without} WHERE ${namesThem(column)}`)
      await dropOldParts(db, table)
    }
  })

async function eraseFacts(db: Db, erasure: string, stream: Stream): Promise<void> {
  const { key, rest } = streams[stream]
  const run = (query: string, params: Record<string, unknown> = {}) =>
    db.command({ query, query_params: params })
  await dropTables(db, [gone])
  for (const query of tableLike(db, gone, stream, 'non_replicated_deduplication_window = 0')) await run(query)
  await run(`INSERT INTO ${gone} SELECT * REPLACE (version + 1 AS version, 1 AS deleted) FROM
    (SELECT * FROM ${stream} WHERE ${rowsOf(stream)} ORDER BY version DESC, load_no DESC LIMIT 1 BY source, ${key}${rest})`)
  await countGone(db, erasure, stream)
  await derive(db, { stream, stage: gone })
  await all([
    dropRows(db, stream, `(source, ${key}) IN (SELECT source, ${key} FROM ${gone})`).then(() =>
      dropOldParts(db, stream),
    ),
    ...madeOf(stream).map((table) => dropMarked(db, table).then(() => dropOldParts(db, table))),
  ])
}

/** Waits for all, also where one fails: what still runs needs the tables that go then. */
async function all(works: Promise<void>[]): Promise<void> {
  const settled = await Promise.allSettled(works)
  for (const each of settled) if (each.status === 'rejected') throw each.reason
}

/** Notes how many facts of each load go, and that so many rows of their days are no longer held. Each counts once, however often it is tried. */
async function countGone(db: Db, erasure: string, stream: Stream): Promise<void> {
  const { key, time } = streams[stream]
  const once = (what: string) => ({
    insert_deduplicate: 1 as const,
    insert_deduplication_token: `${what}-${erasure}-${stream}`,
    max_insert_threads: '1',
  })
  const held = `SELECT * FROM ${stream} FINAL WHERE (source, ${key}) IN (SELECT source, ${key} FROM ${gone})`
  const noted = await countOf(db, 'erased_facts', `erasure = '${erasure}' AND stream = '${stream}'`)
  if (noted === 0)
    await db.command({
      query: `INSERT INTO erased_facts (erasure, stream, load_no, facts) SELECT {erasure: String}, '${stream}', load_no, count() FROM (${held}) GROUP BY load_no`,
      query_params: { erasure },
    })
  await db.command({
    query: `INSERT INTO arrivals (source, stream, service, day, load_no, arrived_at, history, waited_h, rows, first_time, last_time)
      SELECT source, '${stream}', service, day, load_no, arrived_at, history, if(history, 0, waited) AS waited_h, -count() AS rows, min(moment), max(moment)
      FROM
      (
        SELECT source, service, load_no, ${time} AS moment, a.arrived_at AS arrived_at, a.history AS history,
          toDate32(moment, {zone: String}) AS day,
          toUInt32(greatest(0, intDiv(toInt64(toUnixTimestamp(arrived_at)) - toInt64(floor(toUnixTimestamp64Micro(moment) / 900000000)) * 900, 3600))) AS waited
        FROM (${held}) AS f
        INNER JOIN (SELECT load_no, any(arrived_at) AS arrived_at, any(history) AS history FROM arrivals WHERE stream = '${stream}' GROUP BY load_no) AS a USING (load_no)
      )
      GROUP BY source, service, day, load_no, arrived_at, history, waited_h`,
    query_params: { zone: (await readJurisdiction(db)).time_zone },
    clickhouse_settings: once('arrivals'),
  })
}

/** Entries of the audit that one deed of emptying names. */
const mostEntries = 1_000
/** Two sources may use the same ids: where an entry tells the source, it is that one's case. */
const isOpened = `salt != '' AND if(JSONExtractString(detail, 'source') = '', ${namesThem('object')}, (JSONExtractString(detail, 'source'), object) IN (SELECT source, case_id FROM ${who}))`

/**
 * Empties what the audit tells such people's cases by; that it was opened, by whom and when stays. The chain knows only the seal of a case, so it
 * stays whole. `note` writes first which entries are emptied, as the audit's own check demands. Repeatable. Resolves with the number of entries.
 */
export const emptyAudit = (
  db: Db,
  subjects: readonly Subject[],
  note: (entries: string[]) => Promise<void>,
): Promise<number> =>
  about(db, subjects, async () => {
    const rows = await ask<{ entry: string }>(
      db,
      `SELECT concat(chain, ':', toString(no)) AS entry FROM audit WHERE ${isOpened} ORDER BY at, chain, no`,
    )
    if (rows.length === 0) return 0
    const entries = rows.map(({ entry }) => entry)
    for (let from = 0; from < entries.length; from += mostEntries)
      await note(entries.slice(from, from + mostEntries))
    await mutate(db, 'audit', `UPDATE object = '', salt = '' WHERE ${isOpened}`)
    await dropOldParts(db, 'audit')
    return entries.length
  })
