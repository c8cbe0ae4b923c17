import { openDb } from '../../sql/db.ts'
import type { Env } from '../env.ts'
import { make } from './make.ts'

/** A process of its own makes a release: that is much to reckon, and the server goes on answering meanwhile. */
process.once('message', async (asked) => {
  const { env, id } = asked as { env: Env; id: string }
  const say = (answer: object) => new Promise((resolve) => process.send?.(answer, resolve))
  try {
    const db = await openDb(env)
    try {
      await say({ made: await make(db, id) })
    } finally {
      await db.close()
    }
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error))
    await say({ name, message })
  }
  process.disconnect()
})
