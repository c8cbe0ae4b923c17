import { createHmac, randomBytes } from 'node:crypto'
import { open, readFile } from 'node:fs/promises'
import path from 'node:path'
import type { Db } from '../../sql/db.ts'
import { hmacSql } from '../../sql/privacy/subjects.ts'
import { keyFile } from '../keyFile.ts'
import { withLock } from '../lock.ts'
import { literal, literals } from '../sqlText.ts'

/**
 * Ids of cases can lead to people. Of the sources that the configuration names an id is stored as a keyed hash: `p`, the version of the
 * key, and 128 bits of HMAC-SHA-256 of source and id. The same case has the same pseudonym in every load and every stream.
 */
const name = 'pseudonyms.key'
const shape = '^p[0-9]+_[0-9a-f]{32}$'

/** The keys in hex, the oldest first; with the last one new cases are named. It belongs to the backups: without it a case is not known again. */
async function pseudonymKeys(dataDir: string): Promise<string[]> {
  const text = await keyFile(dataDir, name, 32)
  return text.split('\n').filter((line) => line !== '')
}

/** From now on new cases are named with a new key; those that are known keep their pseudonym. Gives the version of the key. */
export const rotatePseudonyms = (dataDir: string): Promise<number> =>
  withLock(path.join(dataDir, 'locks'), 'pseudonyms', async () => {
    const keys = await pseudonymKeys(dataDir)
    const file = await open(path.join(dataDir, name), 'a')
    try {
      await file.writeFile(`\n${randomBytes(32).toString('hex')}`)
      await file.sync()
    } finally {
      await file.close()
    }
    return keys.length + 1
  })

/** Every name under which a case may be stored: its id, and its pseudonym by every key. */
export async function namesOfCase(dataDir: string, source: string, caseId: string): Promise<string[]> {
  const held = await readFile(path.join(dataDir, name), 'utf8').catch(() => '')
  const keys = held === '' ? [] : await pseudonymKeys(dataDir)
  const hashed = keys.map((key, at) => {
    const hash = createHmac('sha256', Buffer.from(key, 'hex')).update(`${source}\0${caseId}`).digest('hex')
    return `p${at + 1}_${hash.slice(0, 32)}`
  })
  return [caseId, ...hashed]
}

/** What a load needs to name cases: of which sources (an empty one is all of them), and under which earlier names they may be known. */
export type Naming = { sources: string[]; keys: string[]; knowsIds: boolean }

/** Undefined when all sources keep their ids. */
export async function namingOf(db: Db): Promise<Naming | undefined> {
  const ask = async <Row>(query: string, query_params = {}) =>
    (await db.query({ query, query_params, format: 'JSONEachRow' })).json<Row>()
  const rows = await ask<{ source: string }>('SELECT source FROM pseudonymous_sources')
  if (rows.length === 0) return undefined
  const sources = rows.map(({ source }) => source)
  const known = await ask(
    `SELECT 1 FROM cases WHERE (has({sources: Array(String)}, '') OR has({sources: Array(String)}, source)) AND NOT match(case_id, '${shape}') LIMIT 1`,
    { sources },
  )
  return { sources, keys: await pseudonymKeys(db.dataDir), knowsIds: known.length > 0 }
}

/** What stands in the column case_id for a row of `source` about `caseId`. */
export function caseNameSql({ sources, keys, knowsIds }: Naming, source: string, caseId: string): string {
  const hashed = keys.map(
    (key, at) =>
      `concat('p${at + 1}_', substring(${hmacSql(key, `concat(${source}, char(0), ${caseId})`)}, 1, 32))`,
  )
  const latest = hashed.at(-1) ?? caseId
  const earlier = [
    ...(knowsIds ? [{ named: caseId, like: '' }] : []),
    ...hashed.slice(0, -1).map((named, at) => ({ named, like: `p${at + 1}_` })),
  ]
  const conditions = earlier.flatMap(({ named, like }) => [
    `(${source}, ${named}) IN (${heldLike(like)})`,
    named,
  ])
  const chosen = conditions.length > 0 ? `multiIf(${conditions.join(', ')}, ${latest})` : latest
  const isNamed = sources.includes('') ? '1' : `${source} IN ${literals(sources)}`
  return `if(${isNamed} AND ${caseId} != '', ${chosen}, ${caseId})`
}

const heldLike = (begin: string) =>
  ['cases', 'wait_times', 'outcomes']
    .map(
      (table) =>
        `SELECT toString(source), case_id FROM ${table} WHERE startsWith(case_id, ${literal(begin)}) AND case_id != ''`,
    )
    .join(' UNION DISTINCT ')
