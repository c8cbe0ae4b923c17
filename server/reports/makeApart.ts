import type { Config } from '../../sql/config.ts'
import { openDb } from '../../sql/db.ts'
import { UnknownIdError } from '../../sql/errors.ts'
import type { Env } from '../env.ts'
import type { ReportRequest } from './content.ts'
import { make } from './make.ts'
import { papers } from './papers.ts'

type Asked = { env: Env; config: Config; address: string; request: ReportRequest; folder: string }

/** A process of its own makes one report and ends: what it used is given back, and what it breaks is only its own. */
process.once('message', async (asked) => {
  const { env, config, address, request, folder } = asked as Asked
  const say = (answer: object) => new Promise((resolve) => process.send?.(answer, resolve))
  // nobody waits any more
  process.once('disconnect', () => process.exit(1))
  try {
    const db = await openDb(env)
    try {
      await say({ made: await make({ db, config, address, paper: await papers() }, request, folder) })
    } finally {
      await db.close()
    }
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error))
    await say({ name: error instanceof UnknownIdError ? 'UnknownIdError' : name, message })
  }
  process.exit(0)
})
