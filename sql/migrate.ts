import { createHash } from 'node:crypto'
import type { Db } from './db.ts'

const files = import.meta.glob<string>('./migrations/*.sql', {
  query: '?raw',
  import: 'default',
  eager: true,
})

/** A migration's name and its text, in the order they run. */
export type Migration = { name: string; sql: string }

export const migrations: readonly Migration[] = Object.entries(files)
  .map(([path, sql]) => ({ name: path.replace('./migrations/', ''), sql }))
  .sort((a, b) => a.name.localeCompare(b.name, 'en'))

/** The statements of a migration, without the comment lines. */
export const statements = (sql: string): string[] =>
  sql
    .replace(/^\s*--.*$/gm, '')
    .split(/;[ \t]*(?:\n|$)/)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '')

const checksum = (sql: string) => createHash('sha256').update(sql).digest('hex')

export class MigrationError extends Error {
  override name = 'MigrationError'
}

async function applied(db: Db): Promise<{ name: string; checksum: string }[]> {
  const query = 'SELECT name, checksum FROM migrations FINAL ORDER BY name'
  return (await db.query({ query, format: 'JSONEachRow' })).json()
}

/** The migrations that have run in a store, in order. */
export const doneMigrations = async (db: Db): Promise<string[]> => (await applied(db)).map(({ name }) => name)

/**
 * Runs every migration that has not run yet, in order; statements are repeatable, so a run that was interrupted
 * is simply run again. Throws MigrationError when a migration that has run was changed or is missing.
 * Returns the names that ran now.
 */
export async function migrate(db: Db, wanted: readonly Migration[] = migrations): Promise<string[]> {
  await db.command({
    query: `CREATE TABLE IF NOT EXISTS migrations (name String, checksum String, applied_at DateTime64(3, 'UTC') DEFAULT now64(3))
            ENGINE = ReplacingMergeTree(applied_at) ORDER BY name`,
  })
  const done = new Map((await applied(db)).map((row) => [row.name, row.checksum]))
  for (const [name, sum] of done) {
    const file = wanted.find((migration) => migration.name === name)
    if (!file)
      throw new MigrationError(
        `The store was made by a newer version: migration ${name} is not in this one. Update Clearway.`,
      )
    if (checksum(file.sql) !== sum)
      throw new MigrationError(
        `Migration ${name} was changed after it ran. Put its old text back and write the change as a new migration.`,
      )
  }
  const ran: string[] = []
  for (const { name, sql } of wanted) {
    if (done.has(name)) continue
    for (const query of statements(sql)) await db.command({ query })
    await db.insert({
      table: 'migrations',
      values: [{ name, checksum: checksum(sql) }],
      format: 'JSONEachRow',
    })
    ran.push(name)
  }
  return ran
}
