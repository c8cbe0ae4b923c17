import { join } from 'node:path'
import type { Db } from './db.ts'
import { pathsOf } from './engine/files.ts'

/** Where the embedded engine writes copies of tables, and reads them back from. */
export const copiesFolder = (dataDir: string): string => pathsOf(dataDir).backups

/**
 * Copies all tables, part by part as they lie on the disk, into a folder of `copiesFolder`. Each table is as it stands at one instant; that they
 * fit each other is for the caller, who holds the locks of those who write. What a load makes for itself stays away: it begins anew.
 */
export async function copyTables(db: Db, folder: string): Promise<void> {
  await applyMarks(db)
  const tables = await names(
    db,
    `SELECT name FROM system.tables
     WHERE database = currentDatabase() AND NOT match(name, '_[0-9a-f]{16}$|_next$|^_tmp_') ORDER BY name`,
  )
  const all = tables.map((name) => `TABLE ${db.database}.${name}`).join(', ')
  await db.command({ query: `BACKUP ${all} TO File('${fileName(folder)}')` })
}

/** Marks of rows that are gone lie in parts of their own, which the engine copies for nobody: without this those rows would come back. */
async function applyMarks(db: Db): Promise<void> {
  const marked = await names(
    db,
    `SELECT DISTINCT table AS name FROM system.parts
     WHERE database = currentDatabase() AND active AND startsWith(system.parts.name, 'patch-')`,
  )
  for (const table of marked)
    await db.command({
      query: `ALTER TABLE ${table} APPLY PATCHES`,
      clickhouse_settings: { mutations_sync: '1' },
    })
}

async function names(db: Db, query: string): Promise<string[]> {
  return (await (await db.query({ query, format: 'JSONEachRow' })).json<{ name: string }>()).map(
    ({ name }) => name,
  )
}

/** Puts copied tables into a store that has none. */
export async function takeTables(db: Db, folder: string): Promise<void> {
  await db.command({ query: `RESTORE ALL FROM File('${fileName(folder)}')` })
}

/** How large the engine's own folder is, as far as its tables go, in bytes. */
export async function bytesOfTables(db: Db): Promise<number> {
  const result = await db.query({
    query:
      'SELECT sum(bytes_on_disk) AS bytes FROM system.parts WHERE active AND database = currentDatabase()',
    format: 'JSONEachRow',
  })
  return (await result.json<{ bytes: number }>())[0]?.bytes ?? 0
}

function fileName(name: string): string {
  if (/^[\w-]+$/.test(name)) return name
  throw new Error(`"${name}" is no name of a folder of copies.`)
}

/** The folder itself. */
export const copiesIn = (dataDir: string, folder: string): string =>
  join(copiesFolder(dataDir), fileName(folder))
