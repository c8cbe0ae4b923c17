import type { Config } from '../../sql/config.ts'
import { type Db, type DbEnv, openDb } from '../../sql/db.ts'
import { workApart } from '../apart.ts'
import type { ReportRequest } from './content.ts'
import { make } from './make.ts'
import { papers } from './papers.ts'

type Asked = { env: DbEnv; config: Config; address: string; request: ReportRequest; folder: string }

let store: { env: string; db: Promise<Db> } | undefined

/** The store of these settings, open as long as work comes for it. */
async function storeOf(env: DbEnv): Promise<Db> {
  const wanted = JSON.stringify(env)
  if (store?.env !== wanted) {
    const before = store
    store = { env: wanted, db: openDb(env) }
    await (await before?.db)?.close()
  }
  return store.db.catch((error: unknown) => {
    store = undefined
    throw error
  })
}

/** A process of its own makes reports, one after another: what one of them breaks is only its own. */
workApart(async ({ env, config, address, request, folder }: Asked) =>
  make({ db: await storeOf(env), config, address, paper: await papers(), alone: true }, request, folder),
)
