import type { Db } from '../../sql/db.ts'
import type { Finding } from './finding.ts'

const facts: readonly string[] = ['case_events', 'wait_times', 'outcomes']
/** Made of the facts, so they can be made again. */
const derived =
  /^(cases|stage_visits|open_visits|current_\w+|daily_\w+|weekly_(visits|moves|ends)|monthly_hours|comments)$/

/** Parts of tables whose bytes are not as they were written, and parts the engine has set aside by itself. Reads all that is held once. */
export async function damagedParts(db: Db): Promise<Finding[]> {
  const ask = async <Row>(query: string, query_params: Record<string, unknown> = {}) =>
    (await db.query({ query, query_params, format: 'JSONEachRow' })).json<Row>()
  const tables = await ask<{ name: string }>(
    `SELECT name FROM system.tables WHERE database = currentDatabase() AND engine LIKE '%MergeTree' ORDER BY name`,
  )
  const findings: Finding[] = []
  for (const { name } of tables) {
    const parts = await checkTable(db, name)
    for (const { part_path: part, message } of parts.filter(({ is_passed }) => !is_passed)) {
      const [about] = await ask<{ rows: number }>(
        'SELECT rows FROM system.parts WHERE database = currentDatabase() AND table = {name: String} AND name = {part: String}',
        { name, part },
      )
      const rows = about ? ` with ${about.rows.toLocaleString('en')} rows` : ''
      const why = message.replace(/\s+/g, ' ').slice(0, 200)
      findings.push({
        subject: `table ${name}`,
        problem: `its part ${part || 'unknown'}${rows} is damaged (${why})${await loadsIn(name, part)}`,
        remedy: remedyFor(name),
      })
    }
  }
  const aside = await ask<{ table: string; name: string; reason: string }>(
    `SELECT table, name, reason FROM system.detached_parts WHERE database = currentDatabase() AND reason LIKE 'broken%' ORDER BY table, name`,
  )
  for (const { table, name, reason } of aside)
    findings.push({
      subject: `table ${table}`,
      problem: `the engine has set its part ${name} aside as ${reason}: its rows are lost`,
      remedy: remedyFor(table),
    })
  return findings

  /** The loads whose rows lie in a part; empty where that cannot be read either. */
  async function loadsIn(table: string, part: string): Promise<string> {
    if (!facts.includes(table) || part === '') return ''
    const found = await ask<{ file: string }>(
      `SELECT DISTINCT file_name AS file FROM loads FINAL
       WHERE load_no IN (SELECT load_no FROM ${table} WHERE _part = {part: String}) ORDER BY file LIMIT 20`,
      { part },
    ).catch(() => [])
    return found.length > 0 ? `; its rows came from ${found.map(({ file }) => file).join(', ')}` : ''
  }
}

const remedyFor = (table: string): string =>
  derived.test(table)
    ? 'Derive it anew: clearway check --mend.'
    : 'Restore the last backup; what was loaded after it can be loaded again.'

type Part = { part_path: string; is_passed: number; message: string }

/** Out of time, memory or turns, or cancelled. */
const notNow = ['159', '241', '202', '394']

/** What the engine says of each part; where it cannot even say that, it is told as one. Throws when the engine is away or has no time. */
async function checkTable(db: Db, table: string): Promise<Part[]> {
  try {
    const result = await db.query({
      query: `CHECK TABLE ${table}`,
      format: 'JSONEachRow',
      clickhouse_settings: { check_query_single_value_result: 0 },
    })
    return await result.json<Part>()
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (!/^\d+$/.test(code) || notNow.includes(code)) throw error
    return [{ part_path: '', is_passed: 0, message: error instanceof Error ? error.message : String(error) }]
  }
}
