import type { Config } from '../../sql/config.ts'
import { openDb } from '../../sql/db.ts'
import { workApart } from '../apart.ts'
import type { Env } from '../env.ts'
import type { ReportRequest } from './content.ts'
import { make } from './make.ts'
import { papers } from './papers.ts'

type Asked = { env: Env; config: Config; address: string; request: ReportRequest; folder: string }

/** A process of its own makes one report and ends: what it used is given back, and what it breaks is only its own. */
workApart(async ({ env, config, address, request, folder }: Asked) => {
  const db = await openDb(env)
  try {
    return await make({ db, config, address, paper: await papers() }, request, folder)
  } finally {
    await db.close()
  }
})
