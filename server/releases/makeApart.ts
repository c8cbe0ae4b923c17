import { type DbEnv, openDb } from '../../sql/db.ts'
import { workApart } from '../apart.ts'
import { make } from './make.ts'

/** A process of its own makes a release: that is much to reckon, and the server goes on answering meanwhile. */
workApart(async ({ env, id }: { env: DbEnv; id: string }) => {
  const db = await openDb(env)
  try {
    return await make(db, id)
  } finally {
    await db.close()
  }
})
