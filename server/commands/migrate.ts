import { openDb } from '../../sql/db.ts'
import { migrate } from '../../sql/migrate.ts'
import type { Env } from '../env.ts'

/** Runs the migrations that have not run yet and says which. */
export async function migrateCommand(env: Env): Promise<void> {
  const db = await openDb(env)
  try {
    const ran = await migrate(db)
    process.stdout.write(
      ran.length === 0 ? 'The store is up to date.\n' : `Brought up to date: ${ran.join(', ')}.\n`,
    )
  } finally {
    await db.close()
  }
}
