import { openDb } from '../../sql/db.ts'
import { workApart } from '../apart.ts'
import type { Env } from '../env.ts'
import { make } from './make.ts'

/** A process of its own makes a release: that is much to reckon, and the server goes on answering meanwhile. */
workApart(async ({ env, id }: { env: Env; id: string }) => {
  const db = await openDb(env)
  try {
    return await make(db, id)
  } finally {
    await db.close()
  }
})
